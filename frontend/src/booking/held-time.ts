import { freshPage } from "../fresh-page";

/**
 * `<held-time>` around what a guest holds, beside the form that asks for their code. When the hold lapses it
 * shows what the page now says of it, and leaves alone what is typed in that form.
 */
class HeldTime extends HTMLElement {
  connectedCallback(): void {
    this.addEventListener("lapse", this.#renew);
  }

  disconnectedCallback(): void {
    this.removeEventListener("lapse", this.#renew);
  }

  #renew = async (): Promise<void> => {
    const page = await freshPage(location.href).catch(() => null);
    const fresh = page?.querySelector("held-time");
    if (fresh) this.replaceChildren(...fresh.childNodes);
  };
}

customElements.define("held-time", HeldTime);
