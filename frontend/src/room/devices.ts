import type { Device, DeviceTroubles, Media, Trouble } from "./line";

export type Kind = Device | "speaker";

/** A device that the browser knows; `label` is empty until the person allowed its use. */
export interface Found {
  readonly id: string;
  readonly label: string;
}

const KINDS: Readonly<Record<MediaDeviceKind, Kind>> = {
  audioinput: "microphone",
  audiooutput: "speaker",
  videoinput: "camera",
};

/** The devices to choose from. Without the person's leave a browser tells no ids, and there is no choice. */
export function choices(
  infos: readonly Pick<MediaDeviceInfo, "deviceId" | "kind" | "label">[],
): Record<Kind, Found[]> {
  const found: Record<Kind, Found[]> = { microphone: [], camera: [], speaker: [] };
  for (const { deviceId, kind, label } of infos) {
    if (deviceId !== "") found[KINDS[kind]].push({ id: deviceId, label });
  }
  return found;
}

export interface Opened<Tracks> {
  readonly tracks: Partial<Tracks>;
  readonly troubles: DeviceTroubles;
}

/**
 * Open the wanted devices with one question to the person. When that fails each is tried alone, so that
 * a missing camera does not take the microphone with it.
 */
export async function openDevices<Tracks extends Partial<Record<Device, unknown>>>(
  wanted: Media,
  open: (devices: readonly Device[]) => Promise<Tracks>,
  troubleOf: (error: unknown) => Trouble,
): Promise<Opened<Tracks>> {
  const all: Device[] = ["microphone", "camera"];
  const devices = all.filter((device) => wanted[device]);
  if (devices.length === 0) return { tracks: {}, troubles: {} };
  try {
    return { tracks: await open(devices), troubles: {} };
  } catch (error) {
    const [only, second] = devices;
    if (only !== undefined && second === undefined) {
      return { tracks: {}, troubles: { [only]: troubleOf(error) } };
    }
  }
  const alone = { microphone: false, camera: false };
  const sound = await openDevices({ ...alone, microphone: true }, open, troubleOf);
  const picture = await openDevices({ ...alone, camera: true }, open, troubleOf);
  return {
    tracks: { ...sound.tracks, ...picture.tracks },
    troubles: { ...sound.troubles, ...picture.troubles },
  };
}

/** What a rejected getUserMedia means. */
export function troubleOfMedia(error: unknown): Trouble {
  if (!(error instanceof Error)) return "unknown";
  switch (error.name) {
    case "NotAllowedError":
    case "SecurityError":
      return "permission";
    case "NotFoundError":
    case "OverconstrainedError":
      return "no-device";
    case "NotReadableError":
    case "AbortError":
      return "device-busy";
    default:
      return "unknown";
  }
}
