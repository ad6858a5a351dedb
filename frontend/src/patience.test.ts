import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { patiently, type Waiting } from "./patience";

let said: Waiting[];
let online: boolean;
const say = (waiting: Waiting) => said.push(waiting);

beforeEach(() => {
  vi.useFakeTimers();
  said = [];
  online = true;
  vi.stubGlobal("navigator", {
    get onLine() {
      return online;
    },
  });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function comesAfter(milliseconds: number): Promise<string> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds, "times"));
}

test("a quick answer is not talked about", async () => {
  const answer = patiently(comesAfter(300), say);
  await vi.advanceTimersByTimeAsync(20_000);
  expect(await answer).toBe("times");
  expect(said).toEqual([""]);
});

test("who waits is told so, and then that it takes long", async () => {
  const answer = patiently(comesAfter(9000), say);
  await vi.advanceTimersByTimeAsync(399);
  expect(said).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(said).toEqual(["loading"]);
  await vi.advanceTimersByTimeAsync(7600);
  expect(said).toEqual(["loading", "slow"]);
  await vi.advanceTimersByTimeAsync(1000);
  expect(said).toEqual(["loading", "slow", ""]);
  expect(await answer).toBe("times");
});

test.each([
  [true, "unreachable"],
  [false, "offline"],
])("no answer is told by whether one is online: %s", async (isOnline, word) => {
  online = isOnline;
  expect(await patiently(Promise.reject(new TypeError("Failed to fetch")), say)).toBeNull();
  await vi.advanceTimersByTimeAsync(20_000);
  expect(said).toEqual([word]);
});

test("a question that another one has overtaken ends in silence", async () => {
  const withdrawn = Promise.reject(new DOMException("withdrawn", "AbortError"));
  expect(await patiently(withdrawn, say)).toBeNull();
  await vi.advanceTimersByTimeAsync(20_000);
  expect(said).toEqual([]);
});
