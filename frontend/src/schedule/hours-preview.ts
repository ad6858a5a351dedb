import { gettext } from "../words";
import { preview } from "./preview";

/** `<hours-preview>` in the fieldset of a period: tells, while it is written, what slots it makes. */
class HoursPreview extends HTMLElement {
  #fields: HTMLFieldSetElement | null = null;

  connectedCallback(): void {
    this.setAttribute("role", "status");
    this.#fields = this.closest("fieldset");
    this.#fields?.addEventListener("input", this.#show);
    // What came back says above what is wrong with it.
    if (this.#fields?.classList.contains("has-error")) this.#tell("");
    else this.#show();
  }

  disconnectedCallback(): void {
    this.#fields?.removeEventListener("input", this.#show);
  }

  #show = (): void => {
    this.#tell(
      preview(
        this.#value("start"),
        this.#value("end"),
        this.#value("minutes") ? Number(this.#value("minutes")) : Number.NaN,
      ),
    );
  };

  #tell(words: string): void {
    this.textContent = words || gettext("Enter a start and an end to see the slots.");
  }

  #value(kind: string): string {
    return this.#fields?.querySelector<HTMLInputElement>(`[name^="${kind}_"]`)?.value ?? "";
  }
}

customElements.define("hours-preview", HoursPreview);
