/** Instants are milliseconds since 1970; `now` by the server's clock. */
export interface Lateness {
  readonly viewer: "doctor" | "patient";
  /** The other person, as this one calls them, and whether they are at the visit. */
  readonly other: string;
  readonly otherIsHere: boolean;
  readonly doctorIsBusy: boolean;
  readonly startsAt: number;
  readonly now: number;
  /** The clinic's, or empty. */
  readonly phone: string;
}

const CHOICES_AFTER = 20 * 60_000;

/** What to say when the other one has not come by the start: the news first, then advice. Else nothing. */
export function lateness(facts: Lateness): string[] {
  const { viewer, other, otherIsHere, doctorIsBusy, startsAt, now, phone } = facts;
  if (now < startsAt || otherIsHere) return [];
  if (viewer === "doctor") return [`${other} has not come yet.`];
  const news = doctorIsBusy
    ? `${other} is still with another patient.`
    : `${other} is running late.`;
  const call = phone ? `call the clinic on ${phone}` : "call the clinic";
  if (now < startsAt + CHOICES_AFTER) {
    return [news, `Please stay on this page. If you want to ask, ${call}.`];
  }
  return [
    news,
    `You can keep waiting, or ${call}, also to move the appointment to another time.`,
    "If the doctor does not come, the appointment is cancelled and what you paid comes back in full.",
  ];
}
