/**
 * Times on pages. The server writes every instant in the zone it knows the viewer by; a first visit
 * may prove it wrong, and then the same words are written anew here. Both sides must write alike:
 * clinicall/web/templatetags/times.py.
 */

type Show = "time" | "date" | "datetime" | "weekday" | "day" | "month";

const A_YEAR = 365 * 24 * 3600;

/** The zone this browser is set to. */
export function browserZone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** The zone that the server wrote this page in. */
export function pageZone(): string {
  return document.documentElement.dataset.timezone ?? "";
}

/** `10:15am`; midday and midnight in words. */
export function instantTime(instant: Date, zone: string): string {
  const part = parts(instant, zone, { hour: "numeric", minute: "2-digit", hourCycle: "h23" });
  const hour = Number(part.hour);
  const minute = part.minute.padStart(2, "0");
  if (minute === "00" && hour === 0) return "midnight";
  if (minute === "00" && hour === 12) return "midday";
  return `${hour % 12 || 12}:${minute}${hour < 12 ? "am" : "pm"}`;
}

/** `Tuesday 24 November 2026`. */
export function instantDate(instant: Date, zone: string): string {
  const part = parts(instant, zone, {
    weekday: "long",
    day: "numeric",
    month: "long",
    year: "numeric",
  });
  return `${part.weekday} ${part.day} ${part.month} ${part.year}`;
}

/** `Colombo time (GMT+5:30)`, with the offset as it is at `instant`. */
export function zoneLabel(zone: string, instant: Date): string {
  const city = zone.slice(zone.lastIndexOf("/") + 1).replaceAll("_", " ");
  const offset = parts(instant, zone, { timeZoneName: "shortOffset" }).timeZoneName;
  // Some browsers write `GMT+0` for `GMT`.
  return `${city} time (${offset.replace(/\+0$/, "")})`;
}

/** `instant` in the words that `{% time instant show %}` has for it on the server. */
export function shown(instant: Date, show: Show, zone: string): string {
  switch (show) {
    case "time":
      return instantTime(instant, zone);
    case "date":
      return instantDate(instant, zone);
    case "datetime":
      return `${instantDate(instant, zone)}, ${instantTime(instant, zone)}`;
    case "weekday":
      return parts(instant, zone, { weekday: "long" }).weekday;
    case "day":
      return parts(instant, zone, { day: "numeric" }).day;
    case "month": {
      const part = parts(instant, zone, { month: "long", year: "numeric" });
      return `${part.month} ${part.year}`;
    }
  }
}

/**
 * Makes the browser's zone known to the server for the pages to come, and this page right in it, unless
 * the viewer chose a zone by hand. Times grouped under local dates cannot be mended in place: a page with
 * `data-grouped-by-zone` is fetched again, once.
 */
export function showTimesWhereTheViewerIs(): void {
  if (cookie("timezone_chosen")) return;
  const zone = browserZone();
  const known = cookie("timezone") === zone;
  if (!known) {
    const secure = location.protocol === "https:" ? "; Secure" : "";
    // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is younger than our browsers
    document.cookie = `timezone=${zone}; Path=/; Max-Age=${A_YEAR}; SameSite=Lax${secure}`;
  }
  if (pageZone() === zone) return;
  const grouped = document.querySelector("[data-grouped-by-zone]");
  if (grouped && !known && cookie("timezone") === zone) location.reload();
  else if (!grouped) rewrite(zone);
}

function rewrite(zone: string): void {
  for (const element of document.querySelectorAll<HTMLTimeElement>("time[data-show]")) {
    element.textContent = shown(new Date(element.dateTime), element.dataset.show as Show, zone);
  }
  for (const element of document.querySelectorAll<HTMLElement>("[data-show-zone]")) {
    const at = element.dataset.showZone;
    element.textContent = zoneLabel(zone, at ? new Date(at) : new Date());
  }
  document.documentElement.dataset.timezone = zone;
}

function cookie(name: string): string {
  const found = document.cookie.split("; ").find((pair) => pair.startsWith(`${name}=`));
  // Django puts a value with a slash in quotes.
  return found?.slice(name.length + 1).replaceAll('"', "") ?? "";
}

function parts(
  instant: Date,
  zone: string,
  options: Intl.DateTimeFormatOptions,
): Record<Intl.DateTimeFormatPartTypes, string> {
  const found = new Intl.DateTimeFormat("en-GB", { timeZone: zone, ...options }).formatToParts(
    instant,
  );
  return Object.fromEntries(found.map((part) => [part.type, part.value])) as Record<
    Intl.DateTimeFormatPartTypes,
    string
  >;
}
