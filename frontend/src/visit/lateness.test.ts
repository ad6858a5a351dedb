import { expect, test } from "vitest";
import { type Lateness, lateness } from "./lateness";

const MINUTE = 60_000;
const START = Date.parse("2026-11-25T04:45:00Z");

function alone(facts: Partial<Lateness> = {}): string[] {
  return lateness({
    viewer: "patient",
    other: "Dr Silva",
    otherIsHere: false,
    doctorIsBusy: false,
    startsAt: START,
    delayMinutes: 0,
    now: START,
    timeOf: (instant) => new Date(instant).toISOString().slice(11, 16),
    phone: "+94 11 000 0000",
    ...facts,
  });
}

test("before the start nobody is late, and nobody who is here", () => {
  expect(alone({ now: START - 1 })).toEqual([]);
  expect(alone({ now: START + 30 * MINUTE, otherIsHere: true })).toEqual([]);
});

test("a doctor who is not there at the start is running late, and the clinic has a phone", () => {
  const [news, advice] = alone();
  expect(news).toBe("Dr Silva is running late.");
  expect(advice).toContain("call the clinic on +94 11 000 0000.");
  expect(alone({ phone: "" })[1]).toContain("call the clinic.");
});

test("a late doctor who is with somebody else is said to be there", () => {
  expect(alone({ doctorIsBusy: true })[0]).toBe("Dr Silva is still with another patient.");
});

test("after twenty minutes there are choices, and it is said what becomes of the money", () => {
  expect(alone({ now: START + 20 * MINUTE - 1 }).join()).not.toContain("move");
  const late = alone({ now: START + 20 * MINUTE }).join();
  expect(late).toContain("keep waiting");
  expect(late).toContain("move the appointment");
  expect(late).toContain("in full");
});

test("what a doctor said of being late is told before the start, and until the time they named", () => {
  const late = "Dr Silva is running about 20 minutes late: expect to begin at about 05:05.";
  expect(alone({ delayMinutes: 20, now: START - 30 * MINUTE })).toEqual([late]);
  expect(alone({ delayMinutes: 20, doctorIsBusy: true })[0]).toBe(late);
  expect(alone({ delayMinutes: 20, now: START + 20 * MINUTE })[0]).toBe(
    "Dr Silva is running late.",
  );
});

test("a late doctor does not miss a patient before the time they named", () => {
  const early = { viewer: "doctor", other: "Ana Perera", delayMinutes: 20 } as const;
  expect(alone(early)).toEqual([]);
  expect(alone({ ...early, now: START + 20 * MINUTE })).toEqual(["Ana Perera has not come yet."]);
});

test("a doctor is told that the patient has not come, and given no advice", () => {
  expect(alone({ viewer: "doctor", other: "Ana Perera" })).toEqual([
    "Ana Perera has not come yet.",
  ]);
});
