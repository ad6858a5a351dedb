import { Serial } from "./serial";

export type Description =
  | { description: RTCSessionDescriptionInit }
  | { candidate: RTCIceCandidateInit | null };

/** What negotiating needs of a peer connection. */
export type Negotiable = Pick<
  RTCPeerConnection,
  | "addIceCandidate"
  | "localDescription"
  | "onicecandidate"
  | "onnegotiationneeded"
  | "setLocalDescription"
  | "setRemoteDescription"
  | "signalingState"
>;

/**
 * Both sides may offer at any moment; when two offers cross, the polite side takes its own back.
 * (Perfect negotiation, W3C WebRTC 1.0, section 10.7.)
 */
export class Negotiation {
  private readonly serial = new Serial();
  private offering = false;

  constructor(
    private readonly connection: Negotiable,
    private readonly polite: boolean,
    private readonly send: (description: Description) => void,
    /** Called with every offer taken, before it is answered. */
    private readonly beforeAnswer: () => void,
  ) {
    connection.onnegotiationneeded = () => void this.offer();
    connection.onicecandidate = ({ candidate }) => {
      this.send({ candidate: candidate?.toJSON() ?? null });
    };
  }

  /** Take what the other side sent, strictly in the order of the calls. */
  receive(description: Description): Promise<void> {
    return this.serial.run(() =>
      "candidate" in description
        ? this.takeCandidate(description.candidate)
        : this.takeDescription(description.description),
    );
  }

  /** Send an offer again that may have been lost on its way. False when none waits for its answer. */
  repeatOffer(): boolean {
    if (this.connection.signalingState !== "have-local-offer") return false;
    this.sendLocal();
    return true;
  }

  private async offer(): Promise<void> {
    this.offering = true;
    try {
      await this.connection.setLocalDescription();
      this.sendLocal();
    } finally {
      this.offering = false;
    }
  }

  private async takeDescription(description: RTCSessionDescriptionInit): Promise<void> {
    const { signalingState } = this.connection;
    if (description.type === "answer") {
      // The answer to an offer that was sent twice comes twice.
      if (signalingState === "have-local-offer") {
        await this.connection.setRemoteDescription(description);
      }
      return;
    }
    const crossed = this.offering || signalingState !== "stable";
    if (crossed && !this.polite) return;
    await this.connection.setRemoteDescription(description);
    this.beforeAnswer();
    await this.connection.setLocalDescription();
    this.sendLocal();
  }

  private async takeCandidate(candidate: RTCIceCandidateInit | null): Promise<void> {
    try {
      await this.connection.addIceCandidate(candidate);
    } catch {
      // It belongs to an offer that was not taken, or that a newer one replaced.
    }
  }

  private sendLocal(): void {
    const { localDescription } = this.connection;
    if (localDescription !== null) this.send({ description: localDescription });
  }
}
