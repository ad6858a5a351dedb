import { announce } from "./announcer";
import type { Waiting } from "./patience";
import { gettext } from "./words";

const WORDS: Record<Exclude<Waiting, "" | "loading">, string> = {
  slow: gettext("This is taking longer than usual."),
  offline: gettext("You're offline. Nothing has been booked."),
  unreachable: gettext("The clinic could not be reached. Nothing has been booked."),
};

/**
 * Shows and reads out how it stands with what one waits for, in the words `loading` while it comes; `again`
 * asks for it once more. It lies over the end of the page, where nothing has to make room for it.
 */
export function showWaiting(waiting: Waiting, loading: string, again: () => void): void {
  hideWaiting();
  if (waiting === "") return;
  const words = waiting === "loading" ? loading : WORDS[waiting];
  const note = document.createElement("div");
  note.className = "waiting";
  note.append(words);
  if (waiting !== "loading") {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button secondary";
    button.textContent = gettext("Try again");
    button.addEventListener("click", again);
    note.append(button);
  }
  document.querySelector("main")?.append(note);
  announce(words);
}

/** Also when what one waited for has come by another way. */
export function hideWaiting(): void {
  document.querySelector(".waiting")?.remove();
}
