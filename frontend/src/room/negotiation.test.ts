import { expect, test } from "vitest";
import { type Description, type Negotiable, Negotiation } from "./negotiation";

/** The signalling half of a peer connection (W3C WebRTC 1.0, section 4.4), as strict as a browser. */
class Connection implements Negotiable {
  signalingState: RTCSignalingState = "stable";
  localDescription: RTCSessionDescription | null = null;
  remote: string | null = null;
  candidates: string[] = [];
  onnegotiationneeded: Negotiable["onnegotiationneeded"] = null;
  onicecandidate: Negotiable["onicecandidate"] = null;
  private offers = 0;

  constructor(readonly name: string) {}

  needNegotiation(): void {
    this.onnegotiationneeded?.call(this as unknown as RTCPeerConnection, {} as Event);
  }

  async setLocalDescription(): Promise<void> {
    await Promise.resolve();
    const type = this.signalingState === "have-remote-offer" ? "answer" : "offer";
    if (type === "offer") this.offers += 1;
    const sdp = type === "offer" ? `${this.name} offer ${this.offers}` : `answer to ${this.remote}`;
    this.localDescription = { type, sdp } as RTCSessionDescription;
    this.signalingState = type === "offer" ? "have-local-offer" : "stable";
  }

  async setRemoteDescription({ type, sdp }: RTCSessionDescriptionInit): Promise<void> {
    await Promise.resolve();
    if (type === "answer" && this.signalingState !== "have-local-offer") {
      throw new DOMException("no offer waits", "InvalidStateError");
    }
    this.remote = sdp ?? null;
    this.signalingState = type === "answer" ? "stable" : "have-remote-offer";
  }

  async addIceCandidate(candidate?: RTCIceCandidateInit | null): Promise<void> {
    if (this.remote === null) throw new DOMException("no description", "InvalidStateError");
    this.candidates.push(candidate?.candidate ?? "end");
  }
}

/** Two sides whose letters wait in the post until they are delivered. */
function pair() {
  const doctor = side("doctor", false);
  const patient = side("patient", true);
  async function deliver(): Promise<void> {
    while (doctor.post.length + patient.post.length > 0) {
      for (const letter of doctor.post.splice(0)) await patient.negotiation.receive(letter);
      for (const letter of patient.post.splice(0)) await doctor.negotiation.receive(letter);
    }
  }
  return { doctor, patient, deliver };
}

function side(name: string, polite: boolean) {
  const connection = new Connection(name);
  const post: Description[] = [];
  const answered: string[] = [];
  const negotiation = new Negotiation(
    connection,
    polite,
    (letter) => post.push(structuredClone(letter)),
    () => answered.push(connection.remote ?? ""),
  );
  return { connection, post, answered, negotiation };
}

async function settled(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve));
}

test("an offer is answered, and both sides are at rest", async () => {
  const { doctor, patient, deliver } = pair();
  doctor.connection.needNegotiation();
  await settled();
  await deliver();
  expect(patient.answered).toEqual(["doctor offer 1"]);
  expect(doctor.connection.remote).toBe("answer to doctor offer 1");
  expect(doctor.connection.signalingState).toBe("stable");
  expect(patient.connection.signalingState).toBe("stable");
});

test("the polite side never offers, so that offers never cross", async () => {
  const { doctor, patient, deliver } = pair();
  doctor.connection.needNegotiation();
  patient.connection.needNegotiation();
  await settled();
  expect(patient.post).toEqual([]);
  await deliver();
  expect(patient.answered).toEqual(["doctor offer 1"]);
});

test("an offer after the first is answered the same way", async () => {
  const { doctor, patient, deliver } = pair();
  for (let time = 0; time < 2; time += 1) {
    doctor.connection.needNegotiation();
    await settled();
    await deliver();
  }
  expect(patient.answered).toEqual(["doctor offer 1", "doctor offer 2"]);
  expect(doctor.connection.remote).toBe("answer to doctor offer 2");
});

test("an offer lost on its way is sent again and answered once", async () => {
  const { doctor, patient, deliver } = pair();
  doctor.connection.needNegotiation();
  await settled();
  doctor.post.length = 0;
  expect(doctor.negotiation.repeatOffer()).toBe(true);
  await deliver();
  expect(patient.answered).toEqual(["doctor offer 1"]);
  expect(doctor.connection.signalingState).toBe("stable");
  expect(doctor.negotiation.repeatOffer()).toBe(false);
});

test("the second answer to an offer that was sent twice is left alone", async () => {
  const { doctor, deliver } = pair();
  doctor.connection.needNegotiation();
  await settled();
  doctor.negotiation.repeatOffer();
  await deliver();
  expect(doctor.connection.signalingState).toBe("stable");
});

test("candidates of a description that never came do no harm", async () => {
  const { doctor } = pair();
  await doctor.negotiation.receive({ candidate: { candidate: "late" } });
  expect(doctor.connection.candidates).toEqual([]);
});

test("letters are taken in the order they came, however long one takes", async () => {
  const { doctor, patient } = pair();
  doctor.connection.needNegotiation();
  await settled();
  const [offer] = doctor.post;
  if (offer === undefined) throw new Error("the doctor offered nothing");
  await Promise.all([
    patient.negotiation.receive(offer),
    patient.negotiation.receive({ candidate: { candidate: "one" } }),
    patient.negotiation.receive({ candidate: null }),
  ]);
  expect(patient.connection.candidates).toEqual(["one", "end"]);
});
