import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Heard, Signalling } from "./signalling";

/** The server's end of one socket; it remembers what it was told. */
class Socket {
  readonly OPEN = 1;
  readyState = 0;
  told: { type: string; token?: string }[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;

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

const WELCOME = { type: "welcome", uid: 2, polite: true, session: "s2" };

function clinic(freshToken: () => Promise<string> = async () => "fresh pass") {
  const sockets: Socket[] = [];
  const heard: Heard[] = [];
  const signalling = new Signalling({
    url: "wss://clinic.example/ws/calls/a1",
    token: "first pass",
    freshToken,
    hear: (message) => heard.push(message),
    openSocket: () => {
      const socket = new Socket();
      sockets.push(socket);
      return socket as unknown as WebSocket;
    },
  });
  const last = () => {
    const socket = sockets.at(-1);
    if (socket === undefined) throw new Error("no socket was opened");
    return socket;
  };
  return { signalling, sockets, heard, last, types: () => heard.map(({ type }) => type) };
}

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

test("the first word is the pass, and never in the address", () => {
  const { last } = clinic();
  last().open();
  expect(last().told).toEqual([{ type: "hello", token: "first pass" }]);
});

test("what the server says is heard, and its pings are answered", () => {
  const { last, heard } = clinic();
  last().open();
  last().say(WELCOME);
  last().say({ type: "ping" });
  last().say({ type: "peer-joined", session: "s1" });
  expect(heard).toEqual([WELCOME, { type: "peer-joined", session: "s1" }]);
  expect(last().told.map(({ type }) => type)).toEqual(["hello", "pong"]);
});

test("a server that restarts finds everybody back with the pass they had", async () => {
  const { last, sockets, types } = clinic();
  last().open();
  last().say(WELCOME);
  last().drop(1012);
  expect(types()).toEqual(["welcome", "lost"]);
  await vi.advanceTimersByTimeAsync(500);
  expect(sockets).toHaveLength(2);
  last().open();
  expect(last().told).toEqual([{ type: "hello", token: "first pass" }]);
});

test("a pass that is refused is replaced by a fresh one", async () => {
  const { last } = clinic();
  last().open();
  last().drop(4401);
  await vi.advanceTimersByTimeAsync(500);
  last().open();
  expect(last().told).toEqual([{ type: "hello", token: "fresh pass" }]);
});

test("a fresh pass that cannot be had is asked for again", async () => {
  const freshToken = vi.fn<() => Promise<string>>().mockRejectedValue(new Error("unreachable"));
  const { last, sockets } = clinic(freshToken);
  last().open();
  last().drop(4401);
  await vi.advanceTimersByTimeAsync(1500);
  expect(freshToken.mock.calls.length).toBeGreaterThan(1);
  freshToken.mockResolvedValue("fresh pass");
  await vi.advanceTimersByTimeAsync(8000);
  expect(sockets).toHaveLength(2);
});

test("a renewed pass is told and kept for the next time", async () => {
  const { signalling, last } = clinic();
  last().open();
  signalling.renew("second pass");
  expect(last().told.at(-1)).toEqual({ type: "renew", token: "second pass" });
  last().drop(1006);
  await vi.advanceTimersByTimeAsync(500);
  last().open();
  expect(last().told).toEqual([{ type: "hello", token: "second pass" }]);
});

test("a server that fails right after its welcome is not hammered", async () => {
  const { last, sockets } = clinic();
  for (let time = 0; time < 120; time += 1) {
    if (last().readyState === 0) {
      last().open();
      last().say(WELCOME);
      last().drop(1011);
    }
    await vi.advanceTimersByTimeAsync(250);
  }
  expect(sockets.length).toBeLessThan(15);
});

test("a socket that has gone silent is given up", async () => {
  const { last, sockets, types } = clinic();
  last().open();
  last().say(WELCOME);
  await vi.advanceTimersByTimeAsync(40_000);
  last().say({ type: "ping" });
  await vi.advanceTimersByTimeAsync(40_000);
  expect(sockets).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(6_000);
  expect(types()).toEqual(["welcome", "lost"]);
  expect(sockets).toHaveLength(2);
});

test("a socket on which nobody ever speaks is given up sooner", async () => {
  const { sockets } = clinic();
  await vi.advanceTimersByTimeAsync(11_000);
  expect(sockets).toHaveLength(2);
});

test("whoever leaves says so and does not come back", async () => {
  const { signalling, last, sockets, types } = clinic();
  last().open();
  last().say(WELCOME);
  signalling.leave();
  expect(last().told.at(-1)).toEqual({ type: "leave" });
  await vi.advanceTimersByTimeAsync(60_000);
  expect(sockets).toHaveLength(1);
  expect(types()).toEqual(["welcome"]);
});

test.each([
  [{ type: "replaced" }, 4409],
  [{ type: "ended", status: "completed" }, 4410],
])("after %j this page neither comes back nor says that it leaves", async (word, code) => {
  const { signalling, last, sockets } = clinic();
  last().open();
  last().say(WELCOME);
  last().say(word);
  signalling.leave();
  last().drop(code);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(sockets).toHaveLength(1);
  expect(last().told.map(({ type }) => type)).toEqual(["hello"]);
});

test("signals that nobody would get are dropped", () => {
  const { signalling, last } = clinic();
  signalling.send({ candidate: null });
  expect(last().told).toEqual([]);
});
