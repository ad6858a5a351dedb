import { gettext, ngettext } from "../words";

/** What is left of a hold, for the eye: `9:41`. */
export function countdown(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/** What to say when the seconds left go from `before` (null at the start) to `now`; nothing most of the time. */
export function spoken(before: number | null, now: number): string {
  if (now === 0) return before === 0 ? "" : gettext("This time is no longer held for you.");
  if (before === null) return heldFor(now);
  if (before > 30 && now <= 30) return gettext("30 seconds left to hold this time.");
  if (before > 120 && now <= 120) return gettext("2 minutes left to hold this time.");
  return "";
}

function heldFor(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  return minutes > 0
    ? ngettext(
        "This time is held for you for one minute.",
        "This time is held for you for %(count)s minutes.",
        minutes,
      )
    : ngettext(
        "This time is held for you for %(count)s second.",
        "This time is held for you for %(count)s seconds.",
        seconds,
      );
}
