import { announce } from "../announcer";

/**
 * `<hold-timer until="…Z" server-now="…Z">9:41</hold-timer>`: what is left of a hold, by the server's clock.
 * It is read out when it starts, two minutes and half a minute before the end, and at the end, never while
 * it ticks. Fires a bubbling `lapse` at the end.
 */
export class HoldTimer extends HTMLElement {
  #until = 0;
  #serverAhead = 0;
  #last = Number.POSITIVE_INFINITY;
  #tick = 0;

  connectedCallback(): void {
    this.setAttribute("role", "timer");
    this.setAttribute("aria-live", "off");
    this.#until = Date.parse(this.getAttribute("until") ?? "");
    this.#serverAhead =
      Date.parse(this.getAttribute("server-now") ?? "") - (Date.now() - sinceThePageCame());
    document.addEventListener("visibilitychange", this.#show);
    this.#show();
  }

  disconnectedCallback(): void {
    document.removeEventListener("visibilitychange", this.#show);
    clearTimeout(this.#tick);
  }

  #show = (): void => {
    clearTimeout(this.#tick);
    const left = Math.max(0, this.#until - (Date.now() + this.#serverAhead));
    const seconds = Math.floor(left / 1000);
    this.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    const words = spoken(this.#last, seconds);
    if (words) announce(words);
    this.#last = seconds;
    if (seconds > 0) this.#tick = window.setTimeout(this.#show, (left % 1000) + 1);
    else this.dispatchEvent(new Event("lapse", { bubbles: true }));
  };
}

/** What to say when the seconds left go from `before` to `now`; nothing most of the time. */
export function spoken(before: number, now: number): string {
  if (now === 0) return before > 0 ? "This time is no longer held for you." : "";
  if (before === Number.POSITIVE_INFINITY) {
    return now >= 60
      ? `This time is held for you for ${Math.floor(now / 60)} more minutes.`
      : `This time is held for you for ${now} more seconds.`;
  }
  if (before > 30 && now <= 30) return "30 seconds left to hold this time.";
  if (before > 120 && now <= 120) return "2 minutes left to hold this time.";
  return "";
}

/** `server-now` was true when the page's first byte came, not when this script ran. In milliseconds. */
function sinceThePageCame(): number {
  if (document.readyState === "complete") return 0;
  const [visit] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
  return visit ? performance.now() - visit.responseStart : 0;
}

customElements.define("hold-timer", HoldTimer);
