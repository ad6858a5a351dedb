import { expect, test } from "vitest";
import { type Level, levelOf, measure, type Steady, steadied, UNMEASURED } from "./quality";

const NOTHING = { packets: 0, lost: 0 };

test.each<[number, number, Level]>([
  [20, 0, 1],
  [149, 0.009, 1],
  [150, 0, 2],
  [20, 0.01, 2],
  [300, 0, 3],
  [20, 0.05, 3],
  [500, 0, 4],
  [20, 0.1, 4],
  [800, 0, 5],
  [20, 0.15, 5],
])("a round trip of %d ms with a loss of %d is level %d", (roundTripMs, loss, level) => {
  expect(levelOf(roundTripMs, loss)).toBe(level);
});

function shownAfter(...levels: Level[]): string {
  return levels.reduce<Steady>(steadied, UNMEASURED).shown;
}

test("the first measurement is shown at once", () => {
  expect(shownAfter(4)).toBe("poor");
});

test("the shown word changes with the third equal measurement", () => {
  expect(shownAfter(1, 4, 4)).toBe("good");
  expect(shownAfter(1, 4, 4, 4)).toBe("poor");
});

test("levels of one word count as equal", () => {
  expect(shownAfter(1, 4, 5, 4)).toBe("poor");
});

test("one good measurement between bad ones starts the count anew", () => {
  expect(shownAfter(1, 4, 4, 1, 4, 4)).toBe("good");
});

function stats(
  roundTripS: number,
  fractionLost: number,
  packets: number,
  lost: number,
): RTCStats[] {
  const entries = [
    { type: "candidate-pair", nominated: false, currentRoundTripTime: 9 },
    { type: "candidate-pair", nominated: true, currentRoundTripTime: roundTripS },
    { type: "remote-inbound-rtp", kind: "audio", fractionLost: 0 },
    { type: "remote-inbound-rtp", kind: "video", fractionLost },
    { type: "inbound-rtp", kind: "video", packetsReceived: packets, packetsLost: lost },
  ];
  return entries as unknown as RTCStats[];
}

test("before a path is chosen nothing is known", () => {
  expect(measure([], NOTHING).level).toBe(0);
});

test("the path in use decides, and the worse direction", () => {
  expect(measure(stats(0.05, 0, 100, 0), NOTHING).level).toBe(1);
  expect(measure(stats(0.05, 0.1, 100, 0), NOTHING).level).toBe(4);
  expect(measure(stats(0.05, 0, 90, 10), NOTHING).level).toBe(4);
});

test("losses of long ago are not held against the line", () => {
  const before = measure(stats(0.05, 0, 900, 100), NOTHING);
  expect(before.level).toBe(4);
  expect(measure(stats(0.05, 0, 1900, 100), before.received).level).toBe(1);
});

test("totals that start anew after a repair are no loss", () => {
  const before = { packets: 5000, lost: 40 };
  expect(measure(stats(0.05, 0, 10, 0), before).level).toBe(1);
});
