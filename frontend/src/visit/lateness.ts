import { gettext, ngettext } from "../words";

/** Instants are milliseconds since 1970; `now` by the server's clock. */
export interface Lateness {
  readonly viewer: "doctor" | "patient";
  /** The other person, as this one calls them, and whether they are at the visit. */
  readonly other: string;
  readonly otherIsHere: boolean;
  readonly doctorIsBusy: boolean;
  readonly startsAt: number;
  /** By how much the doctor said to be late; 0 is on time. */
  readonly delayMinutes: number;
  readonly now: number;
  /** An instant as this page writes times. */
  readonly timeOf: (instant: number) => string;
  /** The clinic's, or empty. */
  readonly phone: string;
}

const MINUTE = 60_000;
const CHOICES_AFTER = 20 * MINUTE;

/** What the doctor said of being late, until the time they named; else nothing. */
export function runningLate(
  facts: Pick<Lateness, "other" | "startsAt" | "delayMinutes" | "now" | "timeOf">,
): string {
  const { other, startsAt, delayMinutes, now, timeOf } = facts;
  const expectedAt = startsAt + delayMinutes * MINUTE;
  if (delayMinutes === 0 || now >= expectedAt) return "";
  return ngettext(
    "%(other)s is running about 1 minute late: expect to begin at about %(time)s.",
    "%(other)s is running about %(count)s minutes late: expect to begin at about %(time)s.",
    delayMinutes,
    { other, time: timeOf(expectedAt) },
  );
}

/**
 * What to say when the other one has not come by the start, or a doctor has said so before: the news first,
 * then advice. Else nothing. A late doctor does not miss a patient who comes when they were told to.
 */
export function lateness(facts: Lateness): string[] {
  const { viewer, other, otherIsHere, doctorIsBusy, startsAt, now, phone } = facts;
  const said = runningLate(facts);
  if (otherIsHere) return [];
  if (viewer === "doctor") {
    const isMissed = now >= startsAt && said === "";
    return isMissed ? [gettext("%(other)s has not come yet.", { other })] : [];
  }
  if (now < startsAt) return said === "" ? [] : [said];
  const unsaid = doctorIsBusy
    ? gettext("%(other)s is still with another patient.", { other })
    : gettext("%(other)s is running late.", { other });
  const news = said || unsaid;
  if (now < startsAt + CHOICES_AFTER) {
    return [
      news,
      phone
        ? gettext("Please stay on this page. If you want to ask, call the clinic on %(phone)s.", {
            phone,
          })
        : gettext("Please stay on this page. If you want to ask, call the clinic."),
    ];
  }
  return [
    news,
    phone
      ? gettext(
          "You can keep waiting, or call the clinic on %(phone)s, also to move the appointment to another time.",
          { phone },
        )
      : gettext(
          "You can keep waiting, or call the clinic, also to move the appointment to another time.",
        ),
    gettext(
      "If the doctor does not come, the appointment is cancelled and what you paid comes back in full.",
    ),
  ];
}
