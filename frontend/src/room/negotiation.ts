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
 * One side offers, and the polite one only answers. Letting both offer would sometimes make two offers
 * cross, and Chromium (seen in 150) sends and shows nothing more once it took back an offer to restart.
 */
export class Negotiation {
  private readonly serial = new Serial();

  constructor(
    private readonly connection: Negotiable,
    private readonly polite: boolean,
    private readonly send: (description: Description) => void,
    /** Called with every offer taken, before it is answered. */
    private readonly beforeAnswer: () => void,
  ) {
    connection.onnegotiationneeded = () => {
      if (!this.polite) void this.offer();
    };
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
    await this.connection.setLocalDescription();
    this.sendLocal();
  }

  private async takeDescription(description: RTCSessionDescriptionInit): Promise<void> {
    if (!this.polite) {
      // The answer to an offer that was sent twice comes twice.
      if (this.connection.signalingState === "have-local-offer") {
        await this.connection.setRemoteDescription(description);
      }
      return;
    }
    await this.connection.setRemoteDescription(description);
    this.beforeAnswer();
    await this.connection.setLocalDescription();
    this.sendLocal();
  }

  private async takeCandidate(candidate: RTCIceCandidateInit | null): Promise<void> {
    try {
      await this.connection.addIceCandidate(candidate);
    } catch {
      // It belongs to a description that a newer one has replaced.
    }
  }

  private sendLocal(): void {
    const { localDescription } = this.connection;
    if (localDescription !== null) this.send({ description: localDescription });
  }
}
