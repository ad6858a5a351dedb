import type {
  IAgoraRTC,
  IAgoraRTCClient,
  IAgoraRTCRemoteUser,
  ICameraVideoTrack,
  ILocalTrack,
  ILocalVideoTrack,
  IMicrophoneAudioTrack,
  ScreenVideoTrackInitConfig,
} from "agora-rtc-sdk-ng";
import type { IssuedPass } from "../api";
import { backoff } from "./backoff";
import { beforeDeadline } from "./deadline";
import { openDevices } from "./devices";
import {
  type Chosen,
  type Device,
  type Line,
  LineError,
  type LineEvent,
  type LineSetting,
  type Media,
  type Trouble,
} from "./line";
import type { Level } from "./quality";
import { Renewal } from "./renewal";
import { Serial } from "./serial";

/** What this line uses of the SDK: a test stands in for exactly this, and an upgrade that differs does not compile. */
export type Client = Pick<
  IAgoraRTCClient,
  | "join"
  | "leave"
  | "localTracks"
  | "on"
  | "publish"
  | "remoteUsers"
  | "renewToken"
  | "setEncryptionConfig"
  | "subscribe"
  | "unpublish"
  | "unsubscribe"
>;
export type Sdk = Pick<
  IAgoraRTC,
  | "checkSystemRequirements"
  | "createCameraVideoTrack"
  | "createClient"
  | "createMicrophoneAndCameraTracks"
  | "createMicrophoneAudioTrack"
  | "createScreenVideoTrack"
  | "setLogLevel"
> & {
  /** Not in the SDK's types. */
  setParameter?: (name: string, value: unknown) => void;
};
type Tracks = { microphone?: IMicrophoneAudioTrack; camera?: ICameraVideoTrack };

const SCREEN: ScreenVideoTrackInitConfig = {
  encoderConfig: "1080p_1",
  optimizationMode: "detail",
};
const ERRORS_ONLY = 3;
/** The SDK itself tries for ever. */
const RECONNECTING_FOR = 60_000;
const NOTHING: Media = { microphone: false, camera: false };

/** The line through Agora's cloud. The SDK is loaded by the first join, never with the page. */
export class AgoraLine implements Line {
  private readonly toggles = new Serial();
  private readonly renewal: Renewal;
  private sdk: Sdk | null = null;
  private client: Client | null = null;
  private chosen: Chosen;
  private tracks: Tracks = {};
  private screen: ILocalVideoTrack | null = null;
  private watches = true;
  private otherMedia = NOTHING;
  private joined = false;
  private reconnecting: ReturnType<typeof setTimeout> | undefined;
  private comingBack = false;
  /** Agora's words and its media take different ways: of the media, whether they ever came through, and are stuck. */
  private mediaFlowed = false;
  private mediaStuck = false;
  private over = false;

  constructor(
    private readonly setting: LineSetting,
    private readonly load: () => Promise<Sdk> = loadSdk,
  ) {
    this.chosen = setting.chosen;
    this.renewal = new Renewal(setting.freshPass, async (pass) => {
      await this.client?.renewToken(pass.token);
    });
  }

  async join(wanted: Media): Promise<void> {
    if (!isSecureContext) throw new LineError("insecure-context");
    const sdk = await this.load();
    if (this.over) return;
    if (!sdk.checkSystemRequirements()) throw new LineError("unsupported");
    sdk.setLogLevel(ERRORS_ONLY);
    // About one report a second would go to Agora's statistics, all through a visit.
    sdk.setParameter?.("ENABLE_EVENT_REPORT", false);
    this.sdk = sdk;
    const { tracks, troubles } = await openDevices(
      wanted,
      (devices) => createTracks(sdk, devices, this.chosen),
      troubleOf,
    );
    if (this.over) {
      // The person left while the browser was still asking.
      tracks.microphone?.close();
      tracks.camera?.close();
      return;
    }
    this.keep(tracks);
    this.client = sdk.createClient({ mode: "rtc", codec: "vp8" });
    this.listen(this.client);
    const pass = await this.enterFirst(this.client);
    this.joined = true;
    const own = { microphone: "microphone" in tracks, camera: "camera" in tracks };
    this.setting.tell({ type: "joined", own, troubles, at: Date.now() });
    if (this.client.remoteUsers.length > 0) this.otherHere();
    this.renewal.follow(pass);
  }

  /** The SDK forbids mixing its two switches on one track: muting for sound, disabling for the camera. */
  setMicrophone(on: boolean): Promise<void> {
    return this.toggle("microphone", on, async () => {
      await this.tracks.microphone?.setMuted(!on);
    });
  }

  setCamera(on: boolean): Promise<void> {
    return this.toggle("camera", on, async () => {
      await this.tracks.camera?.setEnabled(on);
      await this.sendPicture();
      this.showSelf(on);
    });
  }

  async showScreen(on: boolean): Promise<void> {
    const { sdk } = this;
    if (!on) return this.hideScreen();
    if (sdk === null || this.screen !== null) return;
    try {
      const screen = await sdk.createScreenVideoTrack(SCREEN, "disable");
      await this.keepScreen(screen);
    } catch (error) {
      // Closing the browser's picker is a "no", not a fault.
      const failed = troubleOf(error) !== "permission";
      this.tell({ type: "screen", on: false, ...(failed && { failed }) });
    }
  }

  async watch(on: boolean): Promise<void> {
    const { client } = this;
    this.watches = on;
    if (client === null) return;
    for (const user of client.remoteUsers.filter(({ hasVideo }) => hasVideo)) {
      if (on) await this.receive(client, user, "video");
      else await client.unsubscribe(user, "video").catch(() => {});
    }
  }

  use(device: Device, id: string): Promise<void> {
    return this.toggles.run(async () => {
      this.chosen = { ...this.chosen, [device]: id };
      const track = this.tracks[device];
      if (track === undefined) return;
      try {
        await track.setDevice(id);
      } catch (error) {
        // The SDK went back to the device that it had.
        const on = device === "microphone" ? !track.muted : track.enabled;
        this.tell({ type: "own-media", device, on, trouble: troubleOf(error) });
      }
      if (device === "camera") this.showSelf(track.enabled);
    });
  }

  using(device: Device): string | null {
    const track = this.tracks[device];
    return track?.enabled ? (track.getMediaStreamTrack().getSettings().deviceId ?? null) : null;
  }

  async leave(): Promise<void> {
    this.over = true;
    clearTimeout(this.reconnecting);
    this.renewal.stop();
    this.tracks.microphone?.close();
    this.tracks.camera?.close();
    this.tracks = {};
    this.screen?.close();
    this.screen = null;
    this.showSelf(false);
    this.forgetOther();
    // Leaving an attempt that nobody answers is quick, but may still be refused; the client is dropped anyway.
    await this.client?.leave().catch(() => {});
  }

  /** The pass may have run out while the browser was asking for the camera; a second refusal is one. */
  private async enterFirst(client: Client): Promise<IssuedPass> {
    const { pass } = this.setting;
    try {
      await this.enter(client, pass);
      return pass;
    } catch (error) {
      if (!(error instanceof LineError) || error.trouble !== "token") throw error;
    }
    const fresh = await this.setting.freshPass();
    await this.enter(client, fresh);
    return fresh;
  }

  /** Join and publish. A failed attempt leaves the client fit for the next one. */
  private async enter(client: Client, pass: IssuedPass): Promise<void> {
    try {
      const { appId, channelName, token, uid, encryption } = pass;
      // The SDK forgets it with every leave.
      if (encryption !== null) {
        const { mode, secret, salt } = encryption;
        client.setEncryptionConfig(mode, secret, bytesOf(salt), true);
      }
      await beforeDeadline(client.join(appId ?? "", channelName, token, uid));
      const sent: (ILocalTrack | undefined)[] = [this.tracks.microphone, this.picture];
      const tracks = sent.filter((track) => track !== undefined);
      if (tracks.length > 0) await client.publish(tracks);
    } catch (error) {
      await client.leave().catch(() => {});
      throw error instanceof LineError ? error : new LineError(troubleOf(error));
    }
  }

  /** Of camera and screen only one is sent, and Agora refuses a camera that is off. */
  private get picture(): ILocalVideoTrack | undefined {
    const { camera } = this.tracks;
    return this.screen ?? (camera?.enabled ? camera : undefined);
  }

  private async sendPicture(): Promise<void> {
    const { client, picture } = this;
    if (client === null) return;
    const isSent = (track: ILocalTrack | null | undefined): track is ILocalTrack =>
      track != null && client.localTracks.includes(track);
    // A camera that is off may stay: the SDK sends it again as soon as it is on.
    if (this.screen !== null && isSent(this.tracks.camera)) {
      await client.unpublish(this.tracks.camera);
    }
    if (picture !== undefined && !isSent(picture)) await client.publish(picture);
  }

  private async keepScreen(screen: ILocalVideoTrack): Promise<void> {
    if (this.over) {
      screen.close();
      return;
    }
    // The browser has a button of its own to stop it.
    screen.on("track-ended", () => void this.hideScreen());
    this.screen = screen;
    try {
      await this.toggles.run(() => this.sendPicture());
    } catch (error) {
      await this.hideScreen();
      throw error;
    }
    this.tell({ type: "screen", on: true });
  }

  private async hideScreen(): Promise<void> {
    const { screen } = this;
    if (screen === null) return;
    this.screen = null;
    this.tell({ type: "screen", on: false });
    await this.toggles.run(async () => {
      await this.client?.unpublish(screen).catch(() => {});
      screen.close();
      await this.sendPicture().catch(() => {});
    });
  }

  private listen(client: Client): void {
    client.on("user-joined", () => this.otherHere());
    client.on("user-left", (_user, reason) => {
      this.forgetOther();
      this.tell({ type: "other-left", why: reason === "Quit" ? "left" : "lost" });
      // They may have left because the visit was ended, and only the server can say so.
      void this.renewal.now();
    });
    client.on("user-published", (user, kind) => void this.receive(client, user, kind));
    client.on("user-unpublished", (_user, kind) => this.stopReceiving(kind));
    client.on("connection-state-change", (state, before, reason) => {
      clearTimeout(this.reconnecting);
      if (state === "RECONNECTING") {
        this.tell({ type: "link", link: "reconnecting" });
        this.reconnecting = setTimeout(() => void this.comeBack(client), RECONNECTING_FOR);
      }
      if (state === "CONNECTED" && before === "RECONNECTING") this.tellLink();
      const trouble = troubleOfDisconnection(reason);
      if (state !== "DISCONNECTED" || trouble === null) return;
      // A dropped line does not end a visit.
      if (trouble === "network") void this.comeBack(client);
      else this.tell({ type: "failed", trouble });
    });
    client.on("peerconnection-state-change", (state) => {
      const wasStuck = this.mediaStuck;
      if (state === "failed") this.mediaStuck = true;
      if (state === "connected") {
        this.mediaFlowed = true;
        this.mediaStuck = false;
      }
      if (this.mediaStuck !== wasStuck) this.tellLink();
    });
    client.on("network-quality", ({ uplinkNetworkQuality, downlinkNetworkQuality }) => {
      const level = Math.max(uplinkNetworkQuality, downlinkNetworkQuality) as Level;
      this.tell({ type: "quality", level });
    });
    client.on("token-privilege-will-expire", () => void this.renewal.now());
    client.on("token-privilege-did-expire", () => void this.comeBack(client));
  }

  /** Out of the channel the SDK has forgotten what was published; our tracks still live. */
  private async comeBack(client: Client): Promise<void> {
    if (this.comingBack || !this.joined) return;
    this.comingBack = true;
    this.tell({ type: "link", link: "reconnecting" });
    // What still tries by itself would refuse a second join.
    await client.leave().catch(() => {});
    this.forgetOther();
    this.tell({ type: "other-left", why: "lost" });
    for (let attempt = 0; !this.over; attempt += 1) {
      try {
        const pass = await this.setting.freshPass();
        if (this.over) return;
        await this.enter(client, pass);
        this.renewal.follow(pass);
        this.comingBack = false;
        this.tellLink();
        return;
      } catch (error) {
        if (error instanceof LineError && error.trouble === "service") {
          this.tell({ type: "failed", trouble: error.trouble });
          return;
        }
        // A refusal of the pass makes the room leave; all else passes.
        await new Promise((resolve) => setTimeout(resolve, backoff(attempt)));
      }
    }
  }

  private otherHere(): void {
    this.tell({ type: "other-joined", at: Date.now() });
    this.tell({ type: "other-media", media: this.otherMedia });
  }

  private async receive(client: Client, user: IAgoraRTCRemoteUser, kind: MediaKind): Promise<void> {
    try {
      if (kind === "audio") {
        const track = await client.subscribe(user, kind);
        this.setting.stage.playOther(track.getMediaStreamTrack());
        this.hearOther("microphone", true);
      } else if (kind === "video") {
        if (this.watches) {
          const track = await client.subscribe(user, kind);
          this.setting.stage.showOther(track.getMediaStreamTrack());
        }
        this.hearOther("camera", true);
      }
    } catch {
      // They left or stopped meanwhile; what comes next is announced again.
    }
  }

  private stopReceiving(kind: MediaKind): void {
    if (kind === "audio") {
      this.setting.stage.playOther(null);
      this.hearOther("microphone", false);
    } else if (kind === "video") {
      this.setting.stage.showOther(null);
      this.hearOther("camera", false);
    }
  }

  private hearOther(device: Device, on: boolean): void {
    this.otherMedia = { ...this.otherMedia, [device]: on };
    this.tell({ type: "other-media", media: this.otherMedia });
  }

  private forgetOther(): void {
    this.otherMedia = NOTHING;
    this.setting.stage.showOther(null);
    this.setting.stage.playOther(null);
  }

  /** `turn` switches a track that exists; one that does not is created when it is wanted. */
  private toggle(device: Device, on: boolean, turn: () => Promise<void>): Promise<void> {
    return this.toggles.run(async () => {
      try {
        if (this.tracks[device] !== undefined) await turn();
        else if (on) await this.open(device);
        this.tell({ type: "own-media", device, on });
      } catch (error) {
        this.tell({ type: "own-media", device, on: false, trouble: troubleOf(error) });
      }
    });
  }

  private async open(device: Device): Promise<void> {
    if (this.sdk === null || this.client === null) return;
    const tracks = await createTracks(this.sdk, [device], this.chosen);
    const track = tracks[device];
    if (track === undefined) return;
    if (this.over) {
      track.close();
      return;
    }
    this.keep(tracks);
    if (device === "camera") await this.sendPicture();
    else await this.client.publish(track);
  }

  private keep(tracks: Tracks): void {
    this.tracks = { ...this.tracks, ...tracks };
    for (const device of ["microphone", "camera"] as const) {
      tracks[device]?.on(
        "track-ended",
        () => void this.toggles.run(() => this.replaceLost(device)),
      );
    }
    if (tracks.camera !== undefined) this.showSelf(true);
  }

  /** The device was unplugged, or the person took back their leave. */
  private async replaceLost(device: Device): Promise<void> {
    const lost = this.tracks[device];
    if (lost === undefined) return;
    const { muted } = lost;
    delete this.tracks[device];
    // Asked for by its id, the SDK would take no other one.
    const { [device]: _lost, ...chosen } = this.chosen;
    this.chosen = chosen;
    if (device === "camera") this.showSelf(false);
    await this.client?.unpublish(lost).catch(() => {});
    lost.close();
    try {
      await this.open(device);
      if (muted) await this.tracks.microphone?.setMuted(true);
      const label = this.tracks[device]?.getTrackLabel() ?? "";
      this.tell({ type: "fell-back", device, label });
    } catch (error) {
      this.tell({ type: "own-media", device, on: false, trouble: troubleOf(error) });
    }
  }

  private showSelf(on: boolean): void {
    const track = on ? this.tracks.camera?.getMediaStreamTrack() : undefined;
    this.setting.stage.showSelf(track ?? null);
  }

  /** Connected to Agora by words alone is not connected; the SDK goes on trying. */
  private tellLink(): void {
    const stuck = this.mediaFlowed ? "reconnecting" : "blocked";
    this.tell({ type: "link", link: this.mediaStuck ? stuck : "up" });
  }

  /** Before `joined` and after leave() nobody listens; what is still true then is told with `joined`. */
  private tell(event: LineEvent): void {
    if (this.joined && !this.over) this.setting.tell(event);
  }
}

function bytesOf(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
}

type MediaKind = "audio" | "video" | "datachannel";

async function loadSdk(): Promise<Sdk> {
  try {
    return (await import("agora-rtc-sdk-ng")).default;
  } catch {
    throw new LineError("network");
  }
}

async function createTracks(
  sdk: Sdk,
  devices: readonly Device[],
  { microphone: sound, camera: picture }: Chosen,
): Promise<Tracks> {
  const microphoneId = sound === undefined ? {} : { microphoneId: sound };
  const cameraId = picture === undefined ? {} : { cameraId: picture };
  if (devices.length === 2) {
    const [microphone, camera] = await sdk.createMicrophoneAndCameraTracks(microphoneId, cameraId);
    return { microphone, camera };
  }
  return devices[0] === "microphone"
    ? { microphone: await sdk.createMicrophoneAudioTrack(microphoneId) }
    : { camera: await sdk.createCameraVideoTrack(cameraId) };
}

const TROUBLES: Readonly<Record<string, Trouble>> = {
  PERMISSION_DENIED: "permission",
  DEVICE_NOT_FOUND: "no-device",
  CONSTRAINT_NOT_SATISFIED: "no-device",
  MEDIA_OPTION_INVALID: "no-device",
  NOT_READABLE: "device-busy",
  NOT_SUPPORTED: "unsupported",
  WEB_SECURITY_RESTRICT: "insecure-context",
  TOKEN_EXPIRE: "token",
  UID_CONFLICT: "removed",
  NETWORK_ERROR: "network",
  NETWORK_TIMEOUT: "network",
  ICE_FAILED: "network",
  WS_ABORT: "network",
  OPERATION_ABORTED: "network",
};

/**
 * The first that fits: a project without a certificate is also told in words about keys. A token that is
 * invalid, and not just too old, was not signed with the project's certificate; the next would not be either.
 */
const REFUSALS: readonly { says: RegExp; trouble: Trouble }[] = [
  {
    says: /static key|static use|vendor key|invalid token|no active status|forbidden in this area/,
    trouble: "service",
  },
  { says: /token|dynamic key/, trouble: "token" },
  { says: /over load/, trouble: "network" },
];

/** Read one of the SDK's exceptions (`code`, `message`, `data`). */
export function troubleOf(error: unknown): Trouble {
  if (!(error instanceof Error)) return "unknown";
  const { code, data } = error as Error & { code?: string; data?: { desc?: string[] } };
  if (code === "CAN_NOT_GET_GATEWAY_SERVER") {
    // One code for every refusal at Agora's door; only its words tell them apart.
    const words = data?.desc?.join() ?? error.message;
    const refusal = REFUSALS.find(({ says }) => says.test(words));
    return refusal?.trouble ?? "unknown";
  }
  return TROUBLES[code ?? ""] ?? "unknown";
}

function troubleOfDisconnection(reason: string | undefined): Trouble | null {
  switch (reason) {
    // Also when the same person joins from elsewhere: the SDK does not tell the two apart.
    case "UID_BANNED":
    case "IP_BANNED":
    case "CHANNEL_BANNED":
    case "UID_CONFLICT":
      return "removed";
    case "NETWORK_ERROR":
    case "SERVER_ERROR":
      return "network";
    default:
      return null;
  }
}
