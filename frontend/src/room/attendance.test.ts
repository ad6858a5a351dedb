import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { VisitHeard } from "../visit/visit-socket";
import { Attendance } from "./attendance";

/** The clinic's end of each socket that was opened; it remembers what was said. */
class Socket {
  static all: Socket[] = [];
  readonly OPEN = 1;
  readyState = 1;
  said: { type: string; place?: string }[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;

  constructor() {
    Socket.all.push(this);
  }

  answer(message: object): void {
    this.onopen?.();
    this.onmessage?.({ data: JSON.stringify(message) });
  }

  send(text: string): void {
    this.said.push(JSON.parse(text));
  }

  close(): void {
    this.readyState = 3;
  }

  get words(): string[] {
    return this.said.map(({ type, place }) => place ?? type);
  }
}

const HERE = { type: "here", now: "", doctor: null, patient: null, doctorIsBusy: false };

function page() {
  const heard: VisitHeard[] = [];
  const attendance = new Attendance("a1", "a ticket", (word) => heard.push(word));
  return { attendance, heard };
}

beforeEach(() => {
  vi.useFakeTimers();
  Socket.all = [];
  vi.stubGlobal("location", { origin: "https://clinic.example" });
  vi.stubGlobal("WebSocket", Socket);
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("whoever goes from the waiting room into the room is never seen as gone", () => {
  const { attendance } = page();
  attendance.be("waiting");
  Socket.all[0]?.answer(HERE);
  attendance.be("room");
  expect(Socket.all[0]?.words).toEqual(["waiting"]);
  Socket.all[1]?.answer(HERE);
  expect(Socket.all[0]?.words).toEqual(["waiting", "leave"]);
  expect(Socket.all[1]?.words).toEqual(["room"]);
});

test("whoever leaves on the way into the room is gone from both places", () => {
  const { attendance } = page();
  attendance.be("waiting");
  Socket.all[0]?.answer(HERE);
  attendance.be("room");
  attendance.be(null);
  expect(Socket.all.map(({ readyState }) => readyState)).toEqual([3, 3]);
});

test("staying where one is opens nothing", () => {
  const { attendance } = page();
  attendance.be("room");
  attendance.be("room");
  expect(Socket.all).toHaveLength(1);
});

test("whoever leaves is gone, and may come back", () => {
  const { attendance, heard } = page();
  attendance.be("room");
  Socket.all[0]?.answer(HERE);
  attendance.be(null);
  expect(Socket.all[0]?.words).toEqual(["room", "leave"]);
  attendance.be("waiting");
  Socket.all[1]?.answer(HERE);
  expect(heard.map(({ type }) => type)).toEqual(["here", "here"]);
});
