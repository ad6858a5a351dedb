import { expect, test } from "vitest";
import { type Call, LOBBY } from "./call";
import { latenessOf, panelOf, type Visit } from "./panel";

const MINUTE = 60_000;
const START = Date.UTC(2027, 2, 1, 10);
const WANTED = { microphone: true, camera: false };

const VISIT: Visit = {
  viewer: "patient",
  other: "Dr Silva",
  startsAt: START,
  endsAt: START + 30 * MINUTE,
  delayMinutes: 0,
  closesAt: START + 45 * MINUTE,
  company: null,
  phone: "",
  now: START - MINUTE,
  zone: "Colombo time (GMT+5:30)",
  timeOf: (instant) => new Date(instant).toISOString().slice(11, 16),
};

function choicesOf(call: Call, visit: Visit = VISIT): string[] {
  return panelOf(call, visit)?.choices.map(({ label }) => label) ?? [];
}

test("one may join with camera, with sound only or just to listen", () => {
  const wanted = panelOf(LOBBY, VISIT)?.choices.map(({ press }) => press);
  expect(wanted).toEqual([
    { type: "join", wanted: { microphone: true, camera: true } },
    { type: "join", wanted: { microphone: true, camera: false } },
    { type: "join", wanted: { microphone: false, camera: false } },
  ]);
});

test("the lobby names the time and its zone", () => {
  expect(panelOf(LOBBY, VISIT)?.lines).toContain("10:00 to 10:30, Colombo time (GMT+5:30)");
});

test.each([
  [{ otherSince: START - MINUTE, doctorIsBusy: false }, "Dr Silva has been here since 09:59."],
  [{ otherSince: null, doctorIsBusy: false }, "Dr Silva isn’t here yet."],
  [{ otherSince: null, doctorIsBusy: true }, "Dr Silva is with another patient."],
])("the lobby says who is here: %j", (company, line) => {
  expect(panelOf(LOBBY, { ...VISIT, company })?.lines).toContain(line);
});

test("from the start on the lobby says that the doctor is late", () => {
  const company = { otherSince: null, doctorIsBusy: false };
  const lines = panelOf(LOBBY, { ...VISIT, company, now: START })?.lines;
  expect(lines).toContain("Dr Silva is running late.");
  expect(lines).not.toContain("Dr Silva isn’t here yet.");
});

test("nobody is late on a page that the clinic's word did not reach, or that has left", () => {
  const company = { otherSince: null, doctorIsBusy: false };
  expect(latenessOf(LOBBY, { ...VISIT, now: START })).toEqual([]);
  const left: Call = { phase: "left", wanted: WANTED };
  expect(latenessOf(left, { ...VISIT, company, now: START })).toEqual([]);
});

test("a lobby that the clinic's word did not reach says nothing of the other", () => {
  expect(panelOf(LOBBY, VISIT)?.lines).toHaveLength(2);
});

test("whoever came too early reads when the room opens", () => {
  const opensAt = new Date(START - 10 * MINUTE).toISOString();
  const panel = panelOf({ phase: "lobby", refusedEarly: true, opensAt }, VISIT);
  expect(panel?.lines).toContain("The room opens at 09:50. Please come back then.");
});

test("whoever left may come back until the room closes", () => {
  const left: Call = { phase: "left", wanted: WANTED };
  expect(choicesOf(left)).toEqual(["Rejoin"]);
  expect(panelOf(left, VISIT)?.lines).toEqual(["Left by mistake? You can come back until 10:45."]);
  expect(choicesOf(left, { ...VISIT, now: VISIT.closesAt })).toEqual([]);
});

test("an ended visit cannot be joined again", () => {
  for (const status of ["completed", "cancelled", "closed"] as const) {
    expect(choicesOf({ phase: "ended", status })).toEqual([]);
  }
});

test("a second tab may take the call over, the way it was", () => {
  expect(panelOf({ phase: "removed", why: "replaced", wanted: WANTED }, VISIT)?.choices).toEqual([
    { label: "Use this tab", press: { type: "join", wanted: WANTED } },
  ]);
});

test("a fault that nobody can explain comes with a reference", () => {
  const call: Call = { phase: "failed", failure: "unknown", reference: "r7", wanted: WANTED };
  expect(panelOf(call, VISIT)?.lines).toContain("If you contact us, quote r7.");
});

test("the live call has no panel", () => {
  expect(panelOf({ phase: "live" } as Call, VISIT)).toBeNull();
});
