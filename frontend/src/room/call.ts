import type { Place } from "../visit/visit-socket";
import type { Device, DeviceTroubles, LineEvent, Media, Trouble } from "./line";
import { isPoorForLong, type Steady, steadied, UNMEASURED } from "./quality";

/** Why a call could not be opened or kept: a line's trouble, or the clinic's "no". */
export type Failure = Trouble | "not-confirmed" | "not-signed-in" | "not-found";

export type EndStatus = "completed" | "cancelled" | "closed";

export interface Live {
  readonly phase: "live";
  readonly link: "up" | "reconnecting" | "blocked";
  readonly other: "awaited" | "here" | "left" | "lost";
  readonly otherMedia: Media;
  readonly own: Media;
  readonly troubles: DeviceTroubles;
  readonly screen: "hidden" | "shown" | "failed";
  readonly quality: Steady;
  /** The person gave up the other's picture to keep the sound; the other one gave up theirs. */
  readonly soundOnly: boolean;
  readonly otherWatches: boolean;
  /** The person would rather keep the video on this poor link. */
  readonly keepsVideo: boolean;
  readonly soundBlocked: boolean;
  /** The device that took the place of one that was taken away. */
  readonly fellBack: { readonly device: Device | "speaker"; readonly label: string } | null;
  /** Why the visit could not be ended just now, in the clinic's words. */
  readonly refused: string | null;
  /** When this person came in, and when both were first here; milliseconds since 1970. */
  readonly since: number;
  readonly togetherSince: number | null;
}

export type Call =
  | { readonly phase: "lobby"; readonly refusedEarly: boolean; readonly opensAt: string | null }
  | { readonly phase: "joining"; readonly wanted: Media }
  | Live
  | { readonly phase: "left"; readonly wanted: Media }
  | { readonly phase: "ended"; readonly status: EndStatus }
  | {
      readonly phase: "removed";
      /** Taken out: perhaps replaced as well, for not every line tells the two apart. */
      readonly why: "replaced" | "taken-out";
      readonly wanted: Media;
    }
  | {
      readonly phase: "failed";
      readonly failure: Failure;
      readonly reference: string | null;
      readonly wanted: Media;
    };

export type CallEvent =
  | LineEvent
  /** The press of a button: join, try again, rejoin, use this tab. */
  | { type: "join"; wanted: Media }
  | { type: "leave" }
  | { type: "too-early"; opensAt: string | null }
  | { type: "refused"; failure: Failure; reference: string | null }
  | { type: "sound"; blocked: boolean }
  | { type: "sound-only"; on: boolean }
  | { type: "end-refused"; detail: string }
  /** The notices about devices and refusals were read. */
  | { type: "read" };

export const LOBBY: Call = { phase: "lobby", refusedEarly: false, opensAt: null };

/** Where the clinic sees this person: somebody who left, or is here on another page, is not on this one. */
export function placeIn(call: Call): Place | null {
  switch (call.phase) {
    case "lobby":
    case "joining":
    case "failed":
      return "waiting";
    case "live":
      return "room";
    default:
      return null;
  }
}

/** The whole life of a call. An event that comes late, twice or out of place changes nothing. */
export function next(call: Call, event: CallEvent): Call {
  if (call.phase === "ended") return call;
  if (event.type === "ended") return { phase: "ended", status: endStatus(event.status) };
  switch (call.phase) {
    case "joining":
      return joining(call, event);
    case "live":
      return live(call, event);
    default:
      return event.type === "join" ? { phase: "joining", wanted: event.wanted } : call;
  }
}

function joining(call: Extract<Call, { phase: "joining" }>, event: CallEvent): Call {
  switch (event.type) {
    case "joined":
      return {
        phase: "live",
        link: "up",
        other: "awaited",
        otherMedia: { microphone: false, camera: false },
        own: event.own,
        troubles: event.troubles,
        screen: "hidden",
        quality: UNMEASURED,
        soundOnly: false,
        otherWatches: true,
        keepsVideo: false,
        soundBlocked: false,
        fellBack: null,
        refused: null,
        since: event.at,
        togetherSince: null,
      };
    case "too-early":
      return { phase: "lobby", refusedEarly: true, opensAt: event.opensAt };
    case "leave":
      return { phase: "left", wanted: call.wanted };
    default:
      return broken(call, call.wanted, event);
  }
}

function live(call: Live, event: CallEvent): Call {
  switch (event.type) {
    case "other-joined":
      return { ...call, other: "here", togetherSince: call.togetherSince ?? event.at };
    case "other-left":
      // Nothing is measured alone, and the next connection is measured anew.
      return call.other === "here" ? { ...call, other: event.why, quality: UNMEASURED } : call;
    case "other-media":
      return { ...call, otherMedia: event.media };
    case "own-media":
      return {
        ...call,
        own: { ...call.own, [event.device]: event.on },
        troubles: withTrouble(call.troubles, event.device, event.trouble),
      };
    case "screen":
      return { ...call, screen: event.on ? "shown" : event.failed ? "failed" : "hidden" };
    case "fell-back":
      return { ...call, fellBack: { device: event.device, label: event.label } };
    case "link":
      return { ...call, link: event.link };
    case "quality": {
      const quality = steadied(call.quality, event.level);
      return { ...call, quality, keepsVideo: call.keepsVideo && quality.shown === "poor" };
    }
    case "sound-only":
      return { ...call, soundOnly: event.on };
    case "other-watches":
      return { ...call, otherWatches: event.on };
    case "sound":
      return { ...call, soundBlocked: event.blocked };
    case "end-refused":
      return { ...call, refused: event.detail };
    case "read":
      return {
        ...call,
        troubles: {},
        screen: call.screen === "failed" ? "hidden" : call.screen,
        keepsVideo: call.keepsVideo || isPoorForLong(call.quality),
        refused: null,
        fellBack: null,
      };
    case "leave":
      return { phase: "left", wanted: call.own };
    default:
      return broken(call, call.own, event);
  }
}

/** What can end an attempt or a call from outside; `wanted` is kept for the way back. */
function broken(call: Call, wanted: Media, event: CallEvent): Call {
  switch (event.type) {
    case "replaced":
      return { phase: "removed", why: "replaced", wanted };
    case "failed":
      if (event.trouble === "removed") return { phase: "removed", why: "taken-out", wanted };
      return { phase: "failed", failure: event.trouble, reference: null, wanted };
    case "refused":
      return { phase: "failed", failure: event.failure, reference: event.reference, wanted };
    default:
      return call;
  }
}

function withTrouble(
  troubles: DeviceTroubles,
  device: Device,
  trouble: Trouble | undefined,
): DeviceTroubles {
  const { [device]: _settled, ...others } = troubles;
  return trouble === undefined ? others : { ...others, [device]: trouble };
}

function endStatus(status: string | null): EndStatus {
  return status === "completed" || status === "cancelled" ? status : "closed";
}
