import { announce } from "../announcer";
import { csrfToken } from "../api";
import { surroundingsOf } from "./browser";
import {
  begin,
  type Check,
  type CheckEvent,
  type Device,
  findingsOf,
  isWorthKeeping,
  next,
  verdictOf,
} from "./check";
import { measureConnection } from "./connection";
import { Level } from "./level";
import { type Opened, open, openBoth } from "./opening";
import { playTone } from "./tone";
import { CheckView, type Press } from "./view";
import { cameraShown, connectionShown, microphoneShown, said, speakerShown, words } from "./words";

/** Results come several at a time. */
const KEEP_AFTER = 500; // milliseconds

/**
 * `<device-check>`: tries out camera, microphone, speaker and connection, each after a press, and posts
 * what it found to its own page. Its content is the page without script, and is replaced.
 */
class DeviceCheck extends HTMLElement {
  #check: Check = begin(isSecureContext && navigator.mediaDevices !== undefined);
  #view!: CheckView;
  #tracks: Partial<Record<Device, MediaStreamTrack>> = {};
  #level: Level | null = null;
  #keeping = 0;
  #kept = "";

  connectedCallback(): void {
    const here = surroundingsOf(navigator.userAgent, navigator.maxTouchPoints);
    this.#view = new CheckView(this, here, (press) => this.#pressed(press));
    // A camera must not stay on behind a page that is only kept for the way back.
    addEventListener("pagehide", this.#close);
    this.#view.show(this.#check);
    if (this.#check.access === "impossible") this.#keepSoon();
  }

  disconnectedCallback(): void {
    removeEventListener("pagehide", this.#close);
    clearTimeout(this.#keeping);
    this.#close();
  }

  #close = (): void => {
    this.#release("camera");
    this.#release("microphone");
  };

  /** The one way in which the check changes. */
  #happened(event: CheckEvent): void {
    const before = this.#check;
    this.#check = next(before, event);
    if (this.#check === before) return;
    this.#view.show(this.#check);
    this.#say(before, this.#check);
    this.#keepSoon();
  }

  #pressed(press: Press): void {
    switch (press.type) {
      case "ask":
        if (this.#check.access !== "asking") void this.#ask();
        break;
      case "camera":
        void this.#turnCamera();
        break;
      case "choose":
        void this.#choose(press.device, press.deviceId);
        break;
      case "play":
        if (this.#check.speaker !== "playing") void this.#play();
        break;
      case "heard":
        this.#happened(press);
        break;
      case "measure":
        void this.#measure();
        break;
      case "copy":
        void this.#copy();
        break;
    }
  }

  async #ask(): Promise<void> {
    this.#close();
    this.#happened({ type: "ask" });
    const { camera, microphone } = await openBoth();
    this.#happened({ type: "answer", camera: camera.trouble, microphone: microphone.trouble });
    this.#use("camera", camera);
    this.#use("microphone", microphone);
    await this.#listDevices();
    // Only now: a browser that may use the camera also shows its addresses.
    if (this.#check.connection === "untested") await this.#measure();
  }

  async #turnCamera(): Promise<void> {
    if (this.#check.camera === "ok") {
      this.#release("camera");
      this.#happened({ type: "camera", on: false });
    } else if (this.#check.camera === "off") {
      await this.#choose("camera", this.#chosen("camera"));
    }
  }

  async #choose(device: Device, deviceId: string | undefined): Promise<void> {
    this.#release(device);
    const opened = await open(device, deviceId || undefined);
    this.#happened({ type: "device", device, trouble: opened.trouble });
    this.#use(device, opened);
  }

  #chosen(device: Device): string | undefined {
    return this.querySelector<HTMLSelectElement>(`#which-${device}`)?.value;
  }

  #use(device: Device, { track }: Opened): void {
    if (track === null) return;
    // The page may have gone while the person thought about the answer.
    if (!this.isConnected) {
      track.stop();
      return;
    }
    this.#tracks[device] = track;
    track.onended = () => {
      this.#release(device);
      this.#happened({ type: "device", device, trouble: "missing" });
    };
    if (device === "camera") {
      this.#view.preview.srcObject = new MediaStream([track]);
      this.#view.preview.play().catch(() => {});
    } else {
      this.#level = new Level(track, {
        level: (level) => this.#view.showLevel(level),
        voice: () => this.#happened({ type: "voice" }),
        silence: () => this.#happened({ type: "silence" }),
      });
    }
  }

  #release(device: Device): void {
    const track = this.#tracks[device];
    if (!track) return;
    delete this.#tracks[device];
    track.onended = null;
    track.stop();
    if (device === "camera") this.#view.preview.srcObject = null;
    else this.#level?.stop();
  }

  /** Names are told only to a page that may use the devices. */
  async #listDevices(): Promise<void> {
    const all = await navigator.mediaDevices.enumerateDevices();
    for (const [device, kind] of [
      ["camera", "videoinput"],
      ["microphone", "audioinput"],
    ] as const) {
      const named = all.filter((one) => one.kind === kind && one.label !== "");
      this.#view.showDevices(device, named, this.#tracks[device]?.getSettings().deviceId ?? "");
    }
  }

  async #play(): Promise<void> {
    this.#happened({ type: "play" });
    await playTone().catch(() => {});
    this.#happened({ type: "played" });
  }

  async #measure(): Promise<void> {
    if (this.#check.connection === "measuring") return;
    this.#happened({ type: "measure" });
    this.#happened({ type: "measured", connection: await measureConnection() });
  }

  async #copy(): Promise<void> {
    // Without the clipboard the address is there to be selected.
    await navigator.clipboard?.writeText(location.href).then(
      () => this.#view.showCopied(),
      () => {},
    );
  }

  /** Each result as it comes; a level is not read out. */
  #say(before: Check, after: Check): void {
    const { camera, microphone, speaker, connection } = words;
    const news = [
      after.camera !== before.camera && said(camera.heading, cameraShown(after.camera).text),
      after.microphone !== before.microphone &&
        said(microphone.heading, microphoneShown(after.microphone).text),
      after.speaker !== before.speaker &&
        (after.speaker === "played"
          ? speaker.question
          : said(speaker.heading, speakerShown(after.speaker).text)),
      after.connection !== before.connection &&
        said(connection.heading, connectionShown(after.connection).text),
      verdictOf(after) !== verdictOf(before) && words.verdict.about[verdictOf(after)],
    ].filter((text) => text !== false);
    if (news.length) announce(news.join(". "));
  }

  #keepSoon(): void {
    clearTimeout(this.#keeping);
    this.#keeping = window.setTimeout(() => void this.#keep(), KEEP_AFTER);
  }

  async #keep(): Promise<void> {
    const findings = new URLSearchParams(findingsOf(this.#check));
    if (!isWorthKeeping(this.#check) || findings.toString() === this.#kept) return;
    this.#kept = findings.toString();
    try {
      const answer = await fetch(location.pathname, {
        method: "POST",
        credentials: "same-origin",
        keepalive: true,
        headers: { "X-CSRFToken": csrfToken(document.cookie) },
        body: findings,
      });
      if (!answer.ok) this.#kept = "";
    } catch {
      // The person sees the result all the same; the next one is sent with it.
      this.#kept = "";
    }
  }
}

customElements.define("device-check", DeviceCheck);
