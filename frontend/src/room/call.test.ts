import { describe, expect, test } from "vitest";
import { type Call, type CallEvent, type Live, LOBBY, next } from "./call";
import { UNMEASURED } from "./quality";

const BOTH = { microphone: true, camera: true };
const NONE = { microphone: false, camera: false };

const LIVE: Live = {
  phase: "live",
  link: "up",
  other: "awaited",
  otherMedia: NONE,
  own: BOTH,
  troubles: {},
  screen: "hidden",
  quality: UNMEASURED,
  soundOnly: false,
  otherWatches: true,
  keepsVideo: false,
  soundBlocked: false,
  fellBack: null,
  refused: null,
  since: 1000,
  togetherSince: null,
};

function after(call: Call, ...events: CallEvent[]): Call {
  return events.reduce(next, call);
}

function live(...events: CallEvent[]): Live {
  const call = after(LIVE, ...events);
  if (call.phase !== "live") throw new Error(`the call is ${call.phase}`);
  return call;
}

/** Every phase and every event, and where the one takes the other; a dash stays where it is. */
const CALLS: Record<Call["phase"], Call> = {
  lobby: LOBBY,
  joining: { phase: "joining", wanted: BOTH },
  live: LIVE,
  left: { phase: "left", wanted: BOTH },
  ended: { phase: "ended", status: "completed" },
  removed: { phase: "removed", why: "replaced", wanted: BOTH },
  failed: { phase: "failed", failure: "network", reference: null, wanted: BOTH },
};

const EVENTS: Record<CallEvent["type"], CallEvent> = {
  join: { type: "join", wanted: BOTH },
  joined: { type: "joined", own: BOTH, troubles: {}, at: 1000 },
  "too-early": { type: "too-early", opensAt: "2027-03-01T09:50:00Z" },
  refused: { type: "refused", failure: "not-found", reference: null },
  failed: { type: "failed", trouble: "network" },
  "other-joined": { type: "other-joined", at: 2000 },
  "other-left": { type: "other-left", why: "left" },
  "other-media": { type: "other-media", media: BOTH },
  "own-media": { type: "own-media", device: "camera", on: false },
  screen: { type: "screen", on: true },
  "sound-only": { type: "sound-only", on: true },
  "other-watches": { type: "other-watches", on: false },
  "fell-back": { type: "fell-back", device: "camera", label: "Built-in" },
  link: { type: "link", link: "reconnecting" },
  quality: { type: "quality", level: 1 },
  sound: { type: "sound", blocked: true },
  "end-refused": { type: "end-refused", detail: "Not before the start" },
  read: { type: "read" },
  replaced: { type: "replaced" },
  ended: { type: "ended", status: "completed" },
  leave: { type: "leave" },
};

type Row = Record<Call["phase"], Call["phase"] | "-">;
const ANYWHERE_OPEN = { lobby: "-", left: "-", ended: "-", removed: "-", failed: "-" } as const;
const LIVE_ONLY: Row = { ...ANYWHERE_OPEN, joining: "-", live: "live" };

const WHERE: Record<CallEvent["type"], Row> = {
  join: {
    lobby: "joining",
    joining: "-",
    live: "-",
    left: "joining",
    ended: "-",
    removed: "joining",
    failed: "joining",
  },
  joined: { ...ANYWHERE_OPEN, joining: "live", live: "-" },
  "too-early": { ...ANYWHERE_OPEN, joining: "lobby", live: "-" },
  refused: { ...ANYWHERE_OPEN, joining: "failed", live: "failed" },
  failed: { ...ANYWHERE_OPEN, joining: "failed", live: "failed" },
  replaced: { ...ANYWHERE_OPEN, joining: "removed", live: "removed" },
  leave: { ...ANYWHERE_OPEN, joining: "left", live: "left" },
  ended: {
    lobby: "ended",
    joining: "ended",
    live: "ended",
    left: "ended",
    ended: "-",
    removed: "ended",
    failed: "ended",
  },
  "other-joined": LIVE_ONLY,
  "other-left": { ...LIVE_ONLY, live: "-" },
  "other-media": LIVE_ONLY,
  "own-media": LIVE_ONLY,
  screen: LIVE_ONLY,
  "sound-only": LIVE_ONLY,
  "other-watches": LIVE_ONLY,
  "fell-back": LIVE_ONLY,
  link: LIVE_ONLY,
  quality: LIVE_ONLY,
  sound: LIVE_ONLY,
  "end-refused": LIVE_ONLY,
  read: LIVE_ONLY,
};

describe.each(Object.entries(EVENTS))("%s", (type, event) => {
  test.each(Object.entries(CALLS))("in %s", (phase, call) => {
    const where = WHERE[type as CallEvent["type"]][phase as Call["phase"]];
    const result = next(call, event);
    if (where === "-") expect(result).toBe(call);
    else expect(result.phase).toBe(where);
  });
});

test("a person who comes in waits for the other one", () => {
  const call = after(LOBBY, { type: "join", wanted: BOTH }, EVENTS.joined);
  expect(call).toEqual(LIVE);
});

test("whoever comes before the room opens stays in the lobby and reads when it does", () => {
  const call = after(LOBBY, { type: "join", wanted: BOTH }, EVENTS["too-early"]);
  expect(call).toEqual({ phase: "lobby", refusedEarly: true, opensAt: "2027-03-01T09:50:00Z" });
});

test("the time together starts with the first meeting and survives a dropped line", () => {
  const call = live(
    { type: "other-joined", at: 5000 },
    { type: "other-left", why: "lost" },
    { type: "other-joined", at: 9000 },
  );
  expect(call.other).toBe("here");
  expect(call.togetherSince).toBe(5000);
});

test("one who was never here cannot leave", () => {
  expect(live({ type: "other-left", why: "lost" }).other).toBe("awaited");
});

test("one who left is not lost afterwards", () => {
  const call = live(
    { type: "other-joined", at: 5000 },
    { type: "other-left", why: "left" },
    { type: "other-left", why: "lost" },
  );
  expect(call.other).toBe("left");
});

test("what was measured with the other is forgotten when they go", () => {
  const call = live(
    { type: "other-joined", at: 5000 },
    { type: "quality", level: 5 },
    { type: "other-left", why: "left" },
  );
  expect(call.quality).toEqual(UNMEASURED);
});

test("a camera that fails is told, and the trouble ends when it starts after all", () => {
  const failed: CallEvent = {
    type: "own-media",
    device: "camera",
    on: false,
    trouble: "device-busy",
  };
  expect(live(failed)).toMatchObject({
    own: { microphone: true, camera: false },
    troubles: { camera: "device-busy" },
  });
  const call = live(failed, { type: "own-media", device: "camera", on: true });
  expect(call.own).toEqual(BOTH);
  expect(call.troubles).toEqual({});
});

test("the trouble of one device says nothing about the other", () => {
  const call = live(
    { type: "own-media", device: "camera", on: false, trouble: "no-device" },
    { type: "own-media", device: "microphone", on: false },
  );
  expect(call.troubles).toEqual({ camera: "no-device" });
});

test("read notices go away and change nothing else", () => {
  const call = live(
    { type: "own-media", device: "camera", on: false, trouble: "no-device" },
    { type: "end-refused", detail: "Not before the start" },
    { type: "read" },
  );
  expect(call).toEqual({ ...LIVE, own: { microphone: true, camera: false } });
});

test("whoever left with the camera off comes back with the camera off", () => {
  const call = live({ type: "own-media", device: "camera", on: false });
  expect(next(call, { type: "leave" })).toEqual({
    phase: "left",
    wanted: { microphone: true, camera: false },
  });
});

test("being taken out by the provider may be another tab taking over", () => {
  const removed = next(LIVE, { type: "failed", trouble: "removed" });
  expect(removed).toMatchObject({ phase: "removed", why: "taken-out" });
});

test.each([
  ["completed", "completed"],
  ["cancelled", "cancelled"],
  ["confirmed", "closed"],
  [null, "closed"],
])("a room that ends with %j shows as %s", (status, shown) => {
  expect(next(LIVE, { type: "ended", status })).toEqual({ phase: "ended", status: shown });
});

test("a screen that could not be shown is said until it was read", () => {
  const failed = live({ type: "screen", on: false, failed: true });
  expect(failed.screen).toBe("failed");
  expect(next(failed, EVENTS.read)).toMatchObject({ screen: "hidden" });
  expect(live(EVENTS.screen, EVENTS.read).screen).toBe("shown");
});
