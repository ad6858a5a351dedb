/** What is left of a hold, for the eye: `9:41`. */
export function countdown(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/** What to say when the seconds left go from `before` (null at the start) to `now`; nothing most of the time. */
export function spoken(before: number | null, now: number): string {
  if (now === 0) return before === 0 ? "" : "This time is no longer held for you.";
  if (before === null) {
    const minutes = Math.floor(now / 60);
    if (minutes > 1) return `This time is held for you for ${minutes} minutes.`;
    return minutes === 1
      ? "This time is held for you for one minute."
      : `This time is held for you for ${now} seconds.`;
  }
  if (before > 30 && now <= 30) return "30 seconds left to hold this time.";
  if (before > 120 && now <= 120) return "2 minutes left to hold this time.";
  return "";
}
