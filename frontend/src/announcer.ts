/** Says `text` once to people who listen to the page, when they are not being told something else. */
export function announce(text: string): void {
  const announcer = document.getElementById("announcer");
  if (announcer) announcer.textContent = text;
}
