import { gettext } from "../words";

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
  if (viewer === "doctor") return [gettext("%(other)s has not come yet.", { other })];
  const news = doctorIsBusy
    ? gettext("%(other)s is still with another patient.", { other })
    : gettext("%(other)s is running late.", { other });
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
