import { expect, test } from "vitest";
import type { Here } from "../visit/visit-socket";
import { companyOf, hasCome } from "./company";

const HERE: Here = {
  type: "here",
  now: "2027-03-01T10:00:00Z",
  doctor: "2027-03-01T09:58:00Z",
  patient: null,
  doctorIsBusy: true,
  delayMinutes: 0,
  closesAt: "2027-03-01T10:45:00Z",
};
const NOBODY = { otherSince: null, doctorIsBusy: false };
const SOMEBODY = { otherSince: 1, doctorIsBusy: false };

test("each side is told of the other, and only the patient that the doctor is busy", () => {
  const since = Date.UTC(2027, 2, 1, 9, 58);
  expect(companyOf(HERE, "patient")).toEqual({ otherSince: since, doctorIsBusy: true });
  expect(companyOf(HERE, "doctor")).toEqual({ otherSince: null, doctorIsBusy: false });
});

test.each([
  [NOBODY, SOMEBODY, true],
  [SOMEBODY, SOMEBODY, false],
  [SOMEBODY, NOBODY, false],
  // Before the first word, and after a loss, nobody knows who was there.
  [null, SOMEBODY, false],
])("from %j to %j: somebody has come is %s", (before, after, come) => {
  expect(hasCome(before, after)).toBe(come);
});
