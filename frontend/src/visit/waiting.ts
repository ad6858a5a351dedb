import { gettext, ngettext } from "../words";
import { runningLate } from "./lateness";
import type { Here } from "./visit-socket";

/** Instants are milliseconds since 1970; `now` by the server's clock. */
export interface Waiting {
  readonly viewer: "doctor" | "patient";
  /** The other person, as this one calls them. */
  readonly other: string;
  readonly startsAt: number;
  readonly now: number;
  /** What the server last said, or null while there is no connection to it. */
  readonly here: Pick<Here, "doctor" | "patient" | "doctorIsBusy" | "delayMinutes"> | null;
  /** An instant as this page writes times. */
  readonly timeOf: (instant: number) => string;
}

/** A short word and whether it is a good one. */
export interface State {
  readonly text: string;
  readonly kind: "" | "ok" | "warn";
}

/** What waiting people are told of each other. */
export interface Told {
  /** `in 6 minutes`, `in less than a minute`; empty from the start on. */
  readonly untilStart: string;
  /** What the doctor said of being late; null where nothing is known. */
  readonly late: string | null;
  readonly other: State;
  readonly you: State;
}

const MINUTE = 60_000;

export function tell(waiting: Waiting): Told {
  return {
    untilStart: untilStart(waiting.startsAt - waiting.now),
    late: late(waiting),
    other: other(waiting),
    you: you(waiting),
  };
}

/** By the minute: a clock that ticks would be heard all the time. */
export function untilStart(left: number): string {
  if (left <= 0) return "";
  const minutes = Math.floor(left / MINUTE);
  if (minutes === 0) return gettext("in less than a minute");
  return ngettext("in 1 minute", "in %(count)s minutes", minutes);
}

function late(waiting: Waiting): string | null {
  const { here, viewer } = waiting;
  if (here === null) return null;
  if (viewer === "patient") return runningLate({ ...waiting, delayMinutes: here.delayMinutes });
  return here.delayMinutes === 0
    ? ""
    : ngettext(
        "You said that you are about 1 minute late.",
        "You said that you are about %(count)s minutes late.",
        here.delayMinutes,
      );
}

function otherSince({ viewer, here }: Waiting): string | null {
  return (viewer === "doctor" ? here?.patient : here?.doctor) ?? null;
}

function other(waiting: Waiting): State {
  if (waiting.here === null) return { text: gettext("Not known just now"), kind: "" };
  const since = otherSince(waiting);
  if (since !== null) {
    return {
      text: gettext("Here since %(time)s", { time: waiting.timeOf(Date.parse(since)) }),
      kind: "ok",
    };
  }
  if (waiting.viewer === "patient" && waiting.here?.doctorIsBusy) {
    return { text: gettext("With another patient"), kind: "" };
  }
  return { text: gettext("Not here yet"), kind: "" };
}

function you({ viewer, other, here }: Waiting): State {
  if (here === null) return { text: gettext("Reconnecting… You keep your place"), kind: "warn" };
  return viewer === "patient"
    ? { text: gettext("%(other)s knows you are here", { other }), kind: "ok" }
    : { text: gettext("Here"), kind: "ok" };
}
