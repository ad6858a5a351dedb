import { announce } from "../announcer";
import { countdown, spoken } from "./holding";

/**
 * `<hold-timer until="…Z" server-now="…Z">9:41</hold-timer>`: what is left of a hold, by the server's clock.
 * It is read out when it starts, two minutes and half a minute before the end, and at the end, never while
 * it ticks. Fires a bubbling `lapse` at the end.
 */
class HoldTimer extends HTMLElement {
  #until = 0;
  #serverAhead = 0;
  #last: number | null = null;
  #tick = 0;

  connectedCallback(): void {
    this.setAttribute("role", "timer");
    this.setAttribute("aria-live", "off");
    this.#until = Date.parse(this.getAttribute("until") ?? "");
    this.#serverAhead =
      Date.parse(this.getAttribute("server-now") ?? "") - (Date.now() - sinceThePageCame());
    // A sleeping tab does not tick; on waking it must be right at once.
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
    const lapsed = seconds === 0 && this.#last !== 0;
    this.textContent = countdown(seconds);
    const words = spoken(this.#last, seconds);
    this.#last = seconds;
    if (words) announce(words);
    if (lapsed) this.dispatchEvent(new Event("lapse", { bubbles: true }));
    if (seconds > 0) this.#tick = window.setTimeout(this.#show, (left % 1000) + 1);
  };
}

/** In milliseconds: `server-now` was true when the page's first byte came, not when this script ran. */
function sinceThePageCame(): number {
  if (document.readyState === "complete") return 0;
  const [visit] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
  return visit ? performance.now() - visit.responseStart : 0;
}

customElements.define("hold-timer", HoldTimer);
