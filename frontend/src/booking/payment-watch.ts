import { freshPage } from "../fresh-page";

const EVERY = 3000; // milliseconds
const LOOKS = 20;

/**
 * `<payment-watch standing="pending">` stands on an appointment's page while its money may still come. It
 * looks for a minute whether the page has changed, and then shows the new one; also when the hold lapses.
 */
class PaymentWatch extends HTMLElement {
  #timer = 0;
  #looks = 0;

  connectedCallback(): void {
    document.addEventListener("lapse", this.#reload);
    this.#wait();
  }

  disconnectedCallback(): void {
    document.removeEventListener("lapse", this.#reload);
    clearTimeout(this.#timer);
  }

  #wait(): void {
    if (this.#looks++ < LOOKS) this.#timer = window.setTimeout(this.#look, EVERY);
  }

  #look = async (): Promise<void> => {
    const page = await freshPage(location.href).catch(() => null);
    const there = page?.querySelector("payment-watch")?.getAttribute("standing");
    if (page && there !== this.getAttribute("standing")) this.#reload();
    else this.#wait();
  };

  #reload = (): void => location.reload();
}

customElements.define("payment-watch", PaymentWatch);
