import { freshPage } from "../fresh-page";
import { patiently } from "../patience";
import { linkPressed } from "../press";
import { showWaiting } from "../waiting";
import { gettext } from "../words";
import { type BookingForm, problem } from "./booking-form";

type Field = HTMLInputElement | HTMLTextAreaElement;

/**
 * `<booking-dialog>` around an empty `<dialog>`: a press on a time opens that time's form here, taken from
 * its own page. Whatever cannot be shown here is left to that page.
 */
class BookingDialog extends HTMLElement {
  /** What was typed by the name of its field, for when another time is chosen. */
  #typed = new Map<string, string>();
  #dirty = false;
  #opener = "";
  #asking = new AbortController();
  /** Where one was when asked whether to close. */
  #place: HTMLElement | null = null;

  connectedCallback(): void {
    document.addEventListener("click", this.#press);
    this.#dialog.addEventListener("cancel", this.#askFirst);
    this.#dialog.addEventListener("close", this.#closed);
    this.#dialog.addEventListener("input", this.#type);
    this.#dialog.addEventListener("submit", this.#send);
    this.#part("close").addEventListener("click", this.#askFirst);
    this.#part("stay").addEventListener("click", this.#stay);
    this.#part("leave").addEventListener("click", () => this.#dialog.close());
  }

  disconnectedCallback(): void {
    document.removeEventListener("click", this.#press);
  }

  get #dialog(): HTMLDialogElement {
    return this.querySelector("dialog") as HTMLDialogElement;
  }

  #part(name: string): HTMLElement {
    return this.querySelector(`[data-part="${name}"]`) as HTMLElement;
  }

  #press = (event: MouseEvent): void => {
    const link = linkPressed(event, "a[data-slot][href]");
    if (!link) return;
    event.preventDefault();
    void this.#open(link.href, link.id);
  };

  async #open(url: string, opener: string): Promise<void> {
    // Whoever presses another time meanwhile wants that one.
    this.#asking.abort();
    this.#asking = new AbortController();
    const page = await patiently(freshPage(url, { signal: this.#asking.signal }), (waiting) =>
      showWaiting(waiting, gettext("Loading the form…"), () => void this.#open(url, opener)),
    );
    if (!page) return;
    const form = page.querySelector("booking-form");
    if (!form) {
      location.assign(url);
      return;
    }
    this.#opener = opener;
    this.#show(form);
    this.#fillIn();
    this.#ask(false);
    this.#dialog.showModal();
    // The heading, and not a field: so the time at the top is not skipped.
    this.#part("title").focus();
  }

  #show(form: Element): void {
    this.#part("body").replaceChildren(document.adoptNode(form));
  }

  #fillIn(): void {
    for (const field of this.#dialog.querySelectorAll<Field>("input, textarea")) {
      field.value = this.#typed.get(field.name) ?? field.value;
    }
  }

  #type = (event: Event): void => {
    const field = event.target as Field;
    this.#typed.set(field.name, field.value);
    this.#dirty = true;
  };

  #send = async (event: SubmitEvent): Promise<void> => {
    if (event.defaultPrevented) return;
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const button = event.submitter as HTMLButtonElement | null;
    const url = button?.hasAttribute("formaction") ? button.formAction : form.action;
    const answer = await fetch(url, {
      method: "POST",
      credentials: "same-origin",
      headers: { "X-Requested-With": "fetch" },
      body: new FormData(form),
    }).catch(() => null);
    const next = answer?.status === 201 && answer.headers.get("Location");
    if (next) {
      location.assign(next);
      return;
    }
    const page = answer && new DOMParser().parseFromString(await answer.text(), "text/html");
    const again = page?.querySelector("booking-form");
    if (again) this.#show(again);
    else {
      const signedOut = gettext("You may have signed out in another tab.");
      this.#fail(form, page ? signedOut : gettext("You may be offline."));
    }
    const alert = this.#dialog.querySelector<HTMLElement>("[data-part=body] [role=alert]");
    alert?.focus();
    alert?.scrollIntoView();
  };

  /** The form's key makes a second sending safe, whatever became of the first. */
  #fail(form: HTMLFormElement, why: string): void {
    form.querySelector(".not-sent")?.remove();
    const advice = gettext(
      "What you typed is still here; send it again once that is mended. It books only once.",
    );
    const notice = problem(gettext("The clinic did not get the form"), `${why} ${advice}`);
    notice.classList.add("not-sent");
    form.prepend(notice);
    form.closest<BookingForm>("booking-form")?.free();
  }

  #askFirst = (event: Event): void => {
    event.preventDefault();
    if (!this.#dirty) this.#dialog.close();
    else if (this.#part("ask").hidden) {
      this.#place = document.activeElement as HTMLElement;
      this.#ask(true);
    }
  };

  #stay = (): void => {
    this.#ask(false);
    this.#place?.focus();
  };

  #ask(asking: boolean): void {
    this.#part("ask").hidden = !asking;
    if (asking) this.#part("stay").focus();
  }

  #closed = (): void => {
    this.#dirty = false;
    this.#part("body").replaceChildren();
    const opener = document.getElementById(this.#opener) ?? document.getElementById("times");
    opener?.focus();
  };
}

customElements.define("booking-dialog", BookingDialog);
