import { expect, test } from "vitest";
import { choices, openDevices, troubleOfMedia } from "./devices";
import type { Device } from "./line";

const BOTH = { microphone: true, camera: true };

/** A computer with some devices that work; it remembers what it was asked for. */
function computer(working: Device[]) {
  const asked: string[] = [];
  const open = async (devices: readonly Device[]) => {
    asked.push(devices.join("+"));
    if (!devices.every((device) => working.includes(device))) {
      throw new DOMException("no such device", "NotFoundError");
    }
    return Object.fromEntries(devices.map((device) => [device, device]));
  };
  return { asked, open };
}

test("both devices are opened with one question", async () => {
  const { asked, open } = computer(["microphone", "camera"]);
  const opened = await openDevices(BOTH, open, troubleOfMedia);
  expect(asked).toEqual(["microphone+camera"]);
  expect(opened).toEqual({ tracks: { microphone: "microphone", camera: "camera" }, troubles: {} });
});

test("a missing camera does not take the microphone with it", async () => {
  const { open } = computer(["microphone"]);
  const opened = await openDevices(BOTH, open, troubleOfMedia);
  expect(opened).toEqual({
    tracks: { microphone: "microphone" },
    troubles: { camera: "no-device" },
  });
});

test("without any device one may still listen", async () => {
  const { open } = computer([]);
  const opened = await openDevices(BOTH, open, troubleOfMedia);
  expect(opened).toEqual({
    tracks: {},
    troubles: { microphone: "no-device", camera: "no-device" },
  });
});

test("what is not wanted is not asked for", async () => {
  const { asked, open } = computer(["microphone", "camera"]);
  await openDevices({ microphone: true, camera: false }, open, troubleOfMedia);
  expect(asked).toEqual(["microphone"]);
  await openDevices({ microphone: false, camera: false }, open, troubleOfMedia);
  expect(asked).toEqual(["microphone"]);
});

test.each([
  ["NotAllowedError", "permission"],
  ["SecurityError", "permission"],
  ["NotFoundError", "no-device"],
  ["OverconstrainedError", "no-device"],
  ["NotReadableError", "device-busy"],
  ["AbortError", "device-busy"],
  ["TypeError", "unknown"],
])("a browser's %s is %s", (name, trouble) => {
  expect(troubleOfMedia(new DOMException("", name))).toBe(trouble);
});

test("the devices to choose from are told by what they do", () => {
  const found = choices([
    { deviceId: "m1", kind: "audioinput", label: "Headset" },
    { deviceId: "c1", kind: "videoinput", label: "" },
    { deviceId: "s1", kind: "audiooutput", label: "Loudspeaker" },
  ]);
  expect(found).toEqual({
    microphone: [{ id: "m1", label: "Headset" }],
    camera: [{ id: "c1", label: "" }],
    speaker: [{ id: "s1", label: "Loudspeaker" }],
  });
});

test("devices without ids are no choice", () => {
  expect(choices([{ deviceId: "", kind: "videoinput", label: "" }]).camera).toEqual([]);
});
