import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type VisitHeard, VisitSocket } from "./visit-socket";

/** The server's end of one socket; it remembers what it was told. */
class Socket {
  readonly OPEN = 1;
  readyState = 0;
  told: { type: string }[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;

  constructor(readonly url: string) {}

  open(): void {
    this.readyState = 1;
    this.onopen?.();
  }

  say(message: object): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }

  drop(code: number): void {
    this.readyState = 3;
    this.onclose?.({ code });
  }

  send(text: string): void {
    this.told.push(JSON.parse(text));
  }

  close(): void {
    this.drop(1000);
  }
}

const HERE = {
  type: "here",
  now: "2026-11-25T04:25:00Z",
  doctor: null,
  patient: "2026-11-25T04:20:00Z",
  doctorIsBusy: false,
  delayMinutes: 0,
  closesAt: "2026-11-25T05:15:00Z",
};

function clinic() {
  const sockets: Socket[] = [];
  const heard: VisitHeard[] = [];
  const visit = new VisitSocket({
    appointment: "a1",
    ticket: "a ticket",
    place: "waiting",
    hear: (message) => heard.push(message),
    openSocket: (url) => {
      const socket = new Socket(url);
      sockets.push(socket);
      return socket as unknown as WebSocket;
    },
  });
  const last = () => {
    const socket = sockets.at(-1);
    if (socket === undefined) throw new Error("no socket was opened");
    return socket;
  };
  return { visit, sockets, last, types: () => heard.map(({ type }) => type) };
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("location", { origin: "https://clinic.example" });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("the ticket is the first word, and never in the address", () => {
  const { last } = clinic();
  last().open();
  expect(last().url).toBe("wss://clinic.example/ws/visits/a1");
  expect(last().told).toEqual([{ type: "hello", ticket: "a ticket", place: "waiting" }]);
});

test("who is here is heard, and pings are answered without a word to the page", () => {
  const { last, types } = clinic();
  last().open();
  last().say(HERE);
  last().say({ type: "ping" });
  expect(types()).toEqual(["here"]);
  expect(last().told.at(-1)).toEqual({ type: "pong" });
});

test("a server that restarts finds everybody back", async () => {
  const { last, sockets, types } = clinic();
  last().open();
  last().say(HERE);
  last().drop(1012);
  await vi.advanceTimersByTimeAsync(500);
  expect(types()).toEqual(["here", "lost"]);
  expect(sockets).toHaveLength(2);
  last().open();
  expect(last().told).toEqual([{ type: "hello", ticket: "a ticket", place: "waiting" }]);
});

test("a server that fails after each greeting is not hammered", async () => {
  const { last, sockets } = clinic();
  for (let time = 0; time < 120; time += 1) {
    if (last().readyState === 0) {
      last().open();
      last().say(HERE);
      last().drop(1011);
    }
    await vi.advanceTimersByTimeAsync(250);
  }
  expect(sockets.length).toBeLessThan(15);
});

test("a socket that has gone silent is given up", async () => {
  const { last, sockets, types } = clinic();
  last().open();
  last().say(HERE);
  await vi.advanceTimersByTimeAsync(44_000);
  last().say({ type: "ping" });
  await vi.advanceTimersByTimeAsync(44_000);
  expect(sockets).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(types()).toEqual(["here", "lost"]);
  expect(sockets).toHaveLength(2);
});

test("a page that slept does not wait for the timers that slept with it", () => {
  const { visit, last, sockets, types } = clinic();
  last().open();
  last().say(HERE);
  visit.wake();
  expect(types()).toEqual(["here"]);
  vi.setSystemTime(Date.now() + 3_600_000);
  visit.wake();
  expect(types()).toEqual(["here", "lost"]);
  expect(sockets).toHaveLength(2);
});

test("a page that is looked at while its socket is away has it back at once", () => {
  const { visit, last, sockets } = clinic();
  last().open();
  last().drop(1006);
  visit.wake();
  expect(sockets).toHaveLength(2);
});

test("a ticket that is refused is told to the page, once, and not shown again", async () => {
  const { last, sockets, types } = clinic();
  last().open();
  last().drop(4401);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(types()).toEqual(["refused"]);
  expect(sockets).toHaveLength(1);
});

test("a visit that is over is not come back to", async () => {
  const { last, sockets, types, visit } = clinic();
  last().open();
  last().say({ type: "ended", status: "cancelled" });
  last().drop(4410);
  visit.wake();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(types()).toEqual(["ended"]);
  expect(sockets).toHaveLength(1);
});

test("whoever leaves says so and does not come back", async () => {
  const { visit, last, sockets, types } = clinic();
  last().open();
  last().say(HERE);
  const { told } = last();
  visit.leave();
  expect(told.at(-1)).toEqual({ type: "leave" });
  await vi.advanceTimersByTimeAsync(60_000);
  expect(sockets).toHaveLength(1);
  expect(types()).toEqual(["here"]);
});
