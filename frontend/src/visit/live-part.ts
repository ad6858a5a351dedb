import { announce } from "../announcer";
import { freshPage } from "../fresh-page";
import { LiveSocket, socketUrl } from "./live-socket";
import { morphChildren } from "./morph";

type AgendaWord = { type: "welcome" } | { type: "changed" };

/** News often come in pairs: one leaves a page and is on the next, or on the same, a moment later. */
const SETTLES = 1_500; // milliseconds

/**
 * `<live-part id="…" every="60" ticket="…">`: a part of the page that follows the server's. It is asked
 * for again every so many seconds while it is looked at, and with a `ticket` for the agenda's socket also
 * when somebody comes to a visit or leaves it. What is new and has `data-announce` is said once.
 */
class LivePart extends HTMLElement {
  #socket: LiveSocket<AgendaWord> | null = null;
  #timer = 0;
  #news = 0;

  connectedCallback(): void {
    document.addEventListener("visibilitychange", this.#wake);
    addEventListener("online", this.#wake);
    const ticket = this.getAttribute("ticket");
    if (ticket) {
      this.#socket = new LiveSocket<AgendaWord>({
        url: socketUrl("/ws/agenda"),
        hello: { type: "hello", ticket },
        // After a loss the welcome is news too; what was missed then is on the page.
        hear: ({ type }) => {
          if (type === "changed" || type === "welcome") this.#soon();
        },
      });
    }
    this.#wait();
  }

  disconnectedCallback(): void {
    document.removeEventListener("visibilitychange", this.#wake);
    removeEventListener("online", this.#wake);
    clearTimeout(this.#timer);
    clearTimeout(this.#news);
    this.#socket?.stop();
  }

  #wake = (): void => {
    if (document.hidden) return;
    this.#socket?.wake();
    if (this.hasAttribute("every")) void this.#look();
  };

  #soon(): void {
    clearTimeout(this.#news);
    this.#news = window.setTimeout(() => void this.#look(), SETTLES);
  }

  #wait(): void {
    clearTimeout(this.#timer);
    const seconds = Number(this.getAttribute("every"));
    if (seconds > 0) this.#timer = window.setTimeout(() => void this.#look(), seconds * 1000);
  }

  async #look(): Promise<void> {
    clearTimeout(this.#timer);
    if (!document.hidden) await this.#follow();
    if (this.isConnected) this.#wait();
  }

  async #follow(): Promise<void> {
    const page = await freshPage(location.href).catch(() => null);
    const fresh = page?.querySelector(`live-part[id="${this.id}"]`);
    // Signed out, or in trouble: what is here stays until somebody loads the page.
    if (!fresh || !this.isConnected) return;
    const told = this.#tellings();
    morphChildren(this, fresh);
    const every = fresh.getAttribute("every");
    if (every) this.setAttribute("every", every);
    else this.removeAttribute("every");
    const news = [...this.#tellings()].filter((text) => !told.has(text));
    if (news.length) announce(news.join(". "));
  }

  #tellings(): Set<string> {
    const tell = this.querySelectorAll<HTMLElement>("[data-announce]");
    return new Set([...tell].map(({ dataset }) => dataset.announce ?? ""));
  }
}

customElements.define("live-part", LivePart);
