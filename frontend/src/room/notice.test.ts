import { expect, test } from "vitest";
import { announcementOf } from "./announcement";
import { type CallEvent, type Live, LOBBY, next } from "./call";
import { type Notice, noticeAction, noticeOf, noticeText } from "./notice";

function call(...events: CallEvent[]): Live {
  const own = { microphone: true, camera: true };
  const start: CallEvent[] = [
    { type: "join", wanted: own },
    { type: "joined", own, troubles: {}, at: 0 },
  ];
  const result = [...start, ...events].reduce(next, LOBBY);
  if (result.phase !== "live") throw new Error(`the call is ${result.phase}`);
  return result;
}

const HERE: CallEvent = { type: "other-joined", at: 1 };
const POOR: CallEvent[] = Array(8).fill({ type: "quality", level: 5 });
const NO_CAMERA: CallEvent = {
  type: "own-media",
  device: "camera",
  on: false,
  trouble: "no-device",
};
const BLOCKED_MICROPHONE: CallEvent = {
  type: "own-media",
  device: "microphone",
  on: false,
  trouble: "permission",
};
const LOST: CallEvent = { type: "link", link: "reconnecting" };

test("a call that goes well has no notice", () => {
  expect(noticeOf(call(HERE))).toBeNull();
});

test("the most pressing notice stands alone", () => {
  expect(noticeOf(call(HERE, ...POOR, NO_CAMERA, LOST))?.type).toBe("reconnecting");
  expect(noticeOf(call(HERE, ...POOR, NO_CAMERA))?.type).toBe("devices");
  expect(noticeOf(call(HERE, ...POOR))?.type).toBe("poor");
});

test("a device that took another's place is named until it was read", () => {
  const headset: CallEvent = { type: "fell-back", device: "microphone", label: "Built-in" };
  expect(noticeText(noticeOf(call(HERE, headset)) as Notice, "Dr Silva")).toBe(
    "Your microphone was disconnected. Now in use: Built-in.",
  );
  expect(noticeOf(call(HERE, headset, { type: "read" }))).toBeNull();
});

test("whoever cannot see the screen hears when it is shown, and when no longer", () => {
  const shown = call(HERE, { type: "screen", on: true });
  expect(announcementOf(call(HERE), shown, "Dr Silva")).toBe("Your screen is shown");
  const hidden = next(shown, { type: "screen", on: false });
  expect(announcementOf(shown, hidden, "Dr Silva")).toBe("Your screen is no longer shown");
});

test("on a poor link the video may go so that the sound stays, and come back", () => {
  const poor = call(HERE, ...POOR);
  expect(noticeAction(noticeOf(poor) as Notice)).toBe("Turn off video to keep the sound");
  const alone = next(poor, { type: "sound-only", on: true });
  expect(noticeAction(noticeOf(alone as Live) as Notice)).toBe("Show video again");
});

test("a link that is poor for a moment only is no matter", () => {
  expect(noticeOf(call(HERE, ...POOR.slice(1)))).toBeNull();
});

test("whoever keeps the video is asked again only once the link was better", () => {
  expect(noticeOf(call(HERE, ...POOR, { type: "read" }, ...POOR))).toBeNull();
  const better: CallEvent[] = Array(3).fill({ type: "quality", level: 1 });
  const again = call(HERE, ...POOR, { type: "read" }, ...better, ...POOR);
  expect(noticeOf(again)?.type).toBe("poor");
});

test("a call without any video has none to turn off", () => {
  const off: CallEvent = { type: "own-media", device: "camera", on: false };
  expect(noticeOf(call(HERE, off, ...POOR))).toBeNull();
});

test("two devices with one trouble share a notice", () => {
  const trouble = "permission";
  const blocked: CallEvent = { type: "own-media", device: "camera", on: false, trouble };
  expect(noticeOf(call(BLOCKED_MICROPHONE, blocked))).toEqual({
    type: "devices",
    devices: ["microphone", "camera"],
    trouble,
  });
});

test("two devices with two troubles come one after the other, the microphone first", () => {
  const both = call(BLOCKED_MICROPHONE, NO_CAMERA);
  expect(noticeOf(both)).toMatchObject({ devices: ["microphone"], trouble: "permission" });
  const fixed = next(both, { type: "own-media", device: "microphone", on: true }) as Live;
  expect(noticeOf(fixed)).toMatchObject({ devices: ["camera"], trouble: "no-device" });
});

test("a notice says what is wrong and what to do", () => {
  const notice = noticeOf(call(BLOCKED_MICROPHONE));
  expect(notice && noticeText(notice, "Dr Silva")).toBe(
    "Your browser is blocking the microphone. Select the icon left of the web address, " +
      "allow Microphone, then try again. The other side cannot hear you.",
  );
});

function heard(before: Live, event: CallEvent): string | null {
  return announcementOf(before, next(before, event), "Dr Silva");
}

test("the switches and the other's coming and going are announced", () => {
  expect(heard(call(), { type: "own-media", device: "microphone", on: false })).toBe(
    "Microphone off",
  );
  expect(heard(call(), { type: "own-media", device: "camera", on: false })).toBe("Camera off");
  expect(heard(call(), HERE)).toBe("Dr Silva is here");
  expect(heard(call(HERE), { type: "other-left", why: "left" })).toBe(
    "Dr Silva left. They may come back",
  );
  expect(heard(call(HERE, LOST), { type: "link", link: "up" })).toBe("Connected again");
});

test("joining is announced together with what did not work", () => {
  const live = call(NO_CAMERA);
  const said = announcementOf({ phase: "joining", wanted: live.own }, live, "Dr Silva");
  expect(said).toBe("You joined the call. No camera was found. The other side cannot see you.");
});

test("a measurement that changes nothing is not announced", () => {
  expect(heard(call(HERE), { type: "quality", level: 1 })).toBeNull();
});
