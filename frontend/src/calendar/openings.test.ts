import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type OpeningNews, watchOpenings } from "./openings";

class Source extends EventTarget {
  static made: Source[] = [];
  readonly CLOSED = 2;
  readyState = 0;
  constructor(readonly url: string) {
    super();
    Source.made.push(this);
  }
  get closed(): boolean {
    return this.readyState === this.CLOSED;
  }
  close(): void {
    this.readyState = this.CLOSED;
  }
  say(event: string, data = ""): void {
    this.dispatchEvent(new MessageEvent(event, { data }));
  }
}

let page: EventTarget;

beforeEach(() => {
  vi.useFakeTimers();
  Source.made = [];
  page = new EventTarget();
  vi.stubGlobal("EventSource", Source);
  vi.stubGlobal("addEventListener", page.addEventListener.bind(page));
  vi.stubGlobal("removeEventListener", page.removeEventListener.bind(page));
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
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

test("a server that refused is asked again, and what was missed meanwhile is asked for", () => {
  const heard: OpeningNews[] = [];
  const stop = watchOpenings("osei", (n) => heard.push(n));
  const [first] = Source.made;
  first?.say("error");
  vi.advanceTimersByTime(60_000);
  expect(Source.made.length).toBe(1); // the browser is at it by itself
  first?.close();
  first?.say("error");
  vi.advanceTimersByTime(10_000);
  expect(Source.made.length).toBe(2);
  expect(heard).toEqual([]);
  Source.made[1]?.say("open");
  expect(heard).toEqual([{ event: "resync" }]);
  stop();
});

test("a line that may have died unnoticed is opened anew when the network is back", () => {
  const heard: OpeningNews[] = [];
  const stop = watchOpenings("osei", (n) => heard.push(n));
  page.dispatchEvent(new Event("online"));
  Source.made[1]?.say("open");
  Source.made[1]?.say("taken", '{"slotId":"7"}');
  expect(Source.made.map((source) => source.closed)).toEqual([true, false]);
  expect(heard).toEqual([{ event: "resync" }, { event: "taken", slotId: "7" }]);
  stop();
  expect(Source.made[1]?.closed).toBe(true);
});
