import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { IssuedPass } from "../api";
import type { LineEvent, Media } from "./line";
import { PeerLine, socketUrl } from "./peer";
import type { MediaWord } from "./signalling";

/** The clinic's end of the socket; it remembers what this side said to the other. */
class Socket {
  static last: Socket;
  readonly OPEN = 1;
  readyState = 0;
  said: { type: string; data?: { media?: MediaWord } }[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;

  constructor() {
    Socket.last = this;
  }

  welcome(polite: boolean): void {
    this.readyState = 1;
    this.onopen?.();
    this.hear({ type: "welcome", uid: 0, polite, session: crypto.randomUUID() });
  }

  hear(message: object): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }

  drop(code: number): void {
    this.readyState = 3;
    this.onclose?.({ code });
  }

  send(text: string): void {
    this.said.push(JSON.parse(text));
  }

  close(): void {
    this.readyState = 3;
  }
}

/** A media path whose state the test decides; it remembers what was done to it. */
class PeerConnection {
  static all: PeerConnection[] = [];
  connectionState: RTCPeerConnectionState = "new";
  signalingState = "stable";
  localDescription = null;
  restarts = 0;
  closed = false;
  onconnectionstatechange: (() => void) | null = null;

  constructor() {
    PeerConnection.all.push(this);
  }

  become(state: RTCPeerConnectionState): void {
    this.connectionState = state;
    this.onconnectionstatechange?.();
  }

  restartIce(): void {
    this.restarts += 1;
  }

  private readonly sending = new Map<string, unknown>();

  addTransceiver(kind: string): { sender: { replaceTrack: (track: unknown) => Promise<void> } } {
    const replaceTrack = async (track: unknown) => void this.sending.set(kind, track);
    return { sender: { replaceTrack } };
  }

  sent(kind: string): unknown {
    return this.sending.get(kind);
  }

  async getStats(): Promise<Map<string, RTCStats>> {
    return new Map();
  }

  close(): void {
    this.closed = true;
  }
}

/** A track of the doctor's own devices. */
class Track {
  enabled = true;
  stopped = false;
  ended = false;
  onended: (() => void) | null = null;

  constructor(
    readonly id = "",
    readonly label = "",
  ) {}

  getSettings(): MediaTrackSettings {
    return { deviceId: this.id };
  }

  stop(): void {
    this.stopped = true;
  }

  async unplug(): Promise<void> {
    this.ended = true;
    this.onended?.();
    await vi.advanceTimersByTimeAsync(0);
  }
}

const PASS = {
  token: "pass",
  socketUrl: "/ws/calls/a1",
  iceServers: [],
  tokenExpiresAt: "2027-03-01T12:30:00Z",
  issuedAt: Date.UTC(2027, 2, 1, 12),
} as unknown as IssuedPass;

const NOTHING: Media = { microphone: false, camera: false };

async function joinedLine(wanted: Media, polite: boolean) {
  const told: LineEvent[] = [];
  const line = new PeerLine({
    pass: PASS,
    freshPass: async () => PASS,
    stage: { showSelf: () => {}, showOther: () => {}, playOther: () => {} },
    chosen: {},
    tell: (event) => told.push(event),
  });
  const joined = line.join(wanted);
  await vi.advanceTimersByTimeAsync(0);
  Socket.last.welcome(polite);
  await joined;
  return { line, told, types: () => told.map(({ type }) => type) };
}

/** The doctor is the side that offers. */
const doctorsLine = (wanted: Media = NOTHING) => joinedLine(wanted, false);

/** The patient's page comes to the room, or comes back to it. */
function patientComes(page: string): string {
  const session = crypto.randomUUID();
  Socket.last.hear({ type: "peer-joined", session });
  patientSays(session, { page, greeting: true });
  return session;
}

function patientSays(session: string, word: Partial<MediaWord>): void {
  const media = {
    audio: true,
    video: true,
    watches: true,
    greeting: false,
    restart: false,
    ...word,
  };
  Socket.last.hear({ type: "signal", session, data: { media } });
}

function path(): PeerConnection {
  const last = PeerConnection.all.at(-1);
  if (last === undefined) throw new Error("no media path was made");
  return last;
}

let microphone: Track;
let camera: Track;
let screen: Track;
let screenFault: DOMException | null;
/** What is plugged in after these two; without any, there is no device. */
let others: Track[];
let asked: MediaStreamConstraints[];

beforeEach(() => {
  vi.useFakeTimers();
  PeerConnection.all = [];
  microphone = new Track("m1", "Headset");
  camera = new Track("c1", "Camera");
  screen = new Track("s1", "Screen");
  screenFault = null;
  others = [];
  asked = [];
  vi.stubGlobal("isSecureContext", true);
  vi.stubGlobal("location", { href: "https://clinic.example/room/a1" });
  vi.stubGlobal("WebSocket", Socket);
  vi.stubGlobal("RTCPeerConnection", PeerConnection);
  vi.stubGlobal("navigator", {
    mediaDevices: {
      getDisplayMedia: async () => {
        if (screenFault !== null) throw screenFault;
        return { getVideoTracks: () => [screen] };
      },
      getUserMedia: async (constraints: MediaStreamConstraints) => {
        asked.push(constraints);
        const { audio, video } = constraints;
        if (JSON.stringify(video).includes("gone"))
          throw new DOMException("", "OverconstrainedError");
        const open = (first: Track) => {
          const track = first.stopped || first.ended ? others.shift() : first;
          if (track === undefined) throw new DOMException("", "NotFoundError");
          return [track];
        };
        const [sound, picture] = [audio ? open(microphone) : [], video ? open(camera) : []];
        return { getAudioTracks: () => sound, getVideoTracks: () => picture };
      },
    },
  });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("a doctor who comes first waits, and meets the patient who comes", async () => {
  const { types, told } = await doctorsLine();
  expect(types()).toEqual(["joined"]);
  patientComes("page 1");
  expect(types()).toEqual(["joined", "other-joined", "other-media"]);
  expect(told.at(-1)).toEqual({
    type: "other-media",
    media: { microphone: true, camera: true },
  });
});

test("both sides say who they are as soon as they meet", async () => {
  await doctorsLine({ microphone: true, camera: false });
  patientComes("page 1");
  expect(Socket.last.said.at(-1)).toMatchObject({
    type: "signal",
    data: { media: { audio: true, video: false, page: expect.any(String) } },
  });
});

test("a restart of the server does not disturb media that flow", async () => {
  const { types } = await doctorsLine();
  patientComes("page 1");
  path().become("connected");
  Socket.last.drop(1012);
  await vi.advanceTimersByTimeAsync(500);
  Socket.last.welcome(false);
  patientComes("page 1");
  expect(PeerConnection.all).toHaveLength(1);
  expect(path().restarts).toBe(0);
  expect(types()).not.toContain("other-left");
  expect(types()).not.toContain("link");
});

test("a patient who reloads the page gets a new media path", async () => {
  await doctorsLine();
  patientComes("page 1");
  const first = path();
  first.become("connected");
  patientComes("page 2");
  expect(first.closed).toBe(true);
  expect(path()).not.toBe(first);
});

test("a broken media path is restarted when the other side is back", async () => {
  const { told } = await doctorsLine();
  patientComes("page 1");
  path().become("connected");
  path().become("disconnected");
  expect(told.at(-1)).toEqual({ type: "link", link: "reconnecting" });
  Socket.last.drop(1006);
  await vi.advanceTimersByTimeAsync(500);
  Socket.last.welcome(false);
  patientComes("page 1");
  expect(path().restarts).toBe(1);
  path().become("connected");
  expect(told.at(-1)).toEqual({ type: "link", link: "up" });
});

test("a path that is disconnected mends by itself or is restarted after five seconds", async () => {
  await doctorsLine();
  patientComes("page 1");
  path().become("connected");
  path().become("disconnected");
  await vi.advanceTimersByTimeAsync(4_000);
  path().become("connected");
  await vi.advanceTimersByTimeAsync(10_000);
  expect(path().restarts).toBe(0);
  path().become("disconnected");
  await vi.advanceTimersByTimeAsync(5_000);
  expect(path().restarts).toBe(1);
});

test("a path that failed is restarted at once, and again until it works", async () => {
  await doctorsLine();
  patientComes("page 1");
  path().become("connected");
  path().become("failed");
  expect(path().restarts).toBe(1);
  await vi.advanceTimersByTimeAsync(15_000);
  expect(path().restarts).toBe(2);
});

test("the patient's side does not restart by itself, it asks the doctor's", async () => {
  await joinedLine(NOTHING, true);
  patientComes("page 1");
  path().become("connected");
  path().become("failed");
  expect(path().restarts).toBe(0);
  expect(Socket.last.said.at(-1)?.data?.media).toMatchObject({ restart: true });
});

test("a restart that the patient's side asks for is made", async () => {
  await doctorsLine();
  const session = patientComes("page 1");
  path().become("connected");
  patientSays(session, { page: "page 1", restart: true });
  expect(path().restarts).toBe(1);
});

test("two networks that never let each other through are called by name", async () => {
  const { told } = await doctorsLine();
  patientComes("page 1");
  await vi.advanceTimersByTimeAsync(15_000);
  expect(told.at(-1)).toEqual({ type: "link", link: "blocked" });
  path().become("connected");
  expect(told.at(-1)).toEqual({ type: "link", link: "up" });
});

test("a patient whose socket is lost is still here while media flow", async () => {
  const { types, told } = await doctorsLine();
  patientComes("page 1");
  path().become("connected");
  Socket.last.hear({ type: "peer-left", why: "lost" });
  expect(types()).not.toContain("other-left");
  path().become("disconnected");
  expect(told).toContainEqual({ type: "other-left", why: "lost" });
});

test("a patient who leaves takes the media path along", async () => {
  const { told } = await doctorsLine();
  patientComes("page 1");
  path().become("connected");
  Socket.last.hear({ type: "peer-left", why: "left" });
  expect(path().closed).toBe(true);
  expect(told.at(-1)).toEqual({ type: "other-left", why: "left" });
});

test("a greeting is answered, but the answer is not", async () => {
  await doctorsLine();
  const session = patientComes("page 1");
  const words = () => Socket.last.said.flatMap(({ data }) => data?.media ?? []);
  expect(words().map(({ greeting }) => greeting)).toEqual([true, false]);
  patientSays(session, { page: "page 1" });
  expect(words()).toHaveLength(2);
});

test("a patient who was called lost while media flowed is here again once heard", async () => {
  const { told, types } = await doctorsLine();
  const session = patientComes("page 1");
  path().become("connected");
  Socket.last.hear({ type: "peer-left", why: "lost" });
  path().become("disconnected");
  expect(types().at(-1)).toBe("other-left");
  Socket.last.hear({ type: "peer-joined", session });
  path().become("connected");
  patientSays(session, { page: "page 1" });
  expect(told.at(-2)).toMatchObject({ type: "other-joined" });
});

test("what an earlier page of the patient still says is not heard", async () => {
  await doctorsLine();
  patientComes("page 1");
  const candidate = vi.fn(async () => {});
  Object.assign(path(), { addIceCandidate: candidate });
  Socket.last.hear({ type: "signal", session: "of before", data: { candidate: null } });
  await vi.advanceTimersByTimeAsync(0);
  expect(candidate).not.toHaveBeenCalled();
});

test("muting keeps the microphone, stopping video lets go of the camera", async () => {
  const { line, told } = await doctorsLine({ microphone: true, camera: true });
  await line.setMicrophone(false);
  await line.setCamera(false);
  expect(microphone).toMatchObject({ enabled: false, stopped: false });
  expect(camera.stopped).toBe(true);
  expect(told.slice(1)).toEqual([
    { type: "own-media", device: "microphone", on: false },
    { type: "own-media", device: "camera", on: false },
  ]);
});

test("starting the video does not unmute", async () => {
  const { line, told } = await doctorsLine({ microphone: true, camera: false });
  await line.setMicrophone(false);
  await line.setCamera(true);
  patientComes("page 1");
  expect(microphone.enabled).toBe(false);
  expect(told).not.toContainEqual({ type: "own-media", device: "microphone", on: true });
  expect(Socket.last.said.at(-1)?.data?.media).toMatchObject({ audio: false, video: true });
});

test("a camera that is unplugged is told to both sides", async () => {
  const { told } = await doctorsLine({ microphone: true, camera: true });
  await camera.unplug();
  const trouble = "no-device";
  expect(told.at(-1)).toEqual({ type: "own-media", device: "camera", on: false, trouble });
  expect(Socket.last.said.at(-1)?.data?.media).toMatchObject({ audio: true, video: false });
});

test("the next device takes the place of one that is unplugged, and it is said", async () => {
  const { told, line } = await doctorsLine({ microphone: true, camera: true });
  others = [new Track("m2", "Built-in")];
  await line.setMicrophone(false);
  await microphone.unplug();
  expect(told.at(-1)).toEqual({ type: "fell-back", device: "microphone", label: "Built-in" });
  expect(line.using("microphone")).toBe("m2");
  // Whoever was muted stays muted.
  expect(told.at(-2)).toEqual({ type: "own-media", device: "microphone", on: false });
});

test("a patient who wants only the sound gets no picture until they want it again", async () => {
  const { told } = await doctorsLine({ microphone: true, camera: true });
  const session = patientComes("page 1");
  patientSays(session, { page: "page 1", watches: false });
  expect(path().sent("video")).toBeNull();
  expect(path().sent("audio")).toBe(microphone);
  expect(told).toContainEqual({ type: "other-watches", on: false });
  patientSays(session, { page: "page 1" });
  expect(path().sent("video")).toBe(camera);
});

test("whoever gives up the picture says so to the other side, also after a reload there", async () => {
  const { line } = await doctorsLine();
  patientComes("page 1");
  await line.watch(false);
  expect(Socket.last.said.at(-1)?.data?.media).toMatchObject({ watches: false });
  patientComes("page 2");
  expect(Socket.last.said.at(-1)?.data?.media).toMatchObject({ watches: false });
});

test("the screen takes the camera's place until it is stopped", async () => {
  const { line, told } = await doctorsLine({ microphone: true, camera: true });
  patientComes("page 1");
  await line.showScreen(true);
  expect(path().sent("video")).toBe(screen);
  expect(told.at(-1)).toEqual({ type: "screen", on: true });
  await line.showScreen(false);
  expect(screen.stopped).toBe(true);
  expect(path().sent("video")).toBe(camera);
  expect(camera.stopped).toBe(false);
});

test("a screen is shown without any camera, and the other side is told of a picture", async () => {
  const { line } = await doctorsLine({ microphone: true, camera: false });
  patientComes("page 1");
  await line.showScreen(true);
  expect(Socket.last.said.at(-1)?.data?.media).toMatchObject({ video: true });
  await line.showScreen(false);
  expect(Socket.last.said.at(-1)?.data?.media).toMatchObject({ video: false });
});

test("the browser's own button stops showing the screen, too", async () => {
  const { line, told } = await doctorsLine({ microphone: true, camera: true });
  patientComes("page 1");
  await line.showScreen(true);
  await screen.unplug();
  expect(told.at(-1)).toEqual({ type: "screen", on: false });
  expect(path().sent("video")).toBe(camera);
});

test("a camera that is switched while the screen is shown does not take its place", async () => {
  const { line } = await doctorsLine({ microphone: true, camera: true });
  patientComes("page 1");
  await line.showScreen(true);
  await line.setCamera(false);
  expect(path().sent("video")).toBe(screen);
  await line.showScreen(false);
  expect(path().sent("video")).toBeNull();
});

test("a picker that is closed again is no fault, a screen that fails is one", async () => {
  const { line, told } = await doctorsLine();
  screenFault = new DOMException("", "NotAllowedError");
  await line.showScreen(true);
  expect(told.at(-1)).toEqual({ type: "screen", on: false });
  screenFault = new DOMException("", "NotReadableError");
  await line.showScreen(true);
  expect(told.at(-1)).toEqual({ type: "screen", on: false, failed: true });
});

test("another camera is used from the moment it is chosen", async () => {
  const { told, line } = await doctorsLine({ microphone: true, camera: true });
  patientComes("page 1");
  others = [new Track("c2", "Document camera")];
  await line.use("camera", "c2");
  expect(camera.stopped).toBe(true);
  expect(asked.at(-1)).toMatchObject({ audio: false, video: { deviceId: { exact: "c2" } } });
  expect(line.using("camera")).toBe("c2");
  expect(told.at(-1)).toEqual({ type: "own-media", device: "camera", on: true });
});

test("a chosen device that is not there is passed over", async () => {
  const { line, told } = await doctorsLine({ microphone: true, camera: false });
  await line.use("camera", "gone");
  await line.setCamera(true);
  expect(asked.at(-1)).toMatchObject({ video: { facingMode: "user" } });
  expect(told.at(-1)).toEqual({ type: "own-media", device: "camera", on: true });
});

test("a device chosen while it is off stays off, and is the one that is opened", async () => {
  const { line } = await doctorsLine({ microphone: true, camera: false });
  await line.use("camera", "c2");
  expect(asked).toHaveLength(1);
  expect(line.using("camera")).toBeNull();
  await line.setCamera(true);
  expect(asked.at(-1)).toMatchObject({ video: { deviceId: { exact: "c2" } } });
});

test("leaving lets go of the devices and of the other side", async () => {
  const { line, told } = await doctorsLine({ microphone: true, camera: true });
  patientComes("page 1");
  const before = told.length;
  await line.leave();
  expect([microphone.stopped, camera.stopped, path().closed]).toEqual([true, true, true]);
  expect(Socket.last.said.at(-1)).toEqual({ type: "leave" });
  await vi.advanceTimersByTimeAsync(3_600_000);
  expect(told).toHaveLength(before);
});

test("whoever leaves while the browser still asks does not leave the camera on", async () => {
  const line = new PeerLine({
    pass: PASS,
    freshPass: async () => PASS,
    stage: { showSelf: () => {}, showOther: () => {}, playOther: () => {} },
    chosen: {},
    tell: () => {},
  });
  const joined = line.join({ microphone: true, camera: true });
  await line.leave();
  await joined;
  expect([microphone.stopped, camera.stopped]).toEqual([true, true]);
});

test.each([
  ["/ws/calls/a1", "https://clinic.example/room/a1", "wss://clinic.example/ws/calls/a1"],
  ["/ws/calls/a1", "http://127.0.0.1:8000/room/a1", "ws://127.0.0.1:8000/ws/calls/a1"],
  ["wss://live.example/ws/calls/a1", "https://clinic.example/", "wss://live.example/ws/calls/a1"],
])("%s on %s is %s", (given, page, url) => {
  expect(socketUrl(given, page)).toBe(url);
});
