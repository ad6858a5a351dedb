import { expect, test } from "vitest";
import { tell, untilStart, type Waiting } from "./waiting";

const MINUTE = 60_000;
const START = Date.parse("2026-11-25T04:45:00Z");
const NOBODY = { doctor: null, patient: null, doctorIsBusy: false, delayMinutes: 0 };
const ALONE = { ...NOBODY, patient: "2026-11-25T04:20:00Z" };

function patient(facts: Partial<Waiting> = {}): Waiting {
  return {
    viewer: "patient",
    other: "Dr Silva",
    startsAt: START,
    now: START - 20 * MINUTE,
    here: ALONE,
    timeOf: (instant) => new Date(instant).toISOString().slice(11, 16),
    ...facts,
  };
}

const doctor = (facts: Partial<Waiting> = {}) =>
  patient({ viewer: "doctor", other: "Ana Perera", ...facts });

test.each([
  [36 * MINUTE + 59_000, "in 36 minutes"],
  [MINUTE, "in 1 minute"],
  [59_000, "in less than a minute"],
  [0, ""],
  [-MINUTE, ""],
])("%i ms before the start reads %j", (left, words) => {
  expect(untilStart(left)).toBe(words);
});

test("a patient who waits alone hears that the doctor knows", () => {
  const told = tell(patient());
  expect(told.other.text).toBe("Not here yet");
  expect(told.you).toEqual({ text: "Dr Silva knows you are here", kind: "ok" });
});

test("a doctor with another patient is said to be so, but not to a colleague", () => {
  const here = { ...ALONE, doctorIsBusy: true };
  expect(tell(patient({ here })).other.text).toBe("With another patient");
  expect(tell(doctor({ here: { ...NOBODY, doctorIsBusy: true } })).other.text).toBe("Not here yet");
});

test("whoever is here is so since a time", () => {
  const both = { ...ALONE, doctor: "2026-11-25T04:31:00Z", doctorIsBusy: true };
  expect(tell(patient({ here: both })).other).toEqual({ text: "Here since 04:31", kind: "ok" });
  expect(tell(doctor({ here: both })).other).toEqual({ text: "Here since 04:20", kind: "ok" });
});

test("what the doctor said of being late is said to both", () => {
  const here = { ...ALONE, delayMinutes: 20 };
  expect(tell(patient({ here })).late).toBe(
    "Dr Silva is running about 20 minutes late: expect to begin at about 05:05.",
  );
  expect(tell(doctor({ here })).late).toBe("You said that you are about 20 minutes late.");
  expect(tell(patient()).late).toBe("");
});

test("without a connection nothing is claimed of the other one", () => {
  const told = tell(patient({ here: null }));
  expect(told.you.kind).toBe("warn");
  expect(told.other.text).toBe("Not known just now");
  expect(told.late).toBeNull();
});
