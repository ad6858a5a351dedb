import type { Here } from "../visit/visit-socket";

/** Who else is at the visit, as the clinic sees it on either line. */
export interface Company {
  /** Since when the other person has been in the waiting room or the room; milliseconds since 1970. */
  readonly otherSince: number | null;
  readonly doctorIsBusy: boolean;
}

export function companyOf(here: Here, viewer: "doctor" | "patient"): Company {
  const since = viewer === "doctor" ? here.patient : here.doctor;
  return {
    otherSince: since === null ? null : Date.parse(since),
    doctorIsBusy: viewer === "patient" && here.doctorIsBusy,
  };
}

/** Whether the other person has just come, as far as this page knew. */
export function hasCome(before: Company | null, after: Company | null): boolean {
  return before?.otherSince === null && typeof after?.otherSince === "number";
}
