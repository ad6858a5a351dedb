import { announce } from "../announcer";
import { type OpeningNews, watchOpenings } from "../calendar/openings";
import { gettext } from "../words";

/**
 * `<booking-form doctor="…" slot-id="…">`: the form for one slot. It is sent once however often one
 * presses, and says so when somebody else takes the slot meanwhile; what was typed stays.
 */
export class BookingForm extends HTMLElement {
  #stopWatching = () => {};
  #busy = false;

  connectedCallback(): void {
    this.addEventListener("submit", this.#send);
    addEventListener("pageshow", this.#arrive);
    this.#stopWatching = watchOpenings(this.getAttribute("doctor") ?? "", this.#hear);
  }

  disconnectedCallback(): void {
    this.removeEventListener("submit", this.#send);
    removeEventListener("pageshow", this.#arrive);
    this.#stopWatching();
  }

  /** Lets the form be sent again. */
  free(): void {
    this.#mark(false);
  }

  #send = (event: Event): void => {
    if (this.#busy) event.preventDefault();
    else this.#mark(true);
  };

  // Also when one comes back to the page as it was left, on its way.
  #arrive = (): void => this.#mark(false);

  #mark(busy: boolean): void {
    this.#busy = busy;
    for (const button of this.querySelectorAll("button")) button.ariaBusy = busy ? "true" : null;
  }

  #hear = (news: OpeningNews): void => {
    if (news.event === "resync") void this.#look();
    else if (news.slotId === this.getAttribute("slot-id")) this.#tell(news.event);
  };

  /** What was missed: the page of this form is there as long as its time is free. */
  async #look(): Promise<void> {
    const form = this.querySelector("form");
    if (!form) return;
    const answer = await fetch(form.action, { method: "HEAD" }).catch(() => null);
    if (answer?.status === 404) this.#tell("taken");
    else if (answer?.ok) this.#tell("released");
  }

  #tell(event: "taken" | "released"): void {
    // Once it is sent, the one who takes the slot is most likely oneself.
    if (this.#busy) return;
    const said = this.querySelector(".taken-meanwhile");
    if (event === "released" && said) {
      said.remove();
      announce(gettext("This time is free again."));
    }
    if (event === "taken" && !said) this.#sayTaken();
  }

  #sayTaken(): void {
    const notice = problem(
      gettext("Someone else has just taken this time"),
      gettext("Nothing was booked or charged. What you typed is still here."),
    );
    notice.classList.add("taken-meanwhile");
    // Sending the form anyway is answered with the other times, all fields filled in.
    const button = document.createElement("button");
    button.className = "button secondary";
    button.textContent = gettext("See other times");
    notice.append(button);
    this.querySelector("form")?.prepend(notice);
  }
}

/** A notice that is read out at once. */
export function problem(title: string, detail: string): HTMLElement {
  const notice = document.createElement("div");
  notice.className = "notice danger";
  notice.setAttribute("role", "alert");
  notice.tabIndex = -1;
  const [strong, paragraph] = [document.createElement("strong"), document.createElement("p")];
  strong.textContent = title;
  paragraph.textContent = detail;
  notice.append(strong, paragraph);
  return notice;
}

customElements.define("booking-form", BookingForm);
