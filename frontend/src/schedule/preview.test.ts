import { expect, test } from "vitest";
import { preview, slotCount, total, weekdayOf } from "./preview";

test("a morning by a quarter of an hour", () => {
  expect(preview("08:30", "11:30", 15)).toBe(
    "12 slots, 8:30am to 11:15am. Last one ends at 11:30am.",
  );
});

test("midday is said in words, as everywhere", () => {
  expect(preview("09:00", "12:00", 15)).toBe(
    "12 slots, 9:00am to 11:45am. Last one ends at midday.",
  );
});

test("what is too short at the end is named", () => {
  expect(preview("14:00", "15:07", 15)).toBe(
    "4 slots, 2:00pm to 2:45pm. Last one ends at 3:00pm. 7 minutes at the end are too short for a 15-minute appointment and won’t be offered.",
  );
  expect(preview("14:00", "14:31", 30)).toBe(
    "1 slot, at 2:00pm. It ends at 2:30pm. 1 minute at the end is too short for a 30-minute appointment and won’t be offered.",
  );
});

test("hours that make no slot say so", () => {
  expect(preview("09:00", "09:30", 45)).toBe(
    "A 45-minute appointment does not fit between 9:00am and 9:30am.",
  );
  expect(preview("12:00", "09:00", 15)).toBe("The end must be after the start.");
  expect(preview("09:00", "09:00", 15)).toBe("The end must be after the start.");
});

test("nothing is said of hours that are half written", () => {
  expect(preview("", "12:00", 15)).toBe("");
  expect(preview("09:00", "", 15)).toBe("");
  expect(preview("09:00", "12:00", Number.NaN)).toBe("");
  expect(preview("09:00", "12:00", 0)).toBe("");
  expect(preview("09:00", "12:00", 7.5)).toBe("");
});

test("hours on many days are added up", () => {
  expect(total(12, [2], 4)).toBe("48 slots on 4 Wednesdays.");
  expect(total(24, [0, 2], 4)).toBe("96 slots on 8 days.");
  expect(total(24, [6, 6], 1)).toBe("24 slots on 2 Sundays.");
  expect(total(12, [2], 1)).toBe("");
  expect(total(0, [2, 3], 4)).toBe("");
  expect(total(12, [2], Number.NaN)).toBe("");
  expect(total(12, [], 4)).toBe("");
});

test("a period that is half written makes no slots", () => {
  expect(slotCount("09:00", "12:00", "15")).toBe(12);
  expect(slotCount("09:00", "12:07", "15")).toBe(12);
  expect(slotCount("09:00", "", "15")).toBe(0);
  expect(slotCount("12:00", "09:00", "15")).toBe(0);
  expect(slotCount("09:00", "12:00", "")).toBe(0);
  expect(slotCount("09:00", "12:00", "7.5")).toBe(0);
});

test("weeks begin on Monday", () => {
  expect(weekdayOf("2026-11-23")).toBe(0);
  expect(weekdayOf("2026-11-29")).toBe(6);
});
