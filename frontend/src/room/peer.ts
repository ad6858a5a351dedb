import { Connection } from "./connection";
import { beforeDeadline } from "./deadline";
import { openDevices, troubleOfMedia } from "./devices";
import {
  type Chosen,
  type Device,
  type Line,
  LineError,
  type LineSetting,
  type Media,
} from "./line";
import { Renewal } from "./renewal";
import { Serial } from "./serial";
import { type Heard, type MediaWord, type Signal, Signalling } from "./signalling";

const CAMERA: MediaTrackConstraints = {
  width: { ideal: 960 },
  height: { ideal: 540 },
  frameRate: { ideal: 24 },
};

const SCREEN: MediaTrackConstraints = { frameRate: { max: 15 } };

type OpenTracks = Partial<Record<Device, MediaStreamTrack>>;

/** The built-in line: media flow directly between two browsers, found through our own server. */
export class PeerLine implements Line {
  /** Names this page's stay in the room, for the other side to tell a reload from a short loss. */
  private readonly page = crypto.randomUUID();
  private readonly toggles = new Serial();
  private readonly renewal: Renewal;
  private signalling: Signalling | null = null;
  private polite = false;
  private socketUp = false;
  private chosen: Chosen;
  private tracks: Partial<Record<Device, MediaStreamTrack>> = {};
  private muted = false;
  private screen: MediaStreamTrack | null = null;
  private watches = true;
  private otherWatches = true;
  /** The other's stay: the socket it speaks from, its page, and whether it was heard since it came. */
  private other: { session: string; page: string | null; heard: boolean } | null = null;
  private connection: Connection | null = null;
  private link: "up" | "reconnecting" | "blocked" = "up";
  private over = false;

  constructor(private readonly setting: LineSetting) {
    this.chosen = setting.chosen;
    this.renewal = new Renewal(setting.freshPass, async (pass) => {
      this.signalling?.renew(pass.token);
    });
  }

  async join(wanted: Media): Promise<void> {
    if (!isSecureContext) throw new LineError("insecure-context");
    if (!("RTCPeerConnection" in globalThis)) throw new LineError("unsupported");
    const { tracks, troubles } = await openDevices(
      wanted,
      (devices) => openTracks(devices, this.chosen),
      troubleOfMedia,
    );
    for (const device of ["microphone", "camera"] as const) this.keep(device, tracks[device]);
    if (this.over) return;
    await beforeDeadline(this.openSignalling());
    this.setting.tell({ type: "joined", own: this.own, troubles, at: Date.now() });
    this.renewal.follow(this.setting.pass);
  }

  setMicrophone(on: boolean): Promise<void> {
    return this.toggles.run(async () => {
      const track = this.tracks.microphone;
      if (track === undefined) {
        this.muted = false;
        if (on) await this.open("microphone");
        return;
      }
      track.enabled = on;
      this.muted = !on;
      this.tellOwn("microphone");
    });
  }

  setCamera(on: boolean): Promise<void> {
    return this.toggles.run(async () => {
      const track = this.tracks.camera;
      if (on && track === undefined) await this.open("camera");
      if (!on && track !== undefined) {
        release(track);
        this.drop("camera");
      }
    });
  }

  async showScreen(on: boolean): Promise<void> {
    if (!on) {
      this.hideScreen();
      return;
    }
    try {
      const stream = await navigator.mediaDevices.getDisplayMedia({ video: SCREEN });
      this.keepScreen(stream);
    } catch (error) {
      // Closing the browser's picker is a "no", not a fault.
      const failed = troubleOfMedia(error) !== "permission";
      this.setting.tell({ type: "screen", on: false, ...(failed && { failed }) });
    }
  }

  async watch(on: boolean): Promise<void> {
    this.watches = on;
    this.sendMedia();
  }

  use(device: Device, id: string): Promise<void> {
    return this.toggles.run(async () => {
      this.chosen = { ...this.chosen, [device]: id };
      const track = this.tracks[device];
      if (track === undefined) return;
      // A phone opens no second camera while the first is in use.
      release(track);
      if (!(await this.open(device))) this.forget(device);
    });
  }

  using(device: Device): string | null {
    return this.tracks[device]?.getSettings().deviceId ?? null;
  }

  async leave(): Promise<void> {
    this.over = true;
    this.renewal.stop();
    this.signalling?.leave();
    this.hangUp();
    for (const track of Object.values(this.tracks)) release(track);
    if (this.screen !== null) release(this.screen);
    this.screen = null;
    this.tracks = {};
    this.setting.stage.showSelf(null);
  }

  private get own(): Media {
    return {
      microphone: this.tracks.microphone !== undefined && !this.muted,
      camera: this.tracks.camera !== undefined,
    };
  }

  /** Of camera and screen only one is shown. */
  private get picture(): MediaStreamTrack | undefined {
    return this.screen ?? this.tracks.camera;
  }

  /** What the other one is to get. */
  private get outgoing(): Partial<Record<Device, MediaStreamTrack>> {
    const { picture } = this;
    const { microphone } = this.tracks;
    return {
      ...(microphone && { microphone }),
      ...(picture && this.otherWatches && { camera: picture }),
    };
  }

  /** Resolves with the server's first welcome. */
  private openSignalling(): Promise<void> {
    return new Promise((resolve) => {
      this.signalling = new Signalling({
        url: socketUrl(this.setting.pass.socketUrl ?? "", location.href),
        token: this.setting.pass.token,
        freshToken: async () => (await this.setting.freshPass()).token,
        hear: (heard) => {
          if (heard.type === "welcome") resolve();
          if (!this.over) this.hear(heard);
        },
      });
    });
  }

  private hear(heard: Heard): void {
    switch (heard.type) {
      case "welcome":
        this.polite = heard.polite;
        this.socketUp = true;
        // Whoever is still here will be named again.
        if (this.other !== null) this.otherAway();
        break;
      case "lost":
        this.socketUp = false;
        break;
      case "peer-joined":
        this.meet(heard.session);
        break;
      case "signal":
        this.take(heard.session, heard.data);
        break;
      case "peer-left":
        if (heard.why === "lost") {
          this.otherAway();
        } else {
          this.other = null;
          this.hangUp();
          this.setting.tell({ type: "other-left", why: "left" });
        }
        break;
      case "replaced":
        this.setting.tell({ type: "replaced" });
        break;
      case "ended":
        this.setting.tell({ type: "ended", status: heard.status });
        break;
    }
    this.followLink();
  }

  /** Somebody stands at the other end, new or again: both sides now say which page they are. */
  private meet(session: string): void {
    this.other = { session, page: this.other?.page ?? null, heard: false };
    this.sendMedia({ greeting: true });
  }

  /** The other's socket is gone. That ends nothing while media flow. */
  private otherAway(): void {
    if (this.other !== null) this.other.heard = false;
    if (this.connection?.state !== "up") this.setting.tell({ type: "other-left", why: "lost" });
  }

  private take(session: string, signal: Signal): void {
    if ("media" in signal) {
      // The other's first word may overtake the server's announcement.
      if (this.other?.session !== session) this.meet(session);
      this.takeMedia(signal.media);
    } else if (this.other?.session === session) {
      this.connection?.receive(signal);
    }
  }

  private takeMedia(media: MediaWord): void {
    const { other } = this;
    if (other === null) return;
    if (media.greeting) this.sendMedia();
    this.takeWish(media.watches ?? true);
    if (other.page !== media.page) {
      other.page = media.page;
      this.hangUp();
      this.connection = this.connect();
    } else if (media.restart) {
      this.connection?.restart();
    } else if (!other.heard) {
      this.connection?.repair();
    }
    if (!other.heard) {
      other.heard = true;
      this.setting.tell({ type: "other-joined", at: Date.now() });
    }
    this.setting.tell({
      type: "other-media",
      media: { microphone: media.audio, camera: media.video },
    });
  }

  private takeWish(watches: boolean): void {
    if (watches === this.otherWatches) return;
    this.otherWatches = watches;
    this.feed("camera");
    this.setting.tell({ type: "other-watches", on: watches });
  }

  private connect(): Connection {
    return new Connection({
      iceServers: this.setting.pass.iceServers,
      polite: this.polite,
      tracks: this.outgoing,
      stage: this.setting.stage,
      send: (description) => this.signalling?.send(description),
      askForRestart: () => this.sendMedia({ restart: true }),
      stateIs: () => {
        if (this.other?.heard === false) this.otherAway();
        this.followLink();
      },
      qualityIs: (level) => this.setting.tell({ type: "quality", level }),
    });
  }

  private hangUp(): void {
    this.connection?.close();
    this.connection = null;
    this.setting.stage.showOther(null);
    this.setting.stage.playOther(null);
  }

  private followLink(): void {
    const link = this.currentLink();
    if (link === this.link) return;
    this.link = link;
    this.setting.tell({ type: "link", link });
  }

  private currentLink(): "up" | "reconnecting" | "blocked" {
    const state = this.connection?.state;
    if (state === "up") return "up";
    if (!this.socketUp) return "reconnecting";
    if (!this.other?.heard) return "up";
    if (state === "down") return "reconnecting";
    return state === "blocked" ? "blocked" : "up";
  }

  /** False, and told, when it could not be opened. */
  private async open(device: Device): Promise<boolean> {
    try {
      const { [device]: track } = await openTracks([device], this.chosen);
      this.keep(device, track);
      this.tellOwn(device);
      return true;
    } catch (error) {
      const trouble = troubleOfMedia(error);
      this.setting.tell({ type: "own-media", device, on: false, trouble });
      return false;
    }
  }

  /** The device was unplugged, or the person took back their leave. */
  private async replaceLost(device: Device): Promise<void> {
    const { [device]: _lost, ...chosen } = this.chosen;
    this.chosen = chosen;
    if (await this.open(device)) {
      const label = this.tracks[device]?.label ?? "";
      this.setting.tell({ type: "fell-back", device, label });
    } else {
      this.forget(device);
    }
  }

  private keep(device: Device, track: MediaStreamTrack | undefined): void {
    if (track === undefined) return;
    if (this.over) {
      // The person left while the browser was still asking.
      track.stop();
      return;
    }
    track.onended = () => void this.toggles.run(() => this.replaceLost(device));
    this.tracks[device] = track;
    this.feed(device);
    if (device === "camera") this.setting.stage.showSelf(track);
    else track.enabled = !this.muted;
  }

  private drop(device: Device): void {
    this.forget(device);
    this.setting.tell({ type: "own-media", device, on: false });
  }

  private forget(device: Device): void {
    delete this.tracks[device];
    this.feed(device);
    if (device === "camera") this.setting.stage.showSelf(null);
    this.sendMedia();
  }

  private feed(device: Device): void {
    this.connection?.replace(device, this.outgoing[device]);
  }

  private keepScreen(stream: MediaStream): void {
    const [screen] = stream.getVideoTracks();
    if (screen === undefined) return;
    if (this.over || this.screen !== null) {
      screen.stop();
      return;
    }
    // Letters matter more than motion.
    screen.contentHint = "detail";
    // The browser has a button of its own to stop it.
    screen.onended = () => this.hideScreen();
    this.screen = screen;
    this.tellScreen();
  }

  private hideScreen(): void {
    if (this.screen === null) return;
    release(this.screen);
    this.screen = null;
    this.tellScreen();
  }

  private tellScreen(): void {
    this.feed("camera");
    this.setting.tell({ type: "screen", on: this.screen !== null });
    this.sendMedia();
  }

  private tellOwn(device: Device): void {
    this.setting.tell({ type: "own-media", device, on: this.own[device] });
    this.sendMedia();
  }

  private sendMedia({ greeting = false, restart = false } = {}): void {
    const audio = this.own.microphone;
    const video = this.picture !== undefined;
    const { watches } = this;
    this.signalling?.send({
      media: { audio, video, watches, page: this.page, greeting, restart },
    });
  }
}

async function openTracks(devices: readonly Device[], chosen: Chosen): Promise<OpenTracks> {
  try {
    return await openExactly(devices, chosen);
  } catch (error) {
    // The chosen one is not there any more; another one is better than none.
    if (!(error instanceof Error) || error.name !== "OverconstrainedError") throw error;
    return openExactly(devices, {});
  }
}

async function openExactly(
  devices: readonly Device[],
  { microphone: sound, camera: picture }: Chosen,
): Promise<OpenTracks> {
  const stream = await navigator.mediaDevices.getUserMedia({
    audio:
      devices.includes("microphone") && (sound === undefined || { deviceId: { exact: sound } }),
    video: devices.includes("camera") && {
      ...CAMERA,
      ...(picture === undefined ? { facingMode: "user" } : { deviceId: { exact: picture } }),
    },
  });
  const [microphone] = stream.getAudioTracks();
  const [camera] = stream.getVideoTracks();
  return { ...(microphone && { microphone }), ...(camera && { camera }) };
}

/** Let go of a device that is given back on purpose. */
function release(track: MediaStreamTrack): void {
  track.onended = null;
  track.stop();
}

/** The server may give a path alone; the socket is as secure as the page. */
export function socketUrl(given: string, page: string): string {
  const url = new URL(given, page);
  url.protocol = url.protocol.replace(/^http/, "ws");
  return url.href;
}
