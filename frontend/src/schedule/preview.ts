import { instantTime, shown } from "../time";

/**
 * What hours will be cut into, in words; nothing while they are incomplete. Times are wall times of one
 * day, `09:00`, as a time field gives them. On a night when the clocks change the server may say otherwise.
 */
export function preview(start: string, end: string, minutes: number): string {
  const from = sinceMidnight(start);
  const to = sinceMidnight(end);
  const complete = !Number.isNaN(from) && !Number.isNaN(to);
  if (!complete || !Number.isInteger(minutes) || minutes < 1) return "";
  if (to <= from) return "The end must be after the start.";
  const count = Math.floor((to - from) / minutes);
  if (count === 0) {
    return `A ${minutes}-minute appointment does not fit between ${clock(from)} and ${clock(to)}.`;
  }
  const last = from + (count - 1) * minutes;
  const slots =
    count === 1
      ? `1 slot, at ${clock(from)}. It ends at ${clock(last + minutes)}.`
      : `${count} slots, ${clock(from)} to ${clock(last)}. Last one ends at ${clock(last + minutes)}.`;
  return slots + leftover(to - last - minutes, minutes);
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
  const [first, ...others] = new Set(weekdays);
  const name = others.length === 0 ? `${weekdayName(first ?? 0)}s` : "days";
  return `${slots * weeks} slots on ${days} ${name}.`;
}

/** Monday is 0. */
export function weekdayOf(date: string): number {
  return (new Date(`${date}T00:00Z`).getUTCDay() + 6) % 7;
}

function weekdayName(weekday: number): string {
  return shown(new Date(Date.UTC(2001, 0, 1 + weekday)), "weekday", "UTC"); // which began on a Monday
}

function leftover(left: number, minutes: number): string {
  if (left === 0) return "";
  const few = left === 1 ? "1 minute at the end is" : `${left} minutes at the end are`;
  return ` ${few} too short for a ${minutes}-minute appointment and won’t be offered.`;
}

/** In minutes; NaN for what is no time. */
function sinceMidnight(time: string): number {
  const [, hours, minutes] = /^(\d\d):(\d\d)/.exec(time) ?? [];
  return Number(hours) * 60 + Number(minutes);
}

function clock(minutes: number): string {
  return instantTime(new Date(minutes * 60_000), "UTC");
}
