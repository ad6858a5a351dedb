import { beforeEach, expect, test, vi } from "vitest";
import { type OpeningNews, watchOpenings } from "./openings";

class Source extends EventTarget {
  static made: Source[] = [];
  closed = false;
  constructor(readonly url: string) {
    super();
    Source.made.push(this);
  }
  close(): void {
    this.closed = true;
  }
  say(event: string, data = ""): void {
    this.dispatchEvent(new MessageEvent(event, { data }));
  }
}

beforeEach(() => {
  Source.made = [];
  vi.stubGlobal("EventSource", Source);
});

test("calendar and form hear the same news over one connection", () => {
  const [calendar, form]: OpeningNews[][] = [[], []];
  const stops = [calendar, form].map((heard) => watchOpenings("osei", (n) => heard?.push(n)));
  const [source, ...others] = Source.made;
  source?.say("taken", '{"slotId":"7"}');
  source?.say("resync", "{}");
  expect(source?.url).toBe("/api/v1/doctors/osei/slots/stream");
  expect(others).toEqual([]);
  expect(calendar).toEqual([{ event: "taken", slotId: "7" }, { event: "resync" }]);
  expect(form).toEqual(calendar);
  for (const stop of stops) stop();
});

test("the connection ends with the last who listens, and begins anew for the next", () => {
  const stopCalendar = watchOpenings("osei", () => {});
  const stopForm = watchOpenings("osei", () => {});
  stopForm();
  expect(Source.made.map((source) => source.closed)).toEqual([false]);
  stopCalendar();
  expect(Source.made.map((source) => source.closed)).toEqual([true]);
  watchOpenings("osei", () => {})();
  expect(Source.made.length).toBe(2);
});

test("doctors are listened to apart", () => {
  const heard: OpeningNews[] = [];
  const stops = [watchOpenings("osei", (n) => heard.push(n)), watchOpenings("silva", () => {})];
  Source.made[1]?.say("released", '{"slotId":"9"}');
  expect(heard).toEqual([]);
  for (const stop of stops) stop();
});
