/**
 * The date (`YYYY-MM-DD`) that `key` leads to from `date`, or null when it leads nowhere: the keys of a grid
 * of dates in the ARIA Authoring Practices, weeks beginning on Monday. Home and End stay within the month,
 * whose neighbours' days are not shown. With `rtl`, the week runs from right to left.
 */
export function moved(date: string, key: string, rtl: boolean): string | null {
  const [year = 0, month = 0, day = 0] = date.split("-").map(Number);
  const afterMonday = (new Date(Date.UTC(year, month - 1, day)).getUTCDay() + 6) % 7;
  switch (key) {
    case "ArrowLeft":
      return written(year, month, day + (rtl ? 1 : -1));
    case "ArrowRight":
      return written(year, month, day + (rtl ? -1 : 1));
    case "ArrowUp":
      return written(year, month, day - 7);
    case "ArrowDown":
      return written(year, month, day + 7);
    case "Home":
      return written(year, month, Math.max(1, day - afterMonday));
    case "End":
      return written(year, month, Math.min(daysIn(year, month), day - afterMonday + 6));
    case "PageUp":
      return written(year, month - 1, Math.min(day, daysIn(year, month - 1)));
    case "PageDown":
      return written(year, month + 1, Math.min(day, daysIn(year, month + 1)));
    default:
      return null;
  }
}

function daysIn(year: number, month: number): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}

function written(year: number, month: number, day: number): string {
  return new Date(Date.UTC(year, month - 1, day)).toISOString().slice(0, 10);
}
