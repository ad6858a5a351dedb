import type { IssuedPass } from "../api";
import type { Level } from "./quality";
import type { Stage } from "./stage";

/** Why a line or a device failed, in words that every provider's own errors are translated to. */
export type Trouble =
  | "permission"
  | "no-device"
  | "device-busy"
  | "insecure-context"
  | "unsupported"
  | "token"
  /** The video service refuses the clinic itself. */
  | "service"
  | "removed"
  | "network"
  | "unknown";

export class LineError extends Error {
  constructor(readonly trouble: Trouble) {
    super(trouble);
    this.name = "LineError";
  }
}

export type Device = "microphone" | "camera";
/** The devices that the person chose, by the browser's ids; one that is not there is passed over. */
export type Chosen = Readonly<Partial<Record<Device, string>>>;
export type Media = Readonly<Record<Device, boolean>>;
export type DeviceTroubles = Readonly<Partial<Record<Device, Trouble>>>;

export type LineEvent =
  /** The line is up; `own` is what could be opened of the devices asked for. Always the first event. */
  | { type: "joined"; own: Media; troubles: DeviceTroubles; at: number }
  | { type: "other-joined"; at: number }
  | { type: "other-left"; why: "left" | "lost" }
  | { type: "other-media"; media: Media }
  | { type: "own-media"; device: Device; on: boolean; trouble?: Trouble }
  /** The device was taken away, and this one took its place. */
  | { type: "fell-back"; device: Device | "speaker"; label: string }
  /** The other one gave up our picture to keep the sound, or wants it again; not every line can tell. */
  | { type: "other-watches"; on: boolean }
  /** The person's screen takes the camera's place; a picker that was closed again is no failure. */
  | { type: "screen"; on: boolean; failed?: true }
  /** Blocked: a network on the way never let sound and picture through. */
  | { type: "link"; link: "up" | "reconnecting" | "blocked" }
  | { type: "quality"; level: Level }
  | { type: "replaced" }
  | { type: "ended"; status: string | null }
  | { type: "failed"; trouble: Trouble };

export interface LineSetting {
  pass: IssuedPass;
  /** Asks the server for a new pass. After a refusal the room leaves the line by itself. */
  freshPass: () => Promise<IssuedPass>;
  stage: Stage;
  chosen: Chosen;
  tell: (event: LineEvent) => void;
}

/**
 * One person's end of the call. A line is used once: after leave() a new one is made.
 * A device that cannot be opened never stops the call; it is told, and may be tried again.
 */
export interface Line {
  /** Open the devices wanted, then the line; resolves after `joined` was told. Throws LineError. */
  join(wanted: Media): Promise<void>;
  /** Sound stops or starts at once; the device stays open while muted. */
  setMicrophone(on: boolean): Promise<void>;
  /** Off releases the camera, so that its light goes out. */
  setCamera(on: boolean): Promise<void>;
  /** Show the screen in the camera's place, which the browser lets the person choose; to be called by a press. */
  showScreen(on: boolean): Promise<void>;
  /** Get the other's picture, or give it up so that a poor link carries the sound. */
  watch(on: boolean): Promise<void>;
  /** Send from this device from now on; one that is off stays off. */
  use(device: Device, id: string): Promise<void>;
  /** The id of the device that is open, null when none is. */
  using(device: Device): string | null;
  /** Close everything. Never throws, and works at every moment, also before join() resolved. */
  leave(): Promise<void>;
}
