import { expect, test } from "vitest";
import { countdown, spoken } from "./holding";

test("a hold counts down in minutes and seconds of one width", () => {
  expect([581, 60, 9, 0].map(countdown)).toEqual(["9:41", "1:00", "0:09", "0:00"]);
});

test("a whole hold is spoken of four times, not every second", () => {
  const said = [spoken(null, 600)];
  for (let left = 599; left >= 0; left--) said.push(spoken(left + 1, left));
  expect(said.filter(Boolean)).toEqual([
    "This time is held for you for 10 minutes.",
    "2 minutes left to hold this time.",
    "30 seconds left to hold this time.",
    "This time is no longer held for you.",
  ]);
});

test("a tab that slept through the warnings says only what is still true", () => {
  expect(spoken(400, 20)).toBe("30 seconds left to hold this time.");
  expect(spoken(400, 0)).toBe("This time is no longer held for you.");
  expect(spoken(0, 0)).toBe("");
});

test("a hold that had lapsed before the page came is said to be over", () => {
  expect(spoken(null, 0)).toBe("This time is no longer held for you.");
});
