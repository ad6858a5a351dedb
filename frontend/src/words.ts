/**
 * The words of scripts, in the language of the page. English needs nothing; for every other language the page
 * loads Django's JavaScript catalogue first, which defines `django`.
 */

declare global {
  var django: Catalogue | undefined;
}

interface Catalogue {
  gettext(text: string): string;
  ngettext(one: string, many: string, count: number): string;
  get_format(name: string): string;
}

/** `text` in the page's language; `%(name)s` in it becomes the fact of that name. */
export function gettext(text: string, facts: Record<string, string | number> = {}): string {
  return filled(globalThis.django?.gettext(text) ?? text, facts);
}

/** The same, for a number of things. */
export function ngettext(
  one: string,
  many: string,
  count: number,
  facts: Record<string, string | number> = {},
): string {
  const english = count === 1 ? one : many;
  return filled(globalThis.django?.ngettext(one, many, count) ?? english, { count, ...facts });
}

// Isolates of Unicode: among Arabic words a phone number would else be read from its end.
const AS_IT_RUNS = "\u2068";
const END_OF_IT = "\u2069";

function filled(text: string, facts: Record<string, string | number>): string {
  const rtl = globalThis.document?.dir === "rtl";
  return text.replace(/%\((\w+)\)s/g, (whole, name) => {
    const fact = facts[name] ?? whole;
    return rtl ? `${AS_IT_RUNS}${fact}${END_OF_IT}` : `${fact}`;
  });
}

// Of clinicall/web/formats/en/formats.py.
const ENGLISH_FORMATS: Record<string, string> = {
  DATE_FORMAT: "l j F Y",
  MONTH_DAY_FORMAT: "l j F",
  YEAR_MONTH_FORMAT: "F Y",
  TIME_FORMAT: "g:ia",
};

/** How the page's language writes dates or times: letters of Django's `date` filter. */
export function formatOf(name: string): string {
  return globalThis.django?.get_format(name) ?? ENGLISH_FORMATS[name] ?? name;
}

/** For `Intl`. The British write dates as our English does. */
export function language(): string {
  return globalThis.django ? document.documentElement.lang : "en-GB";
}
