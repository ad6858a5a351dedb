import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { gettext, ngettext } from "./words";

// As the page's catalogue does; the words that stand in tables are read when their module is.
beforeEach(() => {
  vi.resetModules();
  vi.stubGlobal("django", {
    gettext: (text: string) => `⟦${text}⟧`,
    ngettext: (one: string, many: string, count: number) => `⟦${count === 1 ? one : many}⟧`,
    get_format: () => "H:i",
  });
  vi.stubGlobal("document", { documentElement: { lang: "en" }, dir: "ltr" });
});

afterEach(() => vi.unstubAllGlobals());

/** Everything in a table of words, those of facts among them; facts are numbered. */
function texts(words: unknown): string[] {
  if (typeof words === "string") return [words];
  if (typeof words === "function") return texts(words("1", "2", "3"));
  return Object.values(words as object).flatMap(texts);
}

const FROM_THE_CATALOGUE = /^⟦[^⟦⟧]+⟧$/;
const UNFILLED = /%\(/;

test.each(["room", "device-check"])("no word of %s is forgotten", async (folder) => {
  const { words } = await import(`./${folder}/words.ts`);
  const { devices, ...notices } = words.notice ?? {};
  const said = texts({ ...words, notice: notices });
  expect(said.filter((text) => !FROM_THE_CATALOGUE.test(text))).toEqual([]);
  expect(said.filter((text) => UNFILLED.test(text))).toEqual([]);
  expect(said.length).toBeGreaterThan(30);
});

test("what keeps a device from the call is said in sentences of its own", async () => {
  const { words } = await import("./room/words");
  for (const trouble of ["permission", "no-device", "device-busy", "unknown"] as const) {
    for (const devices of [["camera"], ["microphone"], ["microphone", "camera"]] as const) {
      expect(words.notice.devices(devices, trouble)).toMatch(/^⟦[^⟦⟧]+⟧ ⟦[^⟦⟧]+⟧$/);
    }
  }
});

test("a hold is counted in the language's own forms", async () => {
  const { spoken } = await import("./booking/holding");
  expect(spoken(null, 600)).toBe("⟦This time is held for you for 10 minutes.⟧");
  expect(spoken(null, 60)).toBe("⟦This time is held for you for one minute.⟧");
  expect(spoken(400, 20)).toBe("⟦30 seconds left to hold this time.⟧");
});

test("who is late is named where the sentence wants it", async () => {
  const { lateness } = await import("./visit/lateness");
  vi.stubGlobal("django", {
    gettext: (text: string) =>
      text === "%(other)s is running late." ? "Verspätet: %(other)s" : text,
  });
  const there = { otherIsHere: false, doctorIsBusy: false };
  const at = { startsAt: 0, delayMinutes: 0, now: 0, timeOf: () => "" };
  expect(lateness({ viewer: "patient", other: "Dr Silva", phone: "", ...there, ...at })[0]).toBe(
    "Verspätet: Dr Silva",
  );
});

test("a form of few words may still count, and one of many need not", () => {
  vi.stubGlobal("django", { ngettext: () => "%(count)s минута" });
  expect(ngettext("in 1 minute", "in %(count)s minutes", 21)).toBe("21 минута");
});

test("from right to left a fact keeps its own direction", () => {
  vi.stubGlobal("document", { documentElement: { lang: "ar" }, dir: "rtl" });
  expect(gettext("%(phone)s", { phone: "+94 11 000 0000" })).toBe("⟦\u2068+94 11 000 0000\u2069⟧");
});
