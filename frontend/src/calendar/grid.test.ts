import { expect, test } from "vitest";
import { moved } from "./grid";

test.each([
  ["ArrowRight", "2026-11-26"],
  ["ArrowLeft", "2026-11-24"],
  ["ArrowDown", "2026-12-02"],
  ["ArrowUp", "2026-11-18"],
  ["Home", "2026-11-23"],
  ["End", "2026-11-29"],
  ["PageUp", "2026-10-25"],
  ["PageDown", "2026-12-25"],
])("from Wednesday 25 November, %s leads to %s", (key, date) => {
  expect(moved("2026-11-25", key, false)).toBe(date);
});

test("where the week runs from right to left, so do the arrows", () => {
  expect(moved("2026-11-25", "ArrowRight", true)).toBe("2026-11-24");
  expect(moved("2026-11-25", "ArrowLeft", true)).toBe("2026-11-26");
  expect(moved("2026-11-25", "Home", true)).toBe("2026-11-23");
});

test("the ends of a week are those that the month shows of it", () => {
  expect(moved("2026-12-03", "Home", false)).toBe("2026-12-01");
  expect(moved("2026-12-30", "End", false)).toBe("2026-12-31");
  expect(moved("2026-11-01", "Home", false)).toBe("2026-11-01");
});

test("a month that is too short for the day ends the way to it", () => {
  expect(moved("2027-01-31", "PageDown", false)).toBe("2027-02-28");
  expect(moved("2028-03-31", "PageUp", false)).toBe("2028-02-29");
});

test("months and years follow on each other", () => {
  expect(moved("2026-12-31", "ArrowRight", false)).toBe("2027-01-01");
  expect(moved("2027-01-01", "ArrowLeft", false)).toBe("2026-12-31");
  expect(moved("2027-01-31", "PageUp", false)).toBe("2026-12-31");
});

test("other keys lead nowhere", () => {
  expect(["Tab", "a", "Enter", "Escape"].map((key) => moved("2026-11-25", key, false))).toEqual([
    null,
    null,
    null,
    null,
  ]);
});
