import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { whenBack } from "./back";

const MINUTE = 60_000;
let page: EventTarget;
let times: number;
let stop: () => void;

beforeEach(() => {
  vi.useFakeTimers();
  page = new EventTarget();
  vi.stubGlobal("addEventListener", page.addEventListener.bind(page));
  vi.stubGlobal("removeEventListener", page.removeEventListener.bind(page));
  times = 0;
  stop = whenBack(() => times++);
});

afterEach(() => {
  stop();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("whoever looks all the time, or at another tab, is never back", () => {
  vi.advanceTimersByTime(10 * MINUTE);
  vi.setSystemTime(Date.now() + MINUTE);
  vi.advanceTimersByTime(10_000);
  expect(times).toBe(0);
});

test("a computer that slept is back once", () => {
  vi.setSystemTime(Date.now() + 20 * MINUTE);
  vi.advanceTimersByTime(MINUTE);
  expect(times).toBe(1);
});

test("the network is back, and so is a page that the browser had kept", () => {
  page.dispatchEvent(new Event("online"));
  page.dispatchEvent(Object.assign(new Event("pageshow"), { persisted: false }));
  page.dispatchEvent(Object.assign(new Event("pageshow"), { persisted: true }));
  expect(times).toBe(2);
});

test("nobody is told after they have stopped listening", () => {
  stop();
  page.dispatchEvent(new Event("online"));
  vi.setSystemTime(Date.now() + 20 * MINUTE);
  vi.advanceTimersByTime(MINUTE);
  expect(times).toBe(0);
});
