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
    return {
      camera: await openAfter(error, "camera"),
      microphone: await openAfter(error, "microphone"),
    };
  }
}

/** Who closed the question is not asked the next one at once. */
async function openAfter(error: unknown, device: Device): Promise<Opened> {
  const trouble = await whyNot(error, device);
  return trouble === "dismissed" ? { track: null, trouble } : open(device);
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
