import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { IssuedPass } from "../api";
import { backoff } from "./backoff";
import { Renewal, renewIn } from "./renewal";
import { Serial } from "./serial";

const MINUTE = 60_000;
const NOON = Date.UTC(2027, 2, 1, 12);

function passFor(minutes: number, token = "pass"): IssuedPass {
  const tokenExpiresAt = new Date(NOON + minutes * MINUTE).toISOString();
  return { token, tokenExpiresAt, issuedAt: NOON } as IssuedPass;
}

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

test("a pass is renewed when six tenths of its life are over, by the clinic's clock", () => {
  expect(renewIn(passFor(30))).toBe(18 * MINUTE);
});

test("a pass of hardly any life is not renewed in a rush", () => {
  expect(renewIn(passFor(0))).toBe(5000);
});

test("each fresh pass is used and followed by the next", async () => {
  const used: string[] = [];
  let count = 0;
  const renewal = new Renewal(
    async () => passFor(30, `pass ${++count}`),
    async ({ token }) => void used.push(token),
  );
  renewal.follow(passFor(30));
  await vi.advanceTimersByTimeAsync(17 * MINUTE);
  expect(used).toEqual([]);
  await vi.advanceTimersByTimeAsync(20 * MINUTE);
  expect(used).toEqual(["pass 1", "pass 2"]);
  renewal.stop();
});

test("a renewal that fails is tried again soon", async () => {
  const used: string[] = [];
  let attempts = 0;
  const renewal = new Renewal(
    async () => {
      attempts += 1;
      if (attempts < 3) throw new Error("unreachable");
      return passFor(30);
    },
    async ({ token }) => void used.push(token),
  );
  await renewal.now();
  await vi.advanceTimersByTimeAsync(20_000);
  expect(attempts).toBe(3);
  expect(used).toEqual(["pass"]);
  renewal.stop();
});

test("a line that was left asks for no more passes", async () => {
  const used: string[] = [];
  let deliver: (pass: IssuedPass) => void = () => {};
  const renewal = new Renewal(
    () => new Promise((resolve) => (deliver = resolve)),
    async ({ token }) => void used.push(token),
  );
  const underWay = renewal.now();
  renewal.stop();
  deliver(passFor(30));
  await underWay;
  await vi.advanceTimersByTimeAsync(60 * MINUTE);
  expect(used).toEqual([]);
  expect(vi.getTimerCount()).toBe(0);
});

test("attempts to come back grow rarer, and never all at once", () => {
  expect([0, 1, 2, 3, 4, 9].map((attempt) => backoff(attempt, 1))).toEqual([
    500, 1000, 2000, 4000, 8000, 8000,
  ]);
  expect(backoff(4, 0)).toBe(4000);
});

test("steps run one after another, also after one that fails", async () => {
  const done: string[] = [];
  const serial = new Serial();
  const slow = serial.run(async () => {
    await new Promise((resolve) => setTimeout(resolve, 100));
    done.push("slow");
    throw new Error("in vain");
  });
  const quick = serial.run(async () => void done.push("quick"));
  await Promise.all([
    expect(slow).rejects.toThrow("in vain"),
    vi.advanceTimersByTimeAsync(100),
    quick,
  ]);
  expect(done).toEqual(["slow", "quick"]);
});
