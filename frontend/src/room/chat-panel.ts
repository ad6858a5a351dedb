import { type Chat, EMPTY, type Message } from "./chat";
import { icon } from "./icons";
import { words } from "./words";

/** Who would get a message now: somebody, nobody, or nobody knows because the clinic is out of reach. */
export type Reach = "here" | "away" | "unknown";

export interface ChatPresses {
  send: (text: string) => void;
  close: () => void;
}

export const CHAT_MARKUP = `
  <aside class="room-chat" id="room-chat" aria-labelledby="room-chat-heading" hidden>
    <div class="room-side-head">
      <h2 id="room-chat-heading" class="room-heading">${words.chat.heading}</h2>
      <button type="button" class="room-close" aria-label="${words.chat.close}">${icon("close")}</button>
    </div>
    <div class="room-chat-log" role="log" aria-labelledby="room-chat-heading" tabindex="0"></div>
    <form class="room-chat-form">
      <p class="room-chat-about" id="room-chat-about" role="status"></p>
      <label class="visually-hidden" for="room-chat-text">${words.chat.label}</label>
      <textarea id="room-chat-text" class="input" dir="auto" rows="2" autocomplete="off" aria-describedby="room-chat-about"></textarea>
      <button type="submit" class="button">${words.chat.send}</button>
    </form>
  </aside>`;

/** The chat beside the picture, and on a phone in its place. */
export class ChatPanel {
  private shown: Chat = EMPTY;
  private readonly log: HTMLElement;
  private readonly about: HTMLElement;
  private readonly text: HTMLTextAreaElement;
  private readonly send: HTMLButtonElement;
  private reach: Reach = "unknown";

  constructor(
    private readonly root: HTMLElement,
    longest: number,
    private readonly presses: ChatPresses,
  ) {
    const part = <Part extends HTMLElement>(selector: string) => {
      const found = root.querySelector<Part>(selector);
      if (found === null) throw new Error(`the chat has no ${selector}`);
      return found;
    };
    this.log = part(".room-chat-log");
    this.about = part(".room-chat-about");
    this.text = part("textarea");
    this.send = part("[type=submit]");
    this.text.maxLength = longest;
    part(".room-close").onclick = presses.close;
    part<HTMLFormElement>("form").onsubmit = (event) => {
      event.preventDefault();
      this.submit();
    };
    root.onkeydown = (event) => this.pressed(event);
  }

  show(chat: Chat, reach: Reach, other: string, timeOf: (instant: number) => string): void {
    this.reach = reach;
    this.send.setAttribute("aria-disabled", String(reach !== "here"));
    const about = words.chat.about[reach](other);
    if (this.about.textContent !== about) this.about.textContent = about;
    const before = this.shown;
    this.shown = chat;
    if (chat.messages.length < before.messages.length) this.log.replaceChildren();
    const opens = chat.open && !before.open;
    this.root.hidden = !chat.open;
    // A log that is already in sight is read out as it grows.
    for (const message of chat.messages.slice(this.log.childElementCount)) {
      this.log.append(paragraph(message, other, timeOf));
    }
    this.log.scrollTop = this.log.scrollHeight;
    if (opens) this.text.focus({ preventScroll: true });
  }

  private pressed(event: KeyboardEvent): void {
    if (event.key === "Escape") {
      event.preventDefault();
      this.presses.close();
    }
    // While a word is being composed, Enter chooses its letters.
    const sends = event.key === "Enter" && !event.shiftKey && !event.isComposing;
    if (sends && event.target === this.text) {
      event.preventDefault();
      this.submit();
    }
  }

  private submit(): void {
    const text = this.text.value.trim();
    // What nobody would get stays in the field.
    if (text === "" || this.reach !== "here") return;
    this.text.value = "";
    this.presses.send(text);
  }
}

function paragraph(
  message: Message,
  other: string,
  timeOf: (instant: number) => string,
): HTMLElement {
  const about = document.createElement("span");
  about.className = "room-chat-from";
  const name = message.from === "me" ? words.chat.me : other;
  about.textContent = words.chat.from(name, timeOf(message.at));
  const text = document.createElement("span");
  text.className = "room-chat-text";
  text.dir = "auto";
  text.textContent = message.text;
  const line = document.createElement("p");
  line.className = `room-chat-message from-${message.from}`;
  line.append(about, text);
  return line;
}
