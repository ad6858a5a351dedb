import { troubleOfMedia } from "../room/devices";

/** Why a device could not be opened, told apart by what the person can do about it. */
export type Trouble = "dismissed" | "denied" | "blocked" | "in_use" | "missing" | "failed";

/**
 * What a rejected getUserMedia means; `permission` is what the browser says of the device afterwards,
 * or null where it does not say.
 */
export function troubleOf(error: unknown, permission: PermissionState | null): Trouble {
  switch (troubleOfMedia(error)) {
    case "no-device":
      return "missing";
    case "device-busy":
      return "in_use";
    case "permission":
      return refusal(error instanceof Error ? error.message : "", permission);
    default:
      return "failed";
  }
}

/** All three come as NotAllowedError. */
function refusal(message: string, permission: PermissionState | null): Trouble {
  // The browser would have given it, or says so: then it is the system that does not.
  if (permission === "granted" || /system/i.test(message)) return "blocked";
  if (permission === "prompt" || /dismissed/i.test(message)) return "dismissed";
  return "denied";
}
