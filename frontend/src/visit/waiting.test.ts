import { expect, test } from "vitest";
import { tell, untilStart, type Waiting } from "./waiting";

const MINUTE = 60_000;
const START = Date.parse("2026-11-25T04:45:00Z");
const NOBODY = { doctor: null, patient: null, doctorIsBusy: false };
const ALONE = { ...NOBODY, patient: "2026-11-25T04:20:00Z" };

function patient(facts: Partial<Waiting> = {}): Waiting {
  return {
    viewer: "patient",
    other: "Dr Silva",
    startsAt: START,
    now: START - 20 * MINUTE,
    here: ALONE,
    phone: "+94 11 000 0000",
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
  expect(told.late).toEqual([]);
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

test("without a connection nothing is claimed of the other one, and nobody is late", () => {
  const told = tell(patient({ here: null, now: START + 25 * MINUTE }));
  expect(told.you.kind).toBe("warn");
  expect(told.other.text).toBe("Not known just now");
  expect(told.late).toEqual([]);
});

test("a doctor who is not there at the start is running late, and the clinic has a phone", () => {
  const [news, advice] = tell(patient({ now: START })).late;
  expect(news).toBe("Dr Silva is running late");
  expect(advice).toContain("call the clinic on +94 11 000 0000");
  expect(tell(patient({ now: START, phone: "" })).late[1]).toContain("call the clinic.");
});

test("a late doctor who is with somebody else is said to be there", () => {
  const here = { ...ALONE, doctorIsBusy: true };
  expect(tell(patient({ now: START, here })).late[0]).toBe(
    "Dr Silva is still with another patient",
  );
});

test("after twenty minutes there are choices, and it is said what becomes of the money", () => {
  expect(tell(patient({ now: START + 20 * MINUTE - 1 })).late).toHaveLength(2);
  const late = tell(patient({ now: START + 20 * MINUTE })).late.join(" ");
  expect(late).toContain("keep waiting");
  expect(late).toContain("move the appointment");
  expect(late).toContain("in full");
});

test("nobody is late once they are here", () => {
  const here = { ...ALONE, doctor: "2026-11-25T04:46:00Z" };
  expect(tell(patient({ now: START + 30 * MINUTE, here })).late).toEqual([]);
});
