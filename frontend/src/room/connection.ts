import type { Device } from "./line";
import { type Description, Negotiation } from "./negotiation";
import { type Level, measure, type Received } from "./quality";
import type { Stage } from "./stage";

/** Up: media flow. Blocked: they never flowed, and it is not a matter of patience any more. */
export type ConnectionState = "starting" | "up" | "down" | "blocked";

const DISCONNECTED_FOR = 5_000;
const STARTING_FOR = 15_000;
const MEASURE_EVERY = 2_000;

export interface ConnectionSetting {
  iceServers: RTCIceServer[];
  polite: boolean;
  tracks: Readonly<Partial<Record<Device, MediaStreamTrack>>>;
  stage: Stage;
  send: (description: Description) => void;
  /** The polite side cannot restart by itself: it asks the other one to. */
  askForRestart: () => void;
  stateIs: (state: ConnectionState) => void;
  qualityIs: (level: Level) => void;
}

/** The media path to one page of the other person. It repairs itself until close() is called. */
export class Connection {
  state: ConnectionState = "starting";
  private readonly peer: RTCPeerConnection;
  private readonly negotiation: Negotiation;
  private readonly tracks: Partial<Record<Device, MediaStreamTrack>>;
  private readonly senders: Partial<Record<Device, RTCRtpSender>> = {};
  private readonly measuring: ReturnType<typeof setInterval>;
  private repairing: ReturnType<typeof setTimeout> | undefined;
  private received: Received = { packets: 0, lost: 0 };

  constructor(private readonly setting: ConnectionSetting) {
    this.tracks = { ...setting.tracks };
    this.peer = new RTCPeerConnection({ iceServers: setting.iceServers });
    this.peer.onconnectionstatechange = () => this.followState();
    this.peer.ontrack = ({ track }) => this.present(track);
    this.negotiation = new Negotiation(this.peer, setting.polite, setting.send, () =>
      this.adoptTransceivers(),
    );
    // The side that offers lays out the two media lines; laid out by both, there would be four.
    if (!setting.polite) {
      this.senders.microphone = this.lineOut("audio");
      this.senders.camera = this.lineOut("video");
      for (const device of ["microphone", "camera"] as const) this.feed(device);
    }
    this.repairAfter(STARTING_FOR);
    this.measuring = setInterval(() => void this.measure(), MEASURE_EVERY);
  }

  /** Send this track from now on, or nothing. */
  replace(device: Device, track: MediaStreamTrack | undefined): void {
    if (track === undefined) delete this.tracks[device];
    else this.tracks[device] = track;
    this.feed(device);
  }

  receive(description: Description): void {
    // What cannot be taken leaves the path unfinished, and an unfinished path is repaired in a while.
    this.negotiation.receive(description).catch(() => {});
  }

  /** Bring the media path up again; to be called when the other side can be reached again, too. */
  repair(): void {
    if (this.state === "up") return;
    if (this.setting.polite) this.setting.askForRestart();
    else this.restart();
    this.repairAfter(STARTING_FOR);
  }

  /** Look for a path anew, on the side that offers. Media go on over the old one while it lasts. */
  restart(): void {
    if (!this.negotiation.repeatOffer()) this.peer.restartIce();
  }

  close(): void {
    clearInterval(this.measuring);
    clearTimeout(this.repairing);
    this.peer.onconnectionstatechange = null;
    this.peer.ontrack = null;
    this.peer.close();
  }

  private lineOut(kind: "audio" | "video"): RTCRtpSender {
    return this.peer.addTransceiver(kind, { direction: "sendrecv" }).sender;
  }

  private adoptTransceivers(): void {
    for (const transceiver of this.peer.getTransceivers()) {
      const device = transceiver.receiver.track.kind === "audio" ? "microphone" : "camera";
      // The offers that follow only restart; what was adopted stays.
      if (this.senders[device] !== undefined) continue;
      transceiver.direction = "sendrecv";
      this.senders[device] = transceiver.sender;
      this.feed(device);
    }
  }

  private feed(device: Device): void {
    // Rejected only when the connection was closed meanwhile.
    this.senders[device]?.replaceTrack(this.tracks[device] ?? null).catch(() => {});
  }

  private present(track: MediaStreamTrack): void {
    if (track.kind === "audio") this.setting.stage.playOther(track);
    else this.setting.stage.showOther(track);
  }

  private followState(): void {
    switch (this.peer.connectionState) {
      case "connected":
        clearTimeout(this.repairing);
        this.become("up");
        break;
      case "disconnected":
        // It often comes back by itself.
        this.becomeDown();
        this.repairAfter(DISCONNECTED_FOR);
        break;
      case "failed":
        this.becomeDown();
        this.repair();
        break;
    }
  }

  private becomeDown(): void {
    this.become(this.state === "starting" || this.state === "blocked" ? "blocked" : "down");
  }

  private become(state: ConnectionState): void {
    if (this.state === state) return;
    this.state = state;
    this.setting.stateIs(state);
  }

  private repairAfter(wait: number): void {
    clearTimeout(this.repairing);
    this.repairing = setTimeout(() => {
      this.becomeDown();
      this.repair();
    }, wait);
  }

  private async measure(): Promise<void> {
    if (this.state !== "up") return;
    const report = await this.peer.getStats();
    const { level, received } = measure(report.values(), this.received);
    this.received = received;
    this.setting.qualityIs(level);
  }
}
