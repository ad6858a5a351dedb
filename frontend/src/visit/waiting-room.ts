import { announce } from "../announcer";
import { freshPage } from "../fresh-page";
import { instantTime, pageZone } from "../time";
import { gettext } from "../words";
import { type Here, type VisitHeard, VisitSocket } from "./visit-socket";
import { type State, tell, type Waiting } from "./waiting";

const LOOK_EVERY = 1_000; // milliseconds; what is shown changes by the minute
const TRY_AGAIN_AFTER = 5_000;

/**
 * `<waiting-room appointment ticket viewer other starts-at opens-at server-now>`: tells the other
 * one that this person waits and this person how things stand, by the server's clock, and opens the room
 * when its door opens. Its content is the page without script, whose `data-part`s it keeps up to date.
 */
class WaitingRoom extends HTMLElement {
  #socket: VisitSocket | null = null;
  #here: Here | null = null;
  #wasLost = false;
  #serverAhead = 0;
  #looking = 0;
  /** The server has said that another page is in order. */
  #isStale = false;
  #turning = false;

  connectedCallback(): void {
    this.#serverAhead = this.#instant("server-now") - Date.now();
    this.#socket = new VisitSocket({
      appointment: this.#text("appointment"),
      ticket: this.#text("ticket"),
      place: "waiting",
      hear: (heard) => this.#hear(heard),
    });
    document.addEventListener("visibilitychange", this.#wake);
    addEventListener("online", this.#wake);
    this.#looking = window.setInterval(this.#show, LOOK_EVERY);
  }

  disconnectedCallback(): void {
    document.removeEventListener("visibilitychange", this.#wake);
    removeEventListener("online", this.#wake);
    clearInterval(this.#looking);
    this.#socket?.leave();
  }

  #text(name: string): string {
    return this.getAttribute(name) ?? "";
  }

  #instant(name: string): number {
    return Date.parse(this.#text(name));
  }

  get #now(): number {
    return Date.now() + this.#serverAhead;
  }

  #wake = (): void => {
    if (document.hidden) return;
    this.#socket?.wake();
    this.#show();
  };

  #hear(heard: VisitHeard): void {
    switch (heard.type) {
      case "here":
        this.#serverAhead = Date.parse(heard.now) - Date.now();
        this.#sayWhoCame(this.#here, heard);
        this.#here = heard;
        this.#wasLost = false;
        break;
      case "lost":
        this.#here = null;
        this.#wasLost = true;
        break;
      case "refused":
        // A new page brings a new ticket.
        this.#here = null;
        this.#wasLost = true;
        this.#isStale = true;
        break;
      case "ended":
        this.#isStale = true;
        break;
    }
    this.#show();
  }

  /** Said once; a socket that was lost and came back is no news. */
  #sayWhoCame(before: Here | null, after: Here): void {
    if (before === null) return;
    const side = this.#text("viewer") === "doctor" ? "patient" : "doctor";
    if (before[side] === null && after[side] !== null) {
      announce(gettext("%(other)s is here", { other: this.#text("other") }));
    }
  }

  #show = (): void => {
    if (this.#isStale || this.#now >= this.#instant("opens-at")) void this.#turnPage();
    if (this.#here === null && !this.#wasLost) return;
    const told = tell(this.#waiting);
    this.#write("until-start", told.untilStart && gettext(", %(left)s", { left: told.untilStart }));
    if (told.late !== null) this.#sayLate(told.late);
    this.#writeState("other", told.other);
    this.#writeState("you", told.you);
  };

  #sayLate(text: string): void {
    const part = this.#part("late");
    if (part === null || part.textContent?.trim() === text) return;
    part.textContent = text;
    part.hidden = text === "";
    if (text) announce(text);
  }

  get #waiting(): Waiting {
    return {
      viewer: this.#text("viewer") === "doctor" ? "doctor" : "patient",
      other: this.#text("other"),
      startsAt: this.#instant("starts-at"),
      now: this.#now,
      here: this.#here,
      timeOf: (instant) => instantTime(new Date(instant), pageZone()),
    };
  }

  #part(name: string): HTMLElement | null {
    return this.querySelector<HTMLElement>(`[data-part="${name}"]`);
  }

  #write(name: string, text: string): void {
    const part = this.#part(name);
    if (part && part.textContent !== text) part.textContent = text;
  }

  #writeState(name: string, { text, kind }: State): void {
    this.#write(name, text);
    const part = this.#part(name);
    if (part) part.className = `chip ${kind}`;
  }

  /** Loads the page anew, once the clinic can be reached: a browser's own error page never comes back. */
  async #turnPage(): Promise<void> {
    if (this.#turning) return;
    this.#turning = true;
    const page = await freshPage(location.href).catch(() => null);
    // By the page's clock it may still be a second too early.
    if (page && (this.#isStale || !page.querySelector("waiting-room"))) location.reload();
    else {
      window.setTimeout(() => {
        this.#turning = false;
      }, TRY_AGAIN_AFTER);
    }
  }
}

customElements.define("waiting-room", WaitingRoom);
