import { announce } from "../announcer";
import { freshPage } from "../fresh-page";
import { patiently } from "../patience";
import { linkPressed } from "../press";
import { hideWaiting, showWaiting } from "../waiting";
import { gettext } from "../words";
import { moved } from "./grid";
import { type OpeningNews, watchOpenings } from "./openings";
import { placeAfter } from "./place";

const JUST_TAKEN_FOR = 3000; // milliseconds that a taken time stays in sight

/**
 * `<doctor-calendar doctor="…">`: a month of days and the times of one day, all of them links. This turns
 * the pages without leaving them, makes a grid of the days for who uses the keyboard, and keeps them true:
 * times that are taken go, released ones return. The server alone decides what is free; this only asks it
 * again.
 */
class DoctorCalendar extends HTMLElement {
  #stopWatching = () => {};
  #refresh = 0;
  #refreshAt = 0;
  #asking = new AbortController();
  #shown = location.search;

  connectedCallback(): void {
    this.addEventListener("click", this.#press);
    this.addEventListener("keydown", this.#key);
    this.addEventListener("focusin", this.#arrive);
    addEventListener("popstate", this.#back);
    addEventListener("offline", this.#offline);
    this.#makeGrid();
    this.#stopWatching = watchOpenings(this.getAttribute("doctor") ?? "", this.#hear);
  }

  disconnectedCallback(): void {
    this.removeEventListener("click", this.#press);
    this.removeEventListener("keydown", this.#key);
    this.removeEventListener("focusin", this.#arrive);
    removeEventListener("popstate", this.#back);
    removeEventListener("offline", this.#offline);
    clearTimeout(this.#refresh);
    this.#asking.abort();
    this.#stopWatching();
  }

  #press = (event: MouseEvent): void => {
    const link = linkPressed(event, 'a[href^="?"]');
    if (!link) return;
    event.preventDefault();
    void this.#go(link.href);
  };

  async #go(url: string, focus?: string): Promise<void> {
    const month = this.#month;
    if (!(await this.#ask(url, focus))) return;
    history.pushState(null, "", url);
    this.#shown = location.search;
    const chosen = new URL(url).searchParams.has("date");
    if (chosen) this.querySelector("#times")?.scrollIntoView({ block: "nearest" });
    const name = this.querySelector(":is(.is-chosen, .tile[aria-current]) .visually-hidden");
    if (chosen && name) announce(name.textContent);
    else if (this.#month !== month) announce(`${this.#month}. ${this.#text("#times")}`);
  }

  get #month(): string {
    return this.#text("#month-name");
  }

  #text(selector: string): string {
    return this.querySelector(selector)?.textContent ?? "";
  }

  #back = (): void => {
    // Moving between two places of one page is also a step in the history.
    if (location.search === this.#shown) return;
    this.#shown = location.search;
    void this.#ask(location.href);
  };

  #offline = (): void => showWaiting("offline", "", () => void this.#ask(location.href));

  /** One tab stop for all days; days without times are reached too, or the grid would have holes. */
  #makeGrid(): void {
    const grid = this.querySelector("table");
    if (!grid) return;
    grid.setAttribute("role", "grid");
    grid.querySelector("td:has(> .is-chosen)")?.setAttribute("aria-selected", "true");
    for (const day of grid.querySelectorAll<HTMLElement>(".day")) day.tabIndex = -1;
    const stop = [".is-chosen", "[aria-current]", "[href]", ".day"]
      .map((which) => grid.querySelector<HTMLElement>(`.day${which === ".day" ? "" : which}`))
      .find((day) => day !== null);
    if (stop) stop.tabIndex = 0;
  }

  #arrive = (event: FocusEvent): void => {
    const day = (event.target as Element).closest<HTMLElement>("[role=grid] .day");
    if (!day) return;
    for (const other of this.querySelectorAll<HTMLElement>(".day[tabindex='0']")) {
      other.tabIndex = -1;
    }
    day.tabIndex = 0;
  };

  #key = (event: KeyboardEvent): void => {
    const day = (event.target as Element).closest<HTMLElement>("[role=grid] .day");
    if (!day || event.altKey || event.metaKey || event.ctrlKey || event.shiftKey) return;
    // Enter presses a link by itself, Space does not.
    const to = moved(
      day.id.slice("day-".length),
      event.key,
      getComputedStyle(this).direction === "rtl",
    );
    if (event.key !== " " && !to) return;
    event.preventDefault();
    if (to) this.#moveTo(`day-${to}`, `day-${to}` < day.id);
    else day.click();
  };

  #moveTo(id: string, isBefore: boolean): void {
    const day = this.querySelector<HTMLElement>(`#${id}`);
    if (day) {
      day.focus();
      return;
    }
    const step = isBefore ? "#month-before" : "#month-after";
    const link = this.querySelector<HTMLAnchorElement>(step);
    if (link) void this.#go(link.href, id);
    else announce(isBefore ? gettext("No earlier month") : gettext("No later month"));
  }

  #hear = (news: OpeningNews): void => {
    const slot =
      news.event === "taken" &&
      this.querySelector<HTMLAnchorElement>(`[data-slot="${CSS.escape(news.slotId)}"][href]`);
    if (slot) this.#sayTaken(slot);
    // Not all at once: everybody who looks at this doctor has heard the same.
    this.#refreshIn(slot ? JUST_TAKEN_FOR : 200 + Math.random() * 1000);
  };

  #sayTaken(slot: HTMLAnchorElement): void {
    // Before the address goes: who is here must not lose their place.
    slot.tabIndex = 0;
    slot.role = "link";
    slot.ariaDisabled = "true";
    slot.removeAttribute("href");
    slot.classList.add("is-taken");
    const [time, words] = [document.createElement("s"), document.createElement("span")];
    time.append(slot.firstChild ?? "");
    words.textContent = gettext("Just taken");
    slot.prepend(time, words);
    announce(gettext("%(time)s has just been taken.", { time: time.textContent }));
  }

  /** Not before the last of the taken times has been seen for its three seconds. */
  #refreshIn(milliseconds: number): void {
    this.#refreshAt = Math.max(this.#refreshAt, Date.now() + milliseconds);
    clearTimeout(this.#refresh);
    this.#refresh = window.setTimeout(() => {
      // What somebody waits for is not withdrawn for news.
      if (this.ariaBusy) this.#refreshIn(1000);
      else void this.#show(freshPage(location.href, this.#question()));
    }, this.#refreshAt - Date.now());
  }

  /** Withdraws the question before; the later one has the word. */
  #question(): RequestInit {
    this.#asking.abort();
    this.#asking = new AbortController();
    return { signal: this.#asking.signal };
  }

  /** For somebody who waits for it. False when they wait for something else now, or go there by the browser. */
  async #ask(url: string, focus?: string): Promise<boolean> {
    this.ariaBusy = "true";
    const question = this.#question();
    const answer = patiently(freshPage(url, question), (waiting) =>
      showWaiting(waiting, gettext("Loading times…"), () => void this.#go(url, focus)),
    );
    return this.#show(answer, focus, url);
  }

  async #show(asked: Promise<Document | null>, focus?: string, url?: string): Promise<boolean> {
    const { signal } = this.#asking;
    const page = await asked.catch(() => null);
    if (signal.aborted) return false;
    this.ariaBusy = null;
    const fresh = page?.querySelector("doctor-calendar");
    if (!fresh) {
      if (page && url) location.assign(url);
      return false;
    }
    const here = this.contains(document.activeElement) ? document.activeElement?.id : undefined;
    const times = this.#times();
    hideWaiting();
    this.replaceChildren(...fresh.childNodes);
    this.#makeGrid();
    if (here !== undefined) this.#focus(focus ?? placeAfter(times, here, this.#times()) ?? here);
    return true;
  }

  #times(): string[] {
    return [...this.querySelectorAll("[data-slot]")].map(({ id }) => id);
  }

  #focus(id: string): void {
    const again = id ? this.querySelector<HTMLElement>(`#${CSS.escape(id)}`) : null;
    (again ?? this.querySelector<HTMLElement>("#times"))?.focus({ preventScroll: true });
  }
}

customElements.define("doctor-calendar", DoctorCalendar);
