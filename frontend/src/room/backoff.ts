const FIRST_WAIT = 500;
const LONGEST_WAIT = 8_000;

/**
 * Milliseconds to wait before attempt number `attempt` (0 is the first retry). Half of it is chance:
 * after a restart of the server everybody comes back, and must not come at once.
 */
export function backoff(attempt: number, chance: number = Math.random()): number {
  const longest = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** attempt);
  return longest * (0.5 + chance / 2);
}
