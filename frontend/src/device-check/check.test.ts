import { expect, test } from "vitest";
import {
  begin,
  type Check,
  type CheckEvent,
  findingsOf,
  isWorthKeeping,
  next,
  verdictOf,
} from "./check";

const ALLOWED: CheckEvent[] = [{ type: "ask" }, { type: "answer", camera: null, microphone: null }];
const MEASURED: CheckEvent[] = [{ type: "measure" }, { type: "measured", connection: "good" }];

function after(...events: CheckEvent[]): Check {
  return events.reduce(next, begin(true));
}

function refused(camera: "denied" | null, microphone: "denied" | null): CheckEvent[] {
  return [{ type: "ask" }, { type: "answer", camera, microphone }];
}

test("nothing is asked and nothing kept before a press", () => {
  expect(begin(true).access).toBe("not_asked");
  expect(isWorthKeeping(begin(true))).toBe(false);
});

test("an allowed camera is fine at once, a microphone when it has been heard", () => {
  const allowed = after(...ALLOWED);
  expect([allowed.camera, allowed.microphone]).toEqual(["ok", "listening"]);
  expect(next(allowed, { type: "voice" }).microphone).toBe("ok");
  expect(next(allowed, { type: "silence" }).microphone).toBe("silent");
});

test("a voice after the silence makes it good, and silence after a voice is only a pause", () => {
  expect(after(...ALLOWED, { type: "silence" }, { type: "voice" }).microphone).toBe("ok");
  expect(after(...ALLOWED, { type: "voice" }, { type: "silence" }).microphone).toBe("ok");
});

test("each device fails for itself", () => {
  const check = after({ type: "ask" }, { type: "answer", camera: "in_use", microphone: null });
  expect([check.camera, check.microphone]).toEqual(["in_use", "listening"]);
  expect(next(check, { type: "camera", on: false }).camera).toBe("in_use");
});

test("after a refusal one may try again", () => {
  const check = after(...refused("denied", "denied"), ...ALLOWED);
  expect([check.access, check.camera]).toEqual(["answered", "ok"]);
});

test("a camera that was switched off still works", () => {
  const off = after(...ALLOWED, { type: "camera", on: false });
  expect(off.camera).toBe("off");
  expect(findingsOf(off).camera).toBe("ok");
  expect(next(off, { type: "camera", on: true }).camera).toBe("ok");
});

test("another microphone is listened to anew, and a device may fail later", () => {
  const check = after(...ALLOWED, { type: "voice" });
  expect(next(check, { type: "device", device: "microphone", trouble: null }).microphone).toBe(
    "listening",
  );
  expect(next(check, { type: "device", device: "camera", trouble: "missing" }).camera).toBe(
    "missing",
  );
});

test("the sound is judged by who heard it, and only once it was played", () => {
  expect(after({ type: "heard", yes: true }).speaker).toBe("untested");
  expect(after({ type: "play" }, { type: "played" }).speaker).toBe("played");
  expect(after({ type: "play" }, { type: "heard", yes: true }, { type: "played" }).speaker).toBe(
    "heard",
  );
  expect(after({ type: "play" }, { type: "played" }, { type: "heard", yes: false }).speaker).toBe(
    "not_heard",
  );
});

test("what comes late or out of place changes nothing", () => {
  for (const event of [
    { type: "answer", camera: null, microphone: null },
    { type: "voice" },
    { type: "silence" },
    { type: "played" },
    { type: "measured", connection: "good" },
    { type: "device", device: "camera", trouble: null },
  ] as CheckEvent[]) {
    expect(next(begin(true), event)).toEqual(begin(true));
  }
});

test("a page that cannot ask never does, and says so to the clinic", () => {
  const check = next(begin(false), { type: "ask" });
  expect(check.access).toBe("impossible");
  expect(findingsOf(check)).toMatchObject({ camera: "unsupported", microphone: "unsupported" });
  expect(verdictOf(check)).toBe("trouble");
});

test("what is under way is kept as untested", () => {
  expect(findingsOf(after(...ALLOWED, { type: "play" }, { type: "measure" }))).toEqual({
    camera: "ok",
    microphone: "untested",
    speaker: "untested",
    connection: "untested",
  });
});

test.each([
  [after(...ALLOWED, ...MEASURED), "unfinished"],
  [after(...ALLOWED, { type: "voice" }), "unfinished"],
  [after(...ALLOWED, { type: "voice" }, ...MEASURED), "ready"],
  [after(...refused("denied", null), { type: "voice" }, ...MEASURED), "sound_only"],
  [after(...refused(null, "denied"), ...MEASURED), "listen_only"],
  [after(...ALLOWED, { type: "silence" }, ...MEASURED), "listen_only"],
  [after({ type: "measure" }, { type: "measured", connection: "none" }), "trouble"],
] as const)("the verdict on %j is %s", (check, verdict) => {
  expect(verdictOf(check)).toBe(verdict);
});
