import { instantTime } from "../time";

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
