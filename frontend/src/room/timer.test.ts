import { expect, test } from "vitest";
import { bookedTime, elapsed } from "./timer";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const END = Date.UTC(2027, 2, 1, 10, 30);

test.each([
  [0, "00:00"],
  [999, "00:00"],
  [4 * MINUTE + 12 * SECOND, "04:12"],
  [59 * MINUTE + 59 * SECOND, "59:59"],
  [64 * MINUTE + 2 * SECOND, "1:04:02"],
  [-5 * SECOND, "00:00"],
])("%d ms read %s", (milliseconds, text) => {
  expect(elapsed(milliseconds)).toBe(text);
});

test.each([
  [END - 10 * MINUTE, "running"],
  [END - 2 * MINUTE - 1, "running"],
  [END - 2 * MINUTE, "nearly-over"],
  [END - 1, "nearly-over"],
  [END, "over"],
])("at %d the booked time is %s", (now, stand) => {
  expect(bookedTime(now, END)).toBe(stand);
});
