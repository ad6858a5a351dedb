import { freshPage } from "../fresh-page";
import { pauseBefore } from "./watching";

/**
 * `<payment-watch standing="pending">` stands on an appointment's page while its money may still come. It
 * looks whether the page has something else to say, and then shows the new one; also when the hold lapses.
 * With `patient` it goes on for as long as the page is open, because a bank has begun.
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
    const pause = pauseBefore(this.#looks++, this.hasAttribute("patient"));
    if (pause !== null) this.#timer = window.setTimeout(this.#look, pause);
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
