const SOON = 3000; // milliseconds
const LATER = 30_000;
const SOON_FOR = 20; // looks

/** How long to wait, in milliseconds, before looking again after `looks` of them; null to look no more. */
export function pauseBefore(looks: number, patient: boolean): number | null {
  if (looks < SOON_FOR) return SOON;
  return patient ? LATER : null;
}
