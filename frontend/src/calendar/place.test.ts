import { expect, test } from "vitest";
import { placeAfter } from "./place";

const TIMES = ["9:00", "9:15", "9:30", "9:45"];

test("who is at a time that is taken goes on to the next that is left", () => {
  expect(placeAfter(TIMES, "9:15", ["9:00", "9:45"])).toBe("9:45");
});

test("who is at the last time goes back to the one before", () => {
  expect(placeAfter(TIMES, "9:45", ["9:00", "9:15"])).toBe("9:15");
});

test("who is at a time that is left stays there", () => {
  expect(placeAfter(TIMES, "9:30", ["8:45", "9:30", "9:45"])).toBe("9:30");
});

test("where nothing is left, or one was nowhere, there is nowhere to go", () => {
  expect(placeAfter(TIMES, "9:15", [])).toBeNull();
  expect(placeAfter(TIMES, "7:00", TIMES)).toBeNull();
});
