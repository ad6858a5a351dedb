/** Turns the theme without leaving the page, so that what is typed on it stays. The server keeps it. */
export function turnThemeInPlace(): void {
  document.querySelector<HTMLFormElement>("#theme")?.addEventListener("submit", async (event) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const pressed = event.submitter as HTMLButtonElement;
    show(pressed.value);
    for (const button of form.querySelectorAll("button")) {
      button.setAttribute("aria-pressed", String(button === pressed));
    }
    const body = new FormData(form, pressed);
    // What does not get through is turned here all the same, until the next page.
    await fetch(form.action, { method: "POST", body, redirect: "manual" }).catch(() => null);
  });
}

function show(theme: string): void {
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  for (const meta of document.querySelectorAll<HTMLMetaElement>("meta[name=theme-color]")) {
    const its = meta.dataset.of;
    if (theme === "system") meta.media = `(prefers-color-scheme: ${its})`;
    else meta.media = theme === its ? "all" : "not all";
  }
}
