import { afterEach, describe, expect, test, vi } from "vitest";
import { instantDate, instantTime, shown, zoneLabel } from "./time";

// The same cases stand in tests/web/test_times.py: server and browser must write alike.
test.each([
  ["2026-11-25T04:45:00Z", "Asia/Colombo", "10:15am"],
  ["2026-11-25T04:45:00Z", "Europe/London", "4:45am"],
  ["2026-11-25T06:30:00Z", "Asia/Colombo", "midday"],
  ["2026-11-25T06:35:00Z", "Asia/Colombo", "12:05pm"],
  ["2026-11-24T18:30:00Z", "Asia/Colombo", "midnight"],
  ["2026-11-24T18:45:00Z", "Asia/Colombo", "12:15am"],
  ["2026-11-25T14:00:00Z", "Asia/Colombo", "7:30pm"],
])("%s in %s is %s", (instant, zone, words) => {
  expect(instantTime(new Date(instant), zone)).toBe(words);
});

test("the date is the viewer's, not the server's", () => {
  const late = new Date("2026-11-24T20:00:00Z");
  expect(instantDate(late, "Asia/Colombo")).toBe("Wednesday 25 November 2026");
  expect(instantDate(late, "Europe/London")).toBe("Tuesday 24 November 2026");
});

test.each([
  ["Asia/Colombo", "2026-11-25T00:00:00Z", "Colombo time (GMT+5:30)"],
  ["Europe/London", "2026-11-25T00:00:00Z", "London time (GMT)"],
  ["Europe/London", "2026-07-25T00:00:00Z", "London time (GMT+1)"],
  ["America/Argentina/Buenos_Aires", "2026-11-25T00:00:00Z", "Buenos Aires time (GMT-3)"],
  ["America/St_Johns", "2026-11-25T00:00:00Z", "St Johns time (GMT-3:30)"],
  ["UTC", "2026-11-25T00:00:00Z", "UTC time (GMT)"],
])("%s at %s is called %s", (zone, instant, words) => {
  expect(zoneLabel(zone, new Date(instant))).toBe(words);
});

test("the pieces of a slip's date", () => {
  const instant = new Date("2026-11-24T20:00:00Z");
  const pieces = (["weekday", "day", "month", "datetime"] as const).map((show) =>
    shown(instant, show, "Asia/Colombo"),
  );
  expect(pieces).toEqual([
    "Wednesday",
    "25",
    "November 2026",
    "Wednesday 25 November 2026, 1:30am",
  ]);
});

describe("in another language", () => {
  afterEach(() => vi.unstubAllGlobals());

  test("the page's catalogue says how dates are written, and the browser knows the names", () => {
    vi.stubGlobal("document", { documentElement: { lang: "es" } });
    vi.stubGlobal("django", {
      gettext: (text: string) => (text === "midday" ? "mediodía" : text),
      get_format: (name: string) => (name === "DATE_FORMAT" ? "l j \\d\\e F \\d\\e Y" : "H:i"),
    });
    const instant = new Date("2026-11-25T06:30:00Z");
    expect(instantDate(instant, "Asia/Colombo")).toBe("miércoles 25 de noviembre de 2026");
    expect(instantTime(instant, "Asia/Colombo")).toBe("mediodía");
    expect(instantTime(instant, "Europe/London")).toBe("06:30");
  });
});
