import { expect, test } from "vitest";
import { contrast } from "./contrast";

test("contrast is that of WCAG, whichever colour lies on which", () => {
  expect(contrast("rgb(0, 0, 0)", "rgb(255, 255, 255)")).toBeCloseTo(21);
  expect(contrast("rgb(255, 255, 255)", "rgb(11, 107, 93)")).toBeCloseTo(6.4, 1);
  expect(contrast("rgb(7, 7, 7)", "rgb(7, 7, 7)")).toBe(1);
});
