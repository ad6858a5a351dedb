/** How it stands with an answer that is not there yet; nothing at first, and once it is there. */
export type Waiting = "" | "loading" | "slow" | "offline" | "unreachable";

const LOADING_AFTER = 400; // milliseconds; who gets an answer sooner has not waited
const SLOW_AFTER = 8000;

/** The answer, or null when none came. `say` hears how it stands, unless the question was withdrawn. */
export async function patiently<T>(
  answer: Promise<T>,
  say: (waiting: Waiting) => void,
): Promise<T | null> {
  const loading = setTimeout(say, LOADING_AFTER, "loading");
  const slow = setTimeout(say, SLOW_AFTER, "slow");
  try {
    const found = await answer;
    say("");
    return found;
  } catch (error) {
    const withdrawn = error instanceof DOMException && error.name === "AbortError";
    if (!withdrawn) say(navigator.onLine ? "unreachable" : "offline");
    return null;
  } finally {
    clearTimeout(loading);
    clearTimeout(slow);
  }
}
