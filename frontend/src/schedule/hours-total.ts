import { slotCount, total, weekdayOf } from "./preview";

/**
 * `<hours-total>` in a form for hours on many dates: tells how many slots there will be in all.
 *
 * Where the hours are not written in the form, `slots` says how many they make, on one day or in a week
 * of which `weekdays` has hours ("0 2"; Monday is 0).
 */
class HoursTotal extends HTMLElement {
  #form: HTMLFormElement | null = null;

  connectedCallback(): void {
    this.setAttribute("role", "status");
    this.#form = this.closest("form");
    this.#form?.addEventListener("input", this.#show);
    this.#show();
  }

  disconnectedCallback(): void {
    this.#form?.removeEventListener("input", this.#show);
  }

  #show = (): void => {
    const given = this.getAttribute("slots");
    const weekdays = this.getAttribute("weekdays");
    const weeks = Number(this.#fields("weeks")[0]?.value ?? 1);
    if (given === null) {
      const days = this.#days();
      this.textContent = total(this.#slots() * days.length, days, weeks);
    } else if (weekdays === null) {
      const dates = this.#ticked("dates").map(weekdayOf);
      this.textContent = total(Number(given) * dates.length, dates, weeks);
    } else {
      this.textContent = total(Number(given), weekdays.split(" ").map(Number), weeks);
    }
  };

  /** The weekdays that new hours are for: the date's, and the others that are ticked. */
  #days(): number[] {
    const date = this.#fields("day")[0]?.value;
    const others = this.#ticked("also_on").map(Number);
    return date ? [...new Set([weekdayOf(date), ...others])] : [];
  }

  /** What the periods make on one day. */
  #slots(): number {
    return this.#fields("start_", "^=")
      .map((start) => start.name.slice("start_".length))
      .map((key) =>
        slotCount(
          this.#text(`start_${key}`),
          this.#text(`end_${key}`),
          this.#text(`minutes_${key}`),
        ),
      )
      .reduce((sum, slots) => sum + slots, 0);
  }

  #text(name: string): string {
    return this.#fields(name)[0]?.value ?? "";
  }

  #ticked(name: string): string[] {
    return this.#fields(name)
      .filter((field) => field.checked)
      .map((field) => field.value);
  }

  #fields(name: string, match: "=" | "^=" = "="): HTMLInputElement[] {
    return [
      ...(this.#form?.querySelectorAll<HTMLInputElement>(`input[name${match}"${name}"]`) ?? []),
    ];
  }
}

customElements.define("hours-total", HoursTotal);
