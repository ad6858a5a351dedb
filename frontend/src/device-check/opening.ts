import type { Device } from "./check";
import { type Trouble, troubleOf } from "./trouble";

export interface Opened {
  readonly track: MediaStreamTrack | null;
  readonly trouble: Trouble | null;
}

/** Camera and microphone with one question to the person; when that fails for one, the other still opens. */
export async function openBoth(): Promise<Record<Device, Opened>> {
  try {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: true });
    const [camera, microphone] = [stream.getVideoTracks()[0], stream.getAudioTracks()[0]];
    return { camera: opened(camera), microphone: opened(microphone) };
  } catch (error) {
    // Who closed the question shall not be asked two more at once.
    if ((await whyNot(error, "microphone")) === "dismissed") {
      const closed: Opened = { track: null, trouble: "dismissed" };
      return { camera: closed, microphone: closed };
    }
    return { camera: await open("camera"), microphone: await open("microphone") };
  }
}

/** One of them: this one, or the one the browser prefers. */
export async function open(device: Device, deviceId?: string): Promise<Opened> {
  const wish = deviceId === undefined ? true : { deviceId: { exact: deviceId } };
  try {
    const stream = await navigator.mediaDevices.getUserMedia(
      device === "camera" ? { video: wish } : { audio: wish },
    );
    return opened(stream.getTracks()[0]);
  } catch (error) {
    return { track: null, trouble: await whyNot(error, device) };
  }
}

function opened(track: MediaStreamTrack | undefined): Opened {
  return track ? { track, trouble: null } : { track: null, trouble: "missing" };
}

async function whyNot(error: unknown, device: Device): Promise<Trouble> {
  return troubleOf(error, await permissionOf(device));
}

/** Null where the browser does not say. */
async function permissionOf(device: Device): Promise<PermissionState | null> {
  try {
    const { state } = await navigator.permissions.query({ name: device as PermissionName });
    return state;
  } catch {
    return null;
  }
}
