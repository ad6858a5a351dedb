import type { Call } from "./call";
import type { Company } from "./company";
import type { Media } from "./line";
import { words } from "./words";

/** What the room knows of the visit. Instants are milliseconds since 1970, `now` by the server's clock. */
export interface Visit {
  readonly other: string;
  readonly startsAt: number;
  readonly endsAt: number;
  readonly closesAt: number;
  /** Null while the clinic's word of it has not come, or cannot. */
  readonly company: Company | null;
  readonly now: number;
  /** The zone of the times on this page, in words. */
  readonly zone: string;
  /** An instant in that zone. */
  readonly timeOf: (instant: number) => string;
}

export interface Choice {
  readonly label: string;
  readonly press: { type: "join"; wanted: Media } | { type: "leave" };
}

/** Outside the live call the room is a heading, some lines and some choices, the likeliest first. */
export interface Panel {
  readonly heading: string;
  readonly lines: readonly string[];
  readonly choices: readonly Choice[];
  /** Nothing holds the person here: offer the way back to their appointments. */
  readonly wayHome?: true;
}

const EVERYTHING: Media = { microphone: true, camera: true };
const SOUND: Media = { microphone: true, camera: false };
const NOTHING: Media = { microphone: false, camera: false };

export function panelOf(call: Call, visit: Visit): Panel | null {
  switch (call.phase) {
    case "lobby":
      return {
        heading: words.lobby.heading(visit.other),
        lines: [
          words.lobby.time(visit.timeOf(visit.startsAt), visit.timeOf(visit.endsAt), visit.zone),
          ...(call.refusedEarly ? [early(call.opensAt, visit)] : []),
          ...whoIsHere(visit),
          words.lobby.about,
        ],
        choices: [
          join(words.lobby.withCamera, EVERYTHING),
          join(words.lobby.soundOnly, SOUND),
          join(words.lobby.listenOnly, NOTHING),
        ],
      };
    case "joining":
      return {
        heading: words.joining.heading,
        lines: call.wanted.microphone || call.wanted.camera ? [words.joining.about] : [],
        choices: [{ label: words.joining.cancel, press: { type: "leave" } }],
      };
    case "live":
      return null;
    case "left":
      return visit.now >= visit.closesAt
        ? { heading: words.left.heading, lines: [words.left.over], choices: [], wayHome: true }
        : {
            heading: words.left.heading,
            lines: [words.left.about(visit.timeOf(visit.closesAt))],
            choices: [join(words.left.rejoin, call.wanted)],
            wayHome: true,
          };
    case "ended":
      return {
        heading: words.ended.heading[call.status],
        lines: [words.ended.about[call.status]],
        choices: [],
        wayHome: true,
      };
    case "removed":
      return {
        heading: words.removed.heading[call.why],
        lines: [words.removed.about[call.why]],
        choices: [join(words.removed.useThis, call.wanted)],
      };
    case "failed":
      return {
        heading: words.failed.heading,
        lines: [
          words.failed.about[call.failure],
          ...(call.reference === null ? [] : [words.failed.reference(call.reference)]),
        ],
        choices: [join(words.failed.tryAgain, call.wanted)],
        wayHome: true,
      };
  }
}

function join(label: string, wanted: Media): Choice {
  return { label, press: { type: "join", wanted } };
}

function whoIsHere({ company, other, timeOf }: Visit): string[] {
  if (company === null) return [];
  if (company.otherSince !== null) return [words.lobby.here(other, timeOf(company.otherSince))];
  return [company.doctorIsBusy ? words.lobby.busy(other) : words.lobby.awaited(other)];
}

function early(opensAt: string | null, visit: Visit): string {
  return opensAt === null
    ? words.lobby.tooEarlyUnknown
    : words.lobby.tooEarly(visit.timeOf(Date.parse(opensAt)));
}
