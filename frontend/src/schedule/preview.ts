import { instantTime } from "../time";
import { gettext, ngettext } from "../words";

/**
 * What hours will be cut into, in words; nothing while they are incomplete. Times are wall times of one
 * day, `09:00`, as a time field gives them. On a night when the clocks change the server may say otherwise.
 */
export function preview(start: string, end: string, minutes: number): string {
  const from = sinceMidnight(start);
  const to = sinceMidnight(end);
  const complete = !Number.isNaN(from) && !Number.isNaN(to);
  if (!complete || !Number.isInteger(minutes) || minutes < 1) return "";
  if (to <= from) return gettext("The end must be after the start.");
  const count = Math.floor((to - from) / minutes);
  if (count === 0) {
    return ngettext(
      "A %(count)s-minute appointment does not fit between %(start)s and %(end)s.",
      "A %(count)s-minute appointment does not fit between %(start)s and %(end)s.",
      minutes,
      { start: clock(from), end: clock(to) },
    );
  }
  const last = from + (count - 1) * minutes;
  const slots = ngettext(
    "1 slot, at %(first)s. It ends at %(end)s.",
    "%(count)s slots, %(first)s to %(last)s. Last one ends at %(end)s.",
    count,
    { first: clock(from), last: clock(last), end: clock(last + minutes) },
  );
  return [slots, ...leftover(to - last - minutes, minutes)].join(" ");
}

/** How many slots a period makes; none while it is incomplete. */
export function slotCount(start: string, end: string, minutes: string): number {
  const length = Number(minutes);
  const count = Math.floor((sinceMidnight(end) - sinceMidnight(start)) / length);
  return Number.isInteger(length) && length > 0 && count > 0 ? count : 0;
}

/**
 * How many slots there will be on many days, in words: `slots` in one week, on these weekdays of it
 * (Monday is 0), in each of `weeks` weeks. Nothing of a single day, which tells its own.
 */
export function total(slots: number, weekdays: readonly number[], weeks: number): string {
  const days = weekdays.length * weeks;
  if (!Number.isInteger(days) || days < 2 || slots === 0) return "";
  const [weekday = 0, ...others] = new Set(weekdays);
  const facts = { slots: slots * weeks };
  if (others.length === 0) return onWeekdays(weekday, days, facts);
  return ngettext(
    "%(slots)s slots on %(count)s day.",
    "%(slots)s slots on %(count)s days.",
    days,
    facts,
  );
}

/** Monday is 0. A sentence for each: few languages make many days of one by adding a letter. */
function onWeekdays(weekday: number, days: number, facts: { slots: number }): string {
  switch (weekday) {
    case 0:
      return ngettext(
        "%(slots)s slots on %(count)s Monday.",
        "%(slots)s slots on %(count)s Mondays.",
        days,
        facts,
      );
    case 1:
      return ngettext(
        "%(slots)s slots on %(count)s Tuesday.",
        "%(slots)s slots on %(count)s Tuesdays.",
        days,
        facts,
      );
    case 2:
      return ngettext(
        "%(slots)s slots on %(count)s Wednesday.",
        "%(slots)s slots on %(count)s Wednesdays.",
        days,
        facts,
      );
    case 3:
      return ngettext(
        "%(slots)s slots on %(count)s Thursday.",
        "%(slots)s slots on %(count)s Thursdays.",
        days,
        facts,
      );
    case 4:
      return ngettext(
        "%(slots)s slots on %(count)s Friday.",
        "%(slots)s slots on %(count)s Fridays.",
        days,
        facts,
      );
    case 5:
      return ngettext(
        "%(slots)s slots on %(count)s Saturday.",
        "%(slots)s slots on %(count)s Saturdays.",
        days,
        facts,
      );
    default:
      return ngettext(
        "%(slots)s slots on %(count)s Sunday.",
        "%(slots)s slots on %(count)s Sundays.",
        days,
        facts,
      );
  }
}

/** Monday is 0. */
export function weekdayOf(date: string): number {
  return (new Date(`${date}T00:00Z`).getUTCDay() + 6) % 7;
}

function leftover(left: number, minutes: number): string[] {
  if (left === 0) return [];
  return [
    ngettext(
      "%(count)s minute at the end is too short for a %(minutes)s-minute appointment and won’t be offered.",
      "%(count)s minutes at the end are too short for a %(minutes)s-minute appointment and won’t be offered.",
      left,
      { minutes },
    ),
  ];
}

/** In minutes; NaN for what is no time. */
function sinceMidnight(time: string): number {
  const [, hours, minutes] = /^(\d\d):(\d\d)/.exec(time) ?? [];
  return Number(hours) * 60 + Number(minutes);
}

function clock(minutes: number): string {
  return instantTime(new Date(minutes * 60_000), "UTC");
}
