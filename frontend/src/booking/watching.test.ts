import { expect, test } from "vitest";
import { pauseBefore } from "./watching";

test("whoever has just paid is told within seconds", () => {
  expect(pauseBefore(0, false)).toBe(3000);
  expect(pauseBefore(19, true)).toBe(3000);
});

test("a page nobody pays on is left alone after a minute", () => {
  expect(pauseBefore(20, false)).toBeNull();
});

test("a bank at work is watched for as long as the page is open, and less often", () => {
  expect(pauseBefore(20, true)).toBe(30_000);
  expect(pauseBefore(5000, true)).toBe(30_000);
});
