/** 0 unknown, 1 excellent, 2 good, 3 fair, 4 poor, 5 very poor, 6 disconnected: the scale of Agora's SDK. */
export type Level = 0 | 1 | 2 | 3 | 4 | 5 | 6;

export type Quality = "checking" | "good" | "fair" | "poor" | "reconnecting";

const SHOWN: Record<Level, Quality> = {
  0: "checking",
  1: "good",
  2: "good",
  3: "fair",
  4: "poor",
  5: "poor",
  6: "reconnecting",
};

/** The worst round trip and loss that still earn a level. */
const LIMITS: readonly { level: Level; roundTripMs: number; loss: number }[] = [
  { level: 1, roundTripMs: 150, loss: 0.01 },
  { level: 2, roundTripMs: 300, loss: 0.03 },
  { level: 3, roundTripMs: 500, loss: 0.08 },
  { level: 4, roundTripMs: 800, loss: 0.15 },
];

/** `loss` is a share, 0 to 1, in the worse direction. */
export function levelOf(roundTripMs: number, loss: number): Level {
  const earned = LIMITS.find((limit) => roundTripMs < limit.roundTripMs && loss < limit.loss);
  return earned?.level ?? 5;
}

/** What is shown, and how often in a row something else was measured since. */
export interface Steady {
  readonly shown: Quality;
  readonly next: Quality;
  readonly times: number;
}

export const UNMEASURED: Steady = { shown: "checking", next: "checking", times: 0 };

const SAMPLES_TO_CHANGE = 3;

/** One more measurement. The shown word changes only after three equal ones, so that it does not flicker. */
export function steadied(steady: Steady, level: Level): Steady {
  const measured = SHOWN[level];
  const times = measured === steady.next ? steady.times + 1 : 1;
  if (steady.shown === "checking" || times >= SAMPLES_TO_CHANGE) {
    return { shown: measured, next: measured, times };
  }
  return { shown: steady.shown, next: measured, times };
}

/** Long enough that it is the link and not a moment. A sample comes every two seconds. */
const SAMPLES_FOR_LONG = 8;

export function isPoorForLong({ shown, next, times }: Steady): boolean {
  return shown === "poor" && next === "poor" && times >= SAMPLES_FOR_LONG;
}

/** Totals since the start of a call, as its statistics count them. */
export interface Received {
  readonly packets: number;
  readonly lost: number;
}

export interface Measured {
  readonly level: Level;
  readonly received: Received;
}

/** Read a level from a peer connection's statistics, given the totals of the reading before. */
export function measure(stats: Iterable<RTCStats>, before: Received): Measured {
  let roundTripMs: number | null = null;
  let lossThere = 0;
  let packets = 0;
  let lost = 0;
  for (const entry of stats) {
    if (isNominatedPair(entry) && entry.currentRoundTripTime !== undefined) {
      roundTripMs = entry.currentRoundTripTime * 1000;
    } else if (isReceiverReport(entry)) {
      lossThere = Math.max(lossThere, entry.fractionLost ?? 0);
    } else if (isInbound(entry)) {
      packets += entry.packetsReceived ?? 0;
      lost += entry.packetsLost ?? 0;
    }
  }
  const received = { packets, lost };
  if (roundTripMs === null) return { level: 0, received };
  const newLost = Math.max(0, lost - before.lost);
  const expected = newLost + Math.max(0, packets - before.packets);
  const lossHere = expected === 0 ? 0 : newLost / expected;
  return { level: levelOf(roundTripMs, Math.max(lossThere, lossHere)), received };
}

function isNominatedPair(entry: RTCStats): entry is RTCIceCandidatePairStats {
  return entry.type === "candidate-pair" && (entry as RTCIceCandidatePairStats).nominated === true;
}

/** What the other side says about the packets we sent; the standard types lack it. */
interface ReceiverReport extends RTCStats {
  fractionLost?: number;
}

function isReceiverReport(entry: RTCStats): entry is ReceiverReport {
  return entry.type === "remote-inbound-rtp";
}

function isInbound(entry: RTCStats): entry is RTCInboundRtpStreamStats {
  return entry.type === "inbound-rtp";
}
