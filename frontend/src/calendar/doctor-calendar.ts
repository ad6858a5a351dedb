import { announce } from "../announcer";
import { freshPage } from "../fresh-page";
import { type OpeningNews, watchOpenings } from "./openings";

const JUST_TAKEN_FOR = 3000; // milliseconds that a taken time stays in sight

/**
 * `<doctor-calendar doctor="…">`: a month of days and the times of one day, all of them links. This turns
 * the pages without leaving them, and keeps them true: times that are taken go, released ones return.
 * The server alone decides what is free; this only asks it again.
 */
class DoctorCalendar extends HTMLElement {
  #stopWatching = () => {};
  #refresh: number | undefined;
  #asking = new AbortController();
  #shown = location.search;

  connectedCallback(): void {
    this.addEventListener("click", this.#press);
    addEventListener("popstate", this.#back);
    addEventListener("pageshow", this.#comeBack);
    this.#stopWatching = watchOpenings(this.getAttribute("doctor") ?? "", this.#hear);
  }

  disconnectedCallback(): void {
    this.removeEventListener("click", this.#press);
    removeEventListener("popstate", this.#back);
    removeEventListener("pageshow", this.#comeBack);
    clearTimeout(this.#refresh);
    this.#stopWatching();
  }

  #press = async (event: MouseEvent): Promise<void> => {
    const link = (event.target as Element).closest<HTMLAnchorElement>('a[href^="?"]');
    if (!link || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    if (!(await this.#show(link.href))) return;
    history.pushState(null, "", link.href);
    this.#shown = location.search;
    if (!new URL(link.href).searchParams.has("date")) return;
    this.querySelector("#times")?.scrollIntoView({ block: "nearest" });
    announce(this.querySelector(".is-chosen .visually-hidden")?.textContent ?? "");
  };

  #back = (): void => {
    // Moving between two places of one page is also a step in the history.
    if (location.search === this.#shown) return;
    this.#shown = location.search;
    void this.#show(location.href);
  };

  #comeBack = (event: PageTransitionEvent): void => {
    if (event.persisted) void this.#show(location.href);
  };

  #hear = (news: OpeningNews): void => {
    const slot =
      news.event === "taken" &&
      this.querySelector<HTMLAnchorElement>(`[data-slot="${CSS.escape(news.slotId)}"]`);
    if (!slot) {
      // Not all at once: everybody who looks at this doctor has heard the same.
      this.#refreshIn(200 + Math.random() * 1000);
      return;
    }
    slot.classList.add("is-taken");
    slot.setAttribute("aria-disabled", "true");
    slot.removeAttribute("href");
    slot.querySelector(".visually-hidden")?.append(", just taken");
    this.#refreshIn(JUST_TAKEN_FOR);
  };

  #refreshIn(milliseconds: number): void {
    if (this.#refresh !== undefined) return;
    this.#refresh = window.setTimeout(() => {
      this.#refresh = undefined;
      void this.#show(location.href);
    }, milliseconds);
  }

  /** False when a later question has overtaken this one, or the browser goes there by itself. */
  async #show(url: string): Promise<boolean> {
    this.#asking.abort();
    this.#asking = new AbortController();
    const { signal } = this.#asking;
    this.setAttribute("aria-busy", "true");
    const page = await freshPage(url, { signal }).catch(() => null);
    if (signal.aborted) return false;
    this.removeAttribute("aria-busy");
    const fresh = page?.querySelector("doctor-calendar");
    if (!fresh) {
      if (url !== location.href) location.assign(url);
      return false;
    }
    const focused = this.contains(document.activeElement) ? document.activeElement?.id : undefined;
    this.replaceChildren(...fresh.childNodes);
    if (focused !== undefined) this.#focus(focused);
    return true;
  }

  #focus(id: string): void {
    const again = id ? this.querySelector<HTMLElement>(`#${CSS.escape(id)}`) : null;
    (again ?? this.querySelector<HTMLElement>("#times"))?.focus({ preventScroll: true });
  }
}

customElements.define("doctor-calendar", DoctorCalendar);
