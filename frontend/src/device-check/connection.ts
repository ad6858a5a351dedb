import { levelOf, steadied, UNMEASURED } from "../room/quality";
import type { Strength } from "./check";

const ANSWERS_WITHIN = 5_000; // milliseconds
const LOOKS = 5;

/** Whether this browser makes calls at all, and how quickly the clinic answers it; nobody else is asked. */
export async function measureConnection(): Promise<Strength | "none"> {
  const [connects, roundTripMs] = await Promise.all([loopback(), roundTrip()]);
  if (!connects || roundTripMs === null) return "none";
  const { shown } = steadied(UNMEASURED, levelOf(roundTripMs, 0));
  return shown === "fair" || shown === "poor" ? shown : "good";
}

/** The middle of a few round trips to our server, or null when it cannot be reached. */
async function roundTrip(): Promise<number | null> {
  const times: number[] = [];
  try {
    // The first also opens the connection, and does not count.
    for (let look = 0; look <= LOOKS; look += 1) {
      const asked = performance.now();
      const signal = AbortSignal.timeout(ANSWERS_WITHIN);
      await fetch("/healthz", { cache: "no-store", signal });
      if (look > 0) times.push(performance.now() - asked);
    }
  } catch {
    return null;
  }
  return times.sort((a, b) => a - b)[Math.floor(LOOKS / 2)] ?? null;
}

/** True when two ends on this page find each other, or when that proves nothing. */
async function loopback(): Promise<boolean> {
  if (typeof RTCPeerConnection === "undefined") return false;
  const [here, there] = [new RTCPeerConnection(), new RTCPeerConnection()];
  const addresses: string[] = [];
  const pass = (to: RTCPeerConnection) => (event: RTCPeerConnectionIceEvent) => {
    if (event.candidate?.address) addresses.push(event.candidate.address);
    if (event.candidate) to.addIceCandidate(event.candidate).catch(() => {});
  };
  here.onicecandidate = pass(there);
  there.onicecandidate = pass(here);
  const channel = here.createDataChannel("check");
  const opened = new Promise<boolean>((resolve) => {
    channel.onopen = () => resolve(true);
    setTimeout(() => resolve(false), ANSWERS_WITHIN);
  });
  try {
    await here.setLocalDescription();
    await there.setRemoteDescription(here.localDescription as RTCSessionDescription);
    await there.setLocalDescription();
    await here.setRemoteDescription(there.localDescription as RTCSessionDescription);
    // A browser that may not use the camera hides its addresses behind names of the local network,
    // and not every network can look them up.
    return (await opened) || addresses.some((address) => address.endsWith(".local"));
  } catch {
    return false;
  } finally {
    here.close();
    there.close();
  }
}
