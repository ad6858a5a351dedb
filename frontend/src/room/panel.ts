import { lateness } from "../visit/lateness";
import { type Call, LOBBY } from "./call";
import type { Company } from "./company";
import type { Media } from "./line";
import { words } from "./words";

/** What the room knows of the visit. Instants are milliseconds since 1970, `now` by the server's clock. */
export interface Visit {
  readonly viewer: "doctor" | "patient";
  readonly other: string;
  readonly startsAt: number;
  readonly endsAt: number;
  /** By how much the doctor said to be late; 0 is on time. */
  readonly delayMinutes: number;
  /** With that. */
  readonly closesAt: number;
  /** Null while the clinic's word of it has not come, or cannot. */
  readonly company: Company | null;
  /** The clinic's, or empty. */
  readonly phone: string;
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

/** What to say of the other one who has not come by the start, for whoever has not met them yet. */
export function latenessOf(call: Call, visit: Visit): string[] {
  const { company } = visit;
  const isAlone = call.phase === "lobby" || (call.phase === "live" && call.other === "awaited");
  if (company === null || !isAlone) return [];
  const { otherSince, doctorIsBusy } = company;
  return lateness({ ...visit, otherIsHere: otherSince !== null, doctorIsBusy });
}

function whoIsHere(visit: Visit): string[] {
  const { company, other, timeOf } = visit;
  if (company === null) return [];
  if (company.otherSince !== null) return [words.lobby.here(other, timeOf(company.otherSince))];
  const late = latenessOf(LOBBY, visit);
  if (late.length) return late;
  return [company.doctorIsBusy ? words.lobby.busy(other) : words.lobby.awaited(other)];
}

function early(opensAt: string | null, visit: Visit): string {
  return opensAt === null
    ? words.lobby.tooEarlyUnknown
    : words.lobby.tooEarly(visit.timeOf(Date.parse(opensAt)));
}
