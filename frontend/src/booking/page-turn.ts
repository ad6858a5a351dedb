const LONGEST_TIMEOUT = 3_600_000; // milliseconds; a browser's timers cannot count weeks

/** `<page-turn at="…Z" server-now="…Z">`: loads the page again at that instant by the server's clock. */
class PageTurn extends HTMLElement {
  #serverAhead = 0;
  #timer = 0;

  connectedCallback(): void {
    this.#serverAhead = Date.parse(this.getAttribute("server-now") ?? "") - Date.now();
    // A sleeping tab does not count; on waking it must be right at once.
    document.addEventListener("visibilitychange", this.#wait);
    this.#wait();
  }

  disconnectedCallback(): void {
    document.removeEventListener("visibilitychange", this.#wait);
    clearTimeout(this.#timer);
  }

  #wait = (): void => {
    clearTimeout(this.#timer);
    const left = Date.parse(this.getAttribute("at") ?? "") - (Date.now() + this.#serverAhead);
    if (left <= 0) location.reload();
    else this.#timer = window.setTimeout(this.#wait, Math.min(left, LONGEST_TIMEOUT));
  };
}

customElements.define("page-turn", PageTurn);
