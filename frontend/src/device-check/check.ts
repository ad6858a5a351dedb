import type { Quality } from "../room/quality";
import type { Trouble } from "./trouble";

export type Device = "camera" | "microphone";
export type Strength = Extract<Quality, "good" | "fair" | "poor">;

/** `off`: it works and was switched off; `listening`: it is open and nothing was heard yet. */
export type CameraState = "untested" | "ok" | "off" | Trouble;
export type MicrophoneState = "untested" | "listening" | "ok" | "silent" | Trouble;

export interface Check {
  /** Whether this page can ask for devices at all, and how far it is with that. */
  readonly access: "impossible" | "not_asked" | "asking" | "answered";
  readonly camera: CameraState;
  readonly microphone: MicrophoneState;
  readonly speaker: "untested" | "playing" | "played" | "heard" | "not_heard";
  readonly connection: "untested" | "measuring" | Strength | "none";
}

export type CheckEvent =
  | { type: "ask" }
  /** The answer for one device; a device that could be opened has no trouble. */
  | { type: "answer"; camera: Trouble | null; microphone: Trouble | null }
  | { type: "camera"; on: boolean }
  | { type: "device"; device: Device; trouble: Trouble | null }
  | { type: "voice" }
  | { type: "silence" }
  | { type: "play" }
  | { type: "played" }
  | { type: "heard"; yes: boolean }
  | { type: "measure" }
  | { type: "measured"; connection: Strength | "none" };

export function begin(devicesCanBeAsked: boolean): Check {
  return {
    access: devicesCanBeAsked ? "not_asked" : "impossible",
    camera: "untested",
    microphone: "untested",
    speaker: "untested",
    connection: "untested",
  };
}

/** The whole check. An event that comes late or out of place changes nothing. */
export function next(check: Check, event: CheckEvent): Check {
  switch (event.type) {
    case "ask":
      return check.access === "impossible" ? check : { ...check, access: "asking" };
    case "answer":
      if (check.access !== "asking") return check;
      return {
        ...check,
        access: "answered",
        camera: event.camera ?? "ok",
        microphone: event.microphone ?? "listening",
      };
    case "camera":
      if (check.camera !== (event.on ? "off" : "ok")) return check;
      return { ...check, camera: event.on ? "ok" : "off" };
    case "device":
      if (check.access !== "answered") return check;
      return event.device === "camera"
        ? { ...check, camera: event.trouble ?? "ok" }
        : { ...check, microphone: event.trouble ?? "listening" };
    case "voice":
      return isOpen(check.microphone) ? { ...check, microphone: "ok" } : check;
    case "silence":
      return check.microphone === "listening" ? { ...check, microphone: "silent" } : check;
    case "play":
      return { ...check, speaker: "playing" };
    case "played":
      return check.speaker === "playing" ? { ...check, speaker: "played" } : check;
    case "heard":
      if (check.speaker === "untested") return check;
      return { ...check, speaker: event.yes ? "heard" : "not_heard" };
    case "measure":
      return { ...check, connection: "measuring" };
    case "measured":
      return check.connection === "measuring" ? { ...check, connection: event.connection } : check;
  }
}

/** The microphone gives us its sound. */
export function isOpen(microphone: MicrophoneState): boolean {
  return microphone === "listening" || microphone === "ok" || microphone === "silent";
}

/** What the clinic keeps, in its own words; what is not settled yet counts as untested. */
export function findingsOf(
  check: Check,
): Record<"camera" | "microphone" | "speaker" | "connection", string> {
  const impossible = check.access === "impossible";
  const { camera, microphone, speaker, connection } = check;
  const unsettled = {
    listening: "untested",
    playing: "untested",
    played: "untested",
    measuring: "untested",
  };
  const settled = (state: string) => (unsettled as Record<string, string>)[state] ?? state;
  return {
    camera: impossible ? "unsupported" : camera === "off" ? "ok" : settled(camera),
    microphone: impossible ? "unsupported" : settled(microphone),
    speaker: settled(speaker),
    connection: settled(connection),
  };
}

/** True once there is something to keep. */
export function isWorthKeeping(check: Check): boolean {
  return Object.values(findingsOf(check)).some((state) => state !== "untested");
}

export type Verdict = "unfinished" | "ready" | "sound_only" | "listen_only" | "trouble";

/** What this device is good for, once camera, microphone and connection are known. */
export function verdictOf(check: Check): Verdict {
  const { access, camera, microphone, connection } = check;
  if (access === "impossible" || connection === "none") return "trouble";
  if (access !== "answered" || microphone === "listening") return "unfinished";
  if (connection === "untested" || connection === "measuring") return "unfinished";
  if (microphone !== "ok") return "listen_only";
  return camera === "ok" || camera === "off" ? "ready" : "sound_only";
}
