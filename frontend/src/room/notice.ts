import type { Live } from "./call";
import type { Device, Trouble } from "./line";
import { isPoorForLong } from "./quality";
import { words } from "./words";

/** What stands in the way of a live call. */
export type Notice =
  | { type: "blocked" | "reconnecting" | "sound-blocked" | "screen-failed" | "poor" | "sound-only" }
  | { type: "refused"; detail: string }
  | { type: "fell-back"; device: Device | "speaker"; label: string }
  | { type: "devices"; devices: readonly Device[]; trouble: Trouble };

/** The most pressing notice; null when all is well. */
export function noticeOf(call: Live): Notice | null {
  if (call.link !== "up") return { type: call.link };
  if (call.soundBlocked) return { type: "sound-blocked" };
  if (call.refused !== null) return { type: "refused", detail: call.refused };
  const { microphone, camera } = call.troubles;
  const trouble = microphone ?? camera;
  if (trouble !== undefined) {
    const devices: Device[] = ["microphone", "camera"];
    return {
      type: "devices",
      trouble,
      devices: devices.filter((device) => call.troubles[device] === trouble),
    };
  }
  if (call.screen === "failed") return { type: "screen-failed" };
  if (call.fellBack !== null) return { type: "fell-back", ...call.fellBack };
  if (call.soundOnly) return { type: "sound-only" };
  const helps = call.other === "here" && carriesVideo(call) && !call.keepsVideo;
  return helps && isPoorForLong(call.quality) ? { type: "poor" } : null;
}

function carriesVideo(call: Live): boolean {
  return call.own.camera || call.screen === "shown" || call.otherMedia.camera;
}

export function noticeText(notice: Notice, other: string): string {
  switch (notice.type) {
    case "blocked":
      return words.notice.blocked(other);
    case "reconnecting":
      return words.notice.reconnecting;
    case "sound-blocked":
      return words.notice.soundBlocked(other);
    case "poor":
      return words.notice.poor;
    case "sound-only":
      return words.notice.soundOnly;
    case "refused":
      return notice.detail;
    case "screen-failed":
      return words.notice.screenFailed;
    case "fell-back":
      return words.notice.fellBack[notice.device](notice.label);
    case "devices":
      return words.notice.devices(notice.devices, notice.trouble);
  }
}

/** The button beside a notice, when there is something to do about it. */
export function noticeAction(notice: Notice): string | null {
  switch (notice.type) {
    case "sound-blocked":
      return words.notice.turnOnSound;
    case "devices":
      return words.notice.tryAgain;
    case "poor":
      return words.notice.soundAlone;
    case "sound-only":
      return words.notice.watchAgain;
    default:
      return null;
  }
}

/** A notice that stays until it was read. */
export function canBeClosed(notice: Notice): boolean {
  return ["devices", "fell-back", "poor", "refused", "screen-failed"].includes(notice.type);
}
