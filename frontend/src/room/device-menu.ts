import type { Found, Kind } from "./devices";
import { words } from "./words";

const KINDS: readonly Kind[] = ["camera", "microphone", "speaker"];

/** What there is to choose from, and what is in use; null for a kind that this browser lets nobody choose. */
export type DeviceChoices = Readonly<
  Record<Kind, { readonly found: readonly Found[]; readonly used: string | null } | null>
>;

export interface DevicePresses {
  choose: (kind: Kind, id: string) => void;
}

function field(kind: Kind): string {
  return `<div class="field" data-kind="${kind}">
    <label class="label" for="room-${kind}">${words.devices[kind]}</label>
    <select id="room-${kind}" class="input"></select>
  </div>`;
}

export const DEVICES_MARKUP = `
  <dialog class="room-dialog room-devices" aria-labelledby="room-devices-heading">
    <h2 id="room-devices-heading" class="room-heading">${words.devices.heading}</h2>
    <div class="form">${KINDS.map(field).join("")}</div>
    <div class="buttons">
      <button type="button" class="button" data-close>${words.devices.done}</button>
    </div>
  </dialog>`;

/** Camera, microphone and speaker to choose; a choice is in use at once. */
export class DeviceMenu {
  constructor(
    private readonly dialog: HTMLDialogElement,
    { choose }: DevicePresses,
  ) {
    for (const kind of KINDS) {
      const select = this.select(kind);
      select.onchange = () => choose(kind, select.value);
    }
    const close = dialog.querySelector<HTMLButtonElement>("[data-close]");
    if (close !== null) close.onclick = () => dialog.close();
  }

  get isOpen(): boolean {
    return this.dialog.open;
  }

  show(choices: DeviceChoices): void {
    for (const kind of KINDS) this.fill(kind, choices[kind]);
    if (!this.isOpen) this.dialog.showModal();
  }

  close(): void {
    this.dialog.close();
  }

  private fill(kind: Kind, choice: DeviceChoices[Kind]): void {
    const select = this.select(kind);
    if (select.parentElement !== null) select.parentElement.hidden = choice === null;
    if (choice === null) return;
    const { found, used } = choice;
    const options = found.map(({ id, label }, place) => {
      const name = label || words.devices.numbered(words.devices[kind], place + 1);
      return new Option(name, id, false, id === used);
    });
    // With nothing in use, the first would otherwise look chosen.
    if (!found.some(({ id }) => id === used)) {
      const text = found.length === 0 ? words.devices.none : words.devices.standard;
      options.unshift(new Option(text, "", true, true));
    }
    select.replaceChildren(...options);
    select.disabled = found.length === 0;
  }

  private select(kind: Kind): HTMLSelectElement {
    const select = this.dialog.querySelector<HTMLSelectElement>(`#room-${kind}`);
    if (select === null) throw new Error(`the device menu has no ${kind}`);
    return select;
  }
}
