import type {
  IAgoraRTC,
  IAgoraRTCClient,
  IAgoraRTCRemoteUser,
  ICameraVideoTrack,
  IMicrophoneAudioTrack,
} from "agora-rtc-sdk-ng";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { IssuedPass } from "../api";
import { AgoraLine, type Client, type Sdk, troubleOf } from "./agora";
import { LineError, type LineEvent } from "./line";
import type { Stage } from "./stage";

/** An exception as the SDK throws it. */
function fault(code: string, data?: object): Error {
  return Object.assign(new Error(code), { code, data });
}

/** A local track, as strict as the SDK: its two switches must not be mixed. */
class Track {
  enabled = true;
  muted = false;
  closed = false;
  private ended: () => void = () => {};

  constructor(
    readonly name: string,
    readonly kind: "audio" | "video" = "audio",
  ) {}

  async setMuted(muted: boolean): Promise<void> {
    if (!this.enabled) throw fault("TRACK_STATE_UNREACHABLE");
    this.muted = muted;
  }

  async setEnabled(enabled: boolean): Promise<void> {
    if (this.muted) throw fault("TRACK_STATE_UNREACHABLE");
    this.enabled = enabled;
  }

  device = "";
  deviceFault: Error | null = null;

  async setDevice(id: string): Promise<void> {
    if (this.deviceFault !== null) throw this.deviceFault;
    this.device = id;
  }

  getTrackLabel(): string {
    return this.name;
  }

  getMediaStreamTrack(): MediaStreamTrack {
    const getSettings = () => ({ deviceId: this.device });
    return { id: this.name, getSettings } as unknown as MediaStreamTrack;
  }

  on(_event: string, listener: () => void): void {
    this.ended = listener;
  }

  unplug(): void {
    this.ended();
  }

  close(): void {
    this.closed = true;
  }
}

/** One end of a channel, as strict as the SDK about what is possible when. */
class FakeClient implements Client {
  remoteUsers: IAgoraRTCRemoteUser[] = [];
  joins: (string | number | null | undefined)[][] = [];
  tokens: string[] = [];
  encryptions: unknown[][] = [];
  published: Track[] = [];
  publishFault: Error | null = null;
  givenUp: string[] = [];
  joinAnswer: () => Promise<void> = async () => {};
  private joined = false;
  private readonly listeners = new Map<string, ((...args: unknown[]) => void)[]>();

  join: IAgoraRTCClient["join"] = async (appId, channel, token, uid) => {
    if (this.joined) throw fault("INVALID_OPERATION");
    if (token === "") throw fault("INVALID_PARAMS");
    this.joins.push([appId, channel, token, uid]);
    await this.joinAnswer();
    this.joined = true;
    return uid ?? 0;
  };

  setEncryptionConfig: IAgoraRTCClient["setEncryptionConfig"] = (...settings) => {
    if (this.joined) throw fault("INVALID_OPERATION");
    this.encryptions.push(settings);
  };

  leave: IAgoraRTCClient["leave"] = async () => {
    this.forget();
  };

  publish = (async (tracks: Track | Track[]) => {
    if (!this.joined) throw fault("INVALID_OPERATION");
    if (this.publishFault !== null) throw this.publishFault;
    for (const track of [tracks].flat()) {
      if (!track.enabled) throw fault("TRACK_IS_DISABLED");
      if (this.published.some(({ kind }) => kind === "video" && track.kind === "video")) {
        throw fault("CAN_NOT_PUBLISH_MULTIPLE_VIDEO_TRACKS");
      }
      this.published.push(track);
    }
  }) as unknown as IAgoraRTCClient["publish"];

  unpublish = (async (track: Track) => {
    this.published = this.published.filter((other) => other !== track);
  }) as unknown as IAgoraRTCClient["unpublish"];

  subscribe = (async (user: IAgoraRTCRemoteUser, kind: string) => {
    if (!this.remoteUsers.includes(user)) throw fault("INVALID_REMOTE_USER");
    return new Track(`other's ${kind}`);
  }) as unknown as IAgoraRTCClient["subscribe"];

  unsubscribe = (async (user: IAgoraRTCRemoteUser, kind: string) => {
    if (!this.remoteUsers.includes(user)) throw fault("INVALID_REMOTE_USER");
    this.givenUp.push(kind);
  }) as unknown as IAgoraRTCClient["unsubscribe"];

  renewToken: IAgoraRTCClient["renewToken"] = async (token) => {
    if (!this.joined) throw fault("INVALID_OPERATION");
    this.tokens.push(token);
  };

  get localTracks(): IAgoraRTCClient["localTracks"] {
    return this.published as unknown as IAgoraRTCClient["localTracks"];
  }

  on = ((event: string, listener: (...args: unknown[]) => void) => {
    this.listeners.set(event, [...(this.listeners.get(event) ?? []), listener]);
  }) as IAgoraRTCClient["on"];

  async happen(event: string, ...args: unknown[]): Promise<void> {
    for (const listener of this.listeners.get(event) ?? []) listener(...args);
    await vi.advanceTimersByTimeAsync(0);
  }

  async arrive(user: IAgoraRTCRemoteUser): Promise<void> {
    this.remoteUsers = [user];
    await this.happen("user-joined", user);
  }

  async drop(reason: string): Promise<void> {
    this.forget();
    await this.happen("connection-state-change", "DISCONNECTED", "CONNECTED", reason);
  }

  /** The SDK leaves by itself before it tells. */
  async expire(): Promise<void> {
    this.forget();
    await this.happen("connection-state-change", "DISCONNECTED", "DISCONNECTING", "TOKEN_EXPIRE");
    await this.happen("token-privilege-did-expire");
  }

  private forget(): void {
    this.joined = false;
    this.remoteUsers = [];
    this.published = [];
  }
}

class FakeSdk implements Sdk {
  readonly client = new FakeClient();
  microphone = new Track("microphone");
  camera = new Track("camera", "video");
  screen = new Track("screen", "video");
  screenFault: Error | null = null;
  cameraFault: Error | null = null;

  checkSystemRequirements = () => true;
  setLogLevel = () => {};
  parameters: unknown[][] = [];
  setParameter = (...parameter: unknown[]) => void this.parameters.push(parameter);
  createClient: IAgoraRTC["createClient"] = () => this.client as unknown as IAgoraRTCClient;

  createMicrophoneAudioTrack: IAgoraRTC["createMicrophoneAudioTrack"] = async () =>
    this.microphone as unknown as IMicrophoneAudioTrack;

  createCameraVideoTrack: IAgoraRTC["createCameraVideoTrack"] = async () => {
    if (this.cameraFault !== null) throw this.cameraFault;
    return this.camera as unknown as ICameraVideoTrack;
  };

  createScreenVideoTrack = (async () => {
    if (this.screenFault !== null) throw this.screenFault;
    return this.screen;
  }) as unknown as IAgoraRTC["createScreenVideoTrack"];

  createMicrophoneAndCameraTracks: IAgoraRTC["createMicrophoneAndCameraTracks"] = async () => [
    await this.createMicrophoneAudioTrack(),
    await this.createCameraVideoTrack(),
  ];
}

/** Remembers what is to be seen and heard. */
class FakeStage implements Stage {
  self: string | null = null;
  other: string | null = null;
  sound: string | null = null;

  showSelf(track: MediaStreamTrack | null): void {
    this.self = track?.id ?? null;
  }

  showOther(track: MediaStreamTrack | null): void {
    this.other = track?.id ?? null;
  }

  playOther(track: MediaStreamTrack | null): void {
    this.sound = track?.id ?? null;
  }
}

const NOON = Date.UTC(2027, 2, 1, 12);
const MINUTE = 60_000;
const BOTH = { microphone: true, camera: true };
const DOCTOR = { uid: 1, hasAudio: true, hasVideo: true } as IAgoraRTCRemoteUser;

function pass(token: string, more: Partial<IssuedPass> = {}): IssuedPass {
  return {
    provider: "agora",
    appId: "app",
    channelName: "appt_a1",
    uid: 2,
    token,
    tokenExpiresAt: new Date(NOON + 30 * MINUTE).toISOString(),
    opensAt: "",
    closesAt: "",
    socketUrl: null,
    iceServers: [],
    encryption: null,
    issuedAt: NOON,
    ...more,
  };
}

function patientsLine(more: Partial<IssuedPass> = {}) {
  const sdk = new FakeSdk();
  const stage = new FakeStage();
  const told: LineEvent[] = [];
  let passes = 0;
  const freshPass = vi.fn(async () => pass(`fresh ${++passes}`, more));
  const line = new AgoraLine(
    { pass: pass("first", more), freshPass, stage, chosen: {}, tell: (event) => told.push(event) },
    async () => sdk,
  );
  const types = () => told.map(({ type }) => type);
  return { line, sdk, client: sdk.client, stage, told, types, freshPass };
}

beforeEach(() => {
  vi.useFakeTimers({ now: NOON });
  vi.stubGlobal("isSecureContext", true);
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("a patient joins with the pass's channel, token and number and is seen and heard", async () => {
  const { line, client, sdk, stage, told } = patientsLine();
  await line.join(BOTH);
  expect(client.joins).toEqual([["app", "appt_a1", "first", 2]]);
  expect(client.published).toEqual([sdk.microphone, sdk.camera]);
  expect(stage.self).toBe("camera");
  expect(told).toEqual([{ type: "joined", own: BOTH, troubles: {}, at: NOON }]);
});

test("without a camera a patient joins with sound only, and it is said", async () => {
  const { line, client, sdk, told } = patientsLine();
  sdk.cameraFault = fault("DEVICE_NOT_FOUND");
  await line.join(BOTH);
  expect(client.published).toEqual([sdk.microphone]);
  expect(told).toMatchObject([
    { own: { microphone: true, camera: false }, troubles: { camera: "no-device" } },
  ]);
});

test("listening only publishes nothing", async () => {
  const { line, client } = patientsLine();
  await line.join({ microphone: false, camera: false });
  expect(client.joins).toHaveLength(1);
  expect(client.published).toEqual([]);
});

test("joining is given up when nobody answers for twenty seconds", async () => {
  const { line, client } = patientsLine();
  client.joinAnswer = () => new Promise(() => {});
  const joined = line.join(BOTH);
  const refused = expect(joined).rejects.toEqual(new LineError("network"));
  await vi.advanceTimersByTimeAsync(20_000);
  await refused;
});

test("a token that Agora refuses is told apart from other refusals", async () => {
  const { line, client } = patientsLine();
  client.joinAnswer = async () => {
    throw fault("CAN_NOT_GET_GATEWAY_SERVER", { desc: ["dynamic key expired"] });
  };
  await expect(line.join(BOTH)).rejects.toEqual(new LineError("token"));
});

test("a doctor who is already there is met at once", async () => {
  const { line, client, types } = patientsLine();
  client.remoteUsers = [DOCTOR];
  await line.join(BOTH);
  expect(types()).toEqual(["joined", "other-joined", "other-media"]);
});

test("the doctor comes, is seen and heard, stops the camera and leaves", async () => {
  const { line, client, stage, told } = patientsLine();
  await line.join(BOTH);
  await client.arrive(DOCTOR);
  await client.happen("user-published", DOCTOR, "audio");
  await client.happen("user-published", DOCTOR, "video");
  expect(stage).toMatchObject({ other: "other's video", sound: "other's audio" });
  expect(told.at(-1)).toEqual({ type: "other-media", media: BOTH });
  await client.happen("user-unpublished", DOCTOR, "video");
  expect(stage).toMatchObject({ other: null, sound: "other's audio" });
  await client.happen("user-left", DOCTOR, "Quit");
  expect(stage.sound).toBeNull();
  expect(told.at(-1)).toEqual({ type: "other-left", why: "left" });
});

test("a doctor whose line broke is lost, not gone", async () => {
  const { line, client, told } = patientsLine();
  await line.join(BOTH);
  await client.arrive(DOCTOR);
  await client.happen("user-left", DOCTOR, "ServerTimeOut");
  expect(told.at(-1)).toEqual({ type: "other-left", why: "lost" });
});

test("when the doctor leaves, the clinic is asked whether the visit was ended", async () => {
  const { line, client, freshPass } = patientsLine();
  await line.join(BOTH);
  await client.arrive(DOCTOR);
  await client.happen("user-left", DOCTOR, "Quit");
  expect(freshPass).toHaveBeenCalledOnce();
});

test("muting keeps the microphone open, and stopping video lets go of the camera", async () => {
  const { line, sdk, stage, told } = patientsLine();
  await line.join(BOTH);
  await line.setMicrophone(false);
  await line.setCamera(false);
  expect(sdk.microphone).toMatchObject({ muted: true, enabled: true });
  expect(sdk.camera).toMatchObject({ muted: false, enabled: false });
  expect(stage.self).toBeNull();
  expect(told.slice(1)).toEqual([
    { type: "own-media", device: "microphone", on: false },
    { type: "own-media", device: "camera", on: false },
  ]);
  await line.setCamera(true);
  expect(stage.self).toBe("camera");
});

test("switches pressed in a hurry take effect one after another", async () => {
  const { line, sdk, told } = patientsLine();
  await line.join(BOTH);
  let finish = () => {};
  sdk.camera.setEnabled = async (enabled) => {
    if (!enabled) await new Promise<void>((resolve) => (finish = resolve));
    sdk.camera.enabled = enabled;
  };
  const off = line.setCamera(false);
  const on = line.setCamera(true);
  await vi.advanceTimersByTimeAsync(0);
  finish();
  await Promise.all([off, on]);
  expect(sdk.camera.enabled).toBe(true);
  expect(told.slice(1).map((event) => "on" in event && event.on)).toEqual([false, true]);
});

test("a camera left out at first is opened and published when it is wanted", async () => {
  const { line, client, sdk, stage } = patientsLine();
  await line.join({ microphone: true, camera: false });
  await line.setCamera(true);
  expect(client.published).toEqual([sdk.microphone, sdk.camera]);
  expect(stage.self).toBe("camera");
});

test("a camera that another app holds is told and may be tried again", async () => {
  const { line, sdk, told } = patientsLine();
  await line.join({ microphone: true, camera: false });
  sdk.cameraFault = fault("NOT_READABLE");
  await line.setCamera(true);
  const busy = { type: "own-media", device: "camera", on: false, trouble: "device-busy" };
  expect(told.at(-1)).toEqual(busy);
  sdk.cameraFault = null;
  await line.setCamera(true);
  expect(told.at(-1)).toEqual({ type: "own-media", device: "camera", on: true });
});

test("a camera that is unplugged is let go of", async () => {
  const { line, client, sdk, stage, told } = patientsLine();
  await line.join(BOTH);
  sdk.cameraFault = fault("DEVICE_NOT_FOUND");
  sdk.camera.unplug();
  await vi.advanceTimersByTimeAsync(0);
  expect(told.at(-1)).toMatchObject({ device: "camera", on: false, trouble: "no-device" });
  expect(client.published).toEqual([sdk.microphone]);
  expect(sdk.camera.closed).toBe(true);
  expect(stage.self).toBeNull();
});

test("the next microphone takes the place of one that is unplugged, muted as it was", async () => {
  const { line, client, sdk, told } = patientsLine();
  await line.join(BOTH);
  await line.setMicrophone(false);
  const headset = sdk.microphone;
  sdk.microphone = new Track("built-in");
  headset.unplug();
  await vi.advanceTimersByTimeAsync(0);
  expect(told.at(-1)).toEqual({ type: "fell-back", device: "microphone", label: "built-in" });
  expect(headset.closed).toBe(true);
  expect(client.published).toEqual([sdk.camera, sdk.microphone]);
  expect(sdk.microphone.muted).toBe(true);
});

test("the doctor's picture is given up for the sound, and had again", async () => {
  const { line, client, stage, told } = patientsLine();
  await line.join(BOTH);
  await client.arrive(DOCTOR);
  await client.happen("user-published", DOCTOR, "audio");
  await line.watch(false);
  expect(client.givenUp).toEqual(["video"]);
  await client.happen("user-published", DOCTOR, "video");
  expect(stage).toMatchObject({ other: null, sound: "other's audio" });
  // There is a picture; it is only not asked for.
  expect(told.at(-1)).toEqual({ type: "other-media", media: BOTH });
  await line.watch(true);
  expect(stage.other).toBe("other's video");
});

test("the screen takes the camera's place until it is stopped", async () => {
  const { line, client, sdk, told } = patientsLine();
  await line.join(BOTH);
  await line.showScreen(true);
  expect(client.published).toEqual([sdk.microphone, sdk.screen]);
  expect(told.at(-1)).toEqual({ type: "screen", on: true });
  await line.showScreen(false);
  expect(client.published).toEqual([sdk.microphone, sdk.camera]);
  expect(sdk.screen.closed).toBe(true);
  expect(told.at(-1)).toEqual({ type: "screen", on: false });
});

test("a camera that is switched while the screen is shown does not take its place", async () => {
  const { line, client, sdk } = patientsLine();
  await line.join({ microphone: false, camera: false });
  await line.showScreen(true);
  await line.setCamera(true);
  expect(client.published).toEqual([sdk.screen]);
  sdk.screen.unplug();
  await vi.advanceTimersByTimeAsync(0);
  expect(client.published).toEqual([sdk.camera]);
});

test("the screen is still shown after an expired pass", async () => {
  const { line, client, sdk } = patientsLine();
  await line.join(BOTH);
  await line.showScreen(true);
  await client.expire();
  expect(client.published).toEqual([sdk.microphone, sdk.screen]);
});

test("a camera that was off through an expired pass is sent once it is on", async () => {
  const { line, client, sdk } = patientsLine();
  await line.join(BOTH);
  await line.setCamera(false);
  await client.expire();
  await line.setCamera(true);
  expect(client.published).toEqual([sdk.microphone, sdk.camera]);
});

test("a picker that is closed again is no fault, a screen that cannot be sent is one", async () => {
  const { line, client, sdk, told } = patientsLine();
  await line.join(BOTH);
  sdk.screenFault = fault("PERMISSION_DENIED");
  await line.showScreen(true);
  expect(told.at(-1)).toEqual({ type: "screen", on: false });
  sdk.screenFault = null;
  client.publishFault = fault("NETWORK_TIMEOUT");
  await line.showScreen(true);
  expect(told.at(-1)).toEqual({ type: "screen", on: false, failed: true });
  expect(sdk.screen.closed).toBe(true);
});

test("another camera is used from the moment it is chosen", async () => {
  const { line } = patientsLine();
  await line.join(BOTH);
  await line.use("camera", "c2");
  expect(line.using("camera")).toBe("c2");
});

test("a camera that cannot be used leaves the one before in its place, and it is said", async () => {
  const { line, sdk, told } = patientsLine();
  await line.join(BOTH);
  sdk.camera.deviceFault = fault("NOT_READABLE");
  await line.use("camera", "c2");
  const trouble = "device-busy";
  expect(told.at(-1)).toEqual({ type: "own-media", device: "camera", on: true, trouble });
});

test("the pass is renewed in good time, and when Agora asks for it", async () => {
  const { line, client } = patientsLine();
  await line.join(BOTH);
  await vi.advanceTimersByTimeAsync(18 * MINUTE);
  expect(client.tokens).toEqual(["fresh 1"]);
  await client.happen("token-privilege-will-expire");
  expect(client.tokens).toEqual(["fresh 1", "fresh 2"]);
});

test("after an expired pass the patient comes back with a fresh one, heard as before", async () => {
  const { line, client, sdk, types } = patientsLine();
  await line.join(BOTH);
  await client.arrive(DOCTOR);
  await client.expire();
  expect(client.joins.map(([, , token]) => token)).toEqual(["first", "fresh 1"]);
  expect(client.published).toEqual([sdk.microphone, sdk.camera]);
  expect(types().slice(-3)).toEqual(["link", "other-left", "link"]);
});

test("a camera that was off stays off through an expired pass", async () => {
  const { line, client, sdk } = patientsLine();
  await line.join(BOTH);
  await line.setCamera(false);
  await client.expire();
  expect(client.published).toEqual([sdk.microphone]);
  expect(sdk.camera.enabled).toBe(false);
});

test("coming back is tried until it works", async () => {
  const { line, client, freshPass, told } = patientsLine();
  await line.join(BOTH);
  freshPass.mockRejectedValueOnce(new Error("unreachable"));
  await client.expire();
  expect(told.at(-1)?.type).toBe("other-left");
  await vi.advanceTimersByTimeAsync(500);
  expect(told.at(-1)).toEqual({ type: "link", link: "up" });
});

test("coming back is not tried against an Agora that refuses the clinic itself", async () => {
  const { line, client, told } = patientsLine();
  await line.join(BOTH);
  client.joinAnswer = async () => {
    throw fault("CAN_NOT_GET_GATEWAY_SERVER", { desc: ["no active status"] });
  };
  await client.expire();
  await vi.advanceTimersByTimeAsync(10 * MINUTE);
  expect(client.joins).toHaveLength(2);
  expect(told.at(-1)).toEqual({ type: "failed", trouble: "service" });
});

test("a socket that breaks and mends is a reconnection", async () => {
  const { line, client, told } = patientsLine();
  await line.join(BOTH);
  await client.happen("connection-state-change", "RECONNECTING", "CONNECTED");
  await client.happen("connection-state-change", "CONNECTED", "RECONNECTING");
  expect(told.slice(1)).toEqual([
    { type: "link", link: "reconnecting" },
    { type: "link", link: "up" },
  ]);
});

test("media that a firewall holds back are told, though Agora itself is reached", async () => {
  const { line, client, told } = patientsLine();
  await line.join(BOTH);
  await client.happen("peerconnection-state-change", "failed", "connecting");
  expect(told.at(-1)).toEqual({ type: "link", link: "blocked" });
  // The SDK begins anew, and that alone mends nothing.
  await client.happen("connection-state-change", "RECONNECTING", "CONNECTED");
  await client.happen("connection-state-change", "CONNECTED", "RECONNECTING");
  expect(told.at(-1)).toEqual({ type: "link", link: "blocked" });
  await client.happen("peerconnection-state-change", "connected", "connecting");
  expect(told.at(-1)).toEqual({ type: "link", link: "up" });
});

test("media that flowed and stop are a reconnection until they flow again", async () => {
  const { line, client, told } = patientsLine();
  await line.join(BOTH);
  await client.happen("peerconnection-state-change", "connected", "connecting");
  expect(told).toHaveLength(1);
  await client.happen("peerconnection-state-change", "failed", "disconnected");
  expect(told.at(-1)).toEqual({ type: "link", link: "reconnecting" });
  await client.happen("peerconnection-state-change", "connected", "connecting");
  expect(told.at(-1)).toEqual({ type: "link", link: "up" });
});

test.each([
  ["UID_BANNED", "removed"],
  ["CHANNEL_BANNED", "removed"],
  ["UID_CONFLICT", "removed"],
])("a disconnection for %s is %s", async (reason, trouble) => {
  const { line, client, told } = patientsLine();
  await line.join(BOTH);
  await client.happen("connection-state-change", "DISCONNECTED", "CONNECTED", reason);
  expect(told.at(-1)).toEqual({ type: "failed", trouble });
});

test("a line that Agora dropped is taken up again", async () => {
  const { line, client, sdk, told } = patientsLine();
  await line.join(BOTH);
  await client.drop("NETWORK_ERROR");
  expect(client.joins).toHaveLength(2);
  expect(client.published).toEqual([sdk.microphone, sdk.camera]);
  expect(told.at(-1)).toEqual({ type: "link", link: "up" });
});

test("a reconnection that takes a minute is begun anew with a fresh pass", async () => {
  const { line, client, told } = patientsLine();
  await line.join(BOTH);
  await client.happen("connection-state-change", "RECONNECTING", "CONNECTED");
  await vi.advanceTimersByTimeAsync(59_000);
  expect(client.joins).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(client.joins.map(([, , token]) => token)).toEqual(["first", "fresh 1"]);
  expect(told.at(-1)).toEqual({ type: "link", link: "up" });
});

test("a pass that ran out while the browser was asking is replaced once", async () => {
  const { line, client, types } = patientsLine();
  client.joinAnswer = async () => {
    client.joinAnswer = async () => {};
    throw fault("CAN_NOT_GET_GATEWAY_SERVER", { desc: ["dynamic key expired"] });
  };
  await line.join(BOTH);
  expect(client.joins.map(([, , token]) => token)).toEqual(["first", "fresh 1"]);
  expect(types()).toEqual(["joined"]);
});

test("the visit's secret is set before every join", async () => {
  const salt = btoa("s".repeat(32));
  const encryption = { mode: "aes-256-gcm2", secret: "the visit's", salt } as const;
  const { line, client } = patientsLine({ encryption });
  await line.join(BOTH);
  await client.expire();
  const bytes = new Uint8Array(32).fill("s".charCodeAt(0));
  const setting = ["aes-256-gcm2", "the visit's", bytes, true];
  expect(client.encryptions).toEqual([setting, setting]);
});

test("Agora's statistics are switched off", async () => {
  const { line, sdk } = patientsLine();
  await line.join(BOTH);
  expect(sdk.parameters).toEqual([["ENABLE_EVENT_REPORT", false]]);
});

test("the worse direction of the network counts", async () => {
  const { line, client, told } = patientsLine();
  await line.join(BOTH);
  await client.happen("network-quality", { uplinkNetworkQuality: 1, downlinkNetworkQuality: 4 });
  expect(told.at(-1)).toEqual({ type: "quality", level: 4 });
});

test("leaving closes the devices, and nothing is told afterwards", async () => {
  const { line, client, sdk, stage, told } = patientsLine();
  await line.join(BOTH);
  await line.leave();
  expect([sdk.microphone.closed, sdk.camera.closed]).toEqual([true, true]);
  expect(stage.self).toBeNull();
  await client.happen("connection-state-change", "DISCONNECTED", "CONNECTED", "UID_BANNED");
  await vi.advanceTimersByTimeAsync(60 * MINUTE);
  expect(told).toHaveLength(1);
});

test("whoever leaves while the browser still asks does not leave the camera on", async () => {
  const { line, client, sdk } = patientsLine();
  let allow = () => {};
  const asked = new Promise<void>((resolve) => (allow = resolve));
  const open = sdk.createMicrophoneAndCameraTracks;
  sdk.createMicrophoneAndCameraTracks = async () => {
    await asked;
    return open();
  };
  const joined = line.join(BOTH);
  await vi.advanceTimersByTimeAsync(0);
  await line.leave();
  allow();
  await joined;
  expect([sdk.microphone.closed, sdk.camera.closed]).toEqual([true, true]);
  expect(client.joins).toEqual([]);
});

test("an address without encryption is refused before anything is loaded", async () => {
  vi.stubGlobal("isSecureContext", false);
  const load = vi.fn<() => Promise<Sdk>>();
  const { freshPass } = patientsLine();
  const stage = new FakeStage();
  const line = new AgoraLine(
    { pass: pass("first"), freshPass, stage, chosen: {}, tell: () => {} },
    load,
  );
  await expect(line.join(BOTH)).rejects.toEqual(new LineError("insecure-context"));
  expect(load).not.toHaveBeenCalled();
});

test.each([
  [fault("PERMISSION_DENIED"), "permission"],
  [fault("DEVICE_NOT_FOUND"), "no-device"],
  [fault("NOT_READABLE"), "device-busy"],
  [fault("NOT_SUPPORTED"), "unsupported"],
  [fault("TOKEN_EXPIRE"), "token"],
  [fault("UID_CONFLICT"), "removed"],
  [fault("NETWORK_TIMEOUT"), "network"],
  [fault("CAN_NOT_GET_GATEWAY_SERVER", { desc: ["dynamic key expired"] }), "token"],
  [fault("CAN_NOT_GET_GATEWAY_SERVER", { desc: ["dynamic key or token timeout"] }), "token"],
  [fault("CAN_NOT_GET_GATEWAY_SERVER", { desc: ["invalid token, authorized failed"] }), "service"],
  [fault("CAN_NOT_GET_GATEWAY_SERVER", { desc: ["no active status"] }), "service"],
  [fault("CAN_NOT_GET_GATEWAY_SERVER", { desc: ["static use dynamic key"] }), "service"],
  [fault("CAN_NOT_GET_GATEWAY_SERVER", { desc: ["dynamic use static key"] }), "service"],
  [
    fault("CAN_NOT_GET_GATEWAY_SERVER", { desc: ["invalid vendor key, can not find appid"] }),
    "service",
  ],
  [fault("CAN_NOT_GET_GATEWAY_SERVER", { desc: ["amount of users over load"] }), "network"],
  [fault("CAN_NOT_GET_GATEWAY_SERVER", { desc: ["something new"] }), "unknown"],
  [new Error("anything else"), "unknown"],
])("%o is %s", (error, trouble) => {
  expect(troubleOf(error)).toBe(trouble);
});
