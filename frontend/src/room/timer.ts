/** "04:12", and from an hour on "1:04:12". Never negative. */
export function elapsed(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const two = (value: number) => String(value).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const rest = `${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return hours > 0 ? `${hours}:${rest}` : rest;
}

const NEARLY_OVER = 2 * 60 * 1000;

/** How a moment stands to the booked time. The call itself is never cut by it. */
export function bookedTime(now: number, endsAt: number): "running" | "nearly-over" | "over" {
  if (now >= endsAt) return "over";
  return endsAt - now <= NEARLY_OVER ? "nearly-over" : "running";
}
