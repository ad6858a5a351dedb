/**
 * Times on pages. The server writes every instant in the zone it knows the viewer by; a first visit
 * may prove it wrong, and then the same words are written anew here. Both sides must write alike:
 * clinicall/web/templatetags/times.py.
 */

import { formatOf, gettext, language } from "./words";

type Show = "time" | "date" | "datetime" | "weekday" | "day" | "month";

const A_YEAR = 365 * 24 * 3600;

/** The zone this browser is set to. */
export function browserZone(): string {
  // The older way loads all that is known of writing dates: a tenth of a second on a slow phone.
  if ("Temporal" in globalThis) return Temporal.Now.timeZoneId();
  return new Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** The zone that the server wrote this page in. */
export function pageZone(): string {
  return document.documentElement.dataset.timezone ?? "";
}

/** `10:15am`; midday and midnight in words. */
export function instantTime(instant: Date, zone: string): string {
  switch (written(instant, zone, "H:i")) {
    case "00:00":
      return gettext("midnight");
    case "12:00":
      return gettext("midday");
    default:
      return written(instant, zone, formatOf("TIME_FORMAT"));
  }
}

/** `Tuesday 24 November 2026`. */
export function instantDate(instant: Date, zone: string): string {
  return written(instant, zone, formatOf("DATE_FORMAT"));
}

/** `Colombo time (GMT+5:30)`, with the offset as it is at `instant`. */
export function zoneLabel(zone: string, instant: Date): string {
  const city = zone.slice(zone.lastIndexOf("/") + 1).replaceAll("_", " ");
  const { timeZoneName } = parts(instant, zone, "en-GB", { timeZoneName: "shortOffset" });
  // Some browsers write `GMT+0` for `GMT`.
  return gettext("%(city)s time (%(offset)s)", { city, offset: timeZoneName.replace(/\+0$/, "") });
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
      return written(instant, zone, "l");
    case "day":
      return written(instant, zone, "j");
    case "month":
      return written(instant, zone, formatOf("YEAR_MONTH_FORMAT"));
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

type Part = Record<Intl.DateTimeFormatPartTypes, string>;

const LONG: Intl.DateTimeFormatOptions = {
  weekday: "long",
  day: "numeric",
  month: "long",
  year: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
};

// What letters of Django's `date` filter stand for.
const LETTERS: Record<string, (part: Part) => string> = {
  l: ({ weekday }) => weekday,
  j: ({ day }) => day,
  d: ({ day }) => day.padStart(2, "0"),
  F: ({ month }) => month,
  E: ({ month }) => month,
  Y: ({ year }) => year,
  g: ({ hour }) => String(Number(hour) % 12 || 12),
  G: ({ hour }) => String(Number(hour)),
  H: ({ hour }) => hour,
  i: ({ minute }) => minute.padStart(2, "0"),
  a: ({ hour }) => (Number(hour) < 12 ? gettext("am") : gettext("pm")),
  A: ({ hour }) => (Number(hour) < 12 ? gettext("AM") : gettext("PM")),
};

/** `format` is one of Django's; a letter after a backslash is itself. */
function written(instant: Date, zone: string, format: string): string {
  const part = parts(instant, zone, language(), LONG);
  const write = (letter: string, kept?: string) => kept ?? LETTERS[letter]?.(part) ?? letter;
  return format.replace(/\\(.)|[a-zA-Z]/g, write);
}

function parts(
  instant: Date,
  timeZone: string,
  language: string,
  options: Intl.DateTimeFormatOptions,
): Part {
  const format = new Intl.DateTimeFormat(language, {
    timeZone,
    numberingSystem: "latn",
    ...options,
  });
  const found = format.formatToParts(instant);
  return Object.fromEntries(found.map((part) => [part.type, part.value])) as Part;
}
