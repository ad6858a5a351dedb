import type { Surroundings } from "./browser";
import { type Check, type Device, isOpen, verdictOf } from "./check";
import {
  cameraShown,
  connectionShown,
  explain,
  microphoneShown,
  type Shown,
  speakerShown,
  words,
} from "./words";

export type Press =
  | { type: "ask" }
  | { type: "camera" }
  | { type: "choose"; device: Device; deviceId: string }
  | { type: "play" }
  | { type: "heard"; yes: boolean }
  | { type: "measure" }
  | { type: "copy" };

type Step = "camera" | "microphone" | "speaker" | "connection";

/** The device check on the page: shows a check, reports presses, and decides nothing. */
export class CheckView {
  readonly preview: HTMLVideoElement;

  constructor(
    private readonly root: HTMLElement,
    private readonly here: Surroundings,
    press: (press: Press) => void,
  ) {
    root.innerHTML = markup();
    this.preview = this.part("video");
    for (const button of root.querySelectorAll<HTMLButtonElement>("button[data-press]")) {
      button.onclick = () => press(JSON.parse(button.dataset.press ?? ""));
    }
    for (const device of ["camera", "microphone"] as const) {
      const choice = this.part<HTMLSelectElement>(`#which-${device}`);
      choice.onchange = () => press({ type: "choose", device, deviceId: choice.value });
    }
  }

  show(check: Check): void {
    this.showAsking(check);
    this.showStep("camera", cameraShown(check.camera), this.fixOf(check.camera, "camera"));
    this.showStep(
      "microphone",
      microphoneShown(check.microphone),
      this.fixOf(check.microphone, "microphone"),
    );
    const { notHeard } = words.speaker;
    this.showStep(
      "speaker",
      speakerShown(check.speaker),
      check.speaker === "not_heard" ? notHeard : "",
    );
    const { poor, none } = words.connection;
    const advice = { poor, none } as Partial<Record<Check["connection"], string>>;
    this.showStep("connection", connectionShown(check.connection), advice[check.connection] ?? "");
    this.showControls(check);
    const verdict = verdictOf(check);
    this.part(".check-verdict").dataset.verdict = verdict;
    this.write(".check-verdict-text", words.verdict.about[verdict]);
  }

  showLevel(level: number): void {
    this.part<HTMLMeterElement>("meter").value = level;
  }

  /** Which devices there are; one alone is no choice. */
  showDevices(device: Device, devices: readonly MediaDeviceInfo[], current: string): void {
    const choice = this.part<HTMLSelectElement>(`#which-${device}`);
    choice.replaceChildren(
      ...devices.map(
        ({ label, deviceId }) => new Option(label, deviceId, false, deviceId === current),
      ),
    );
    this.hide(`[data-choose="${device}"]`, devices.length < 2);
  }

  showCopied(): void {
    this.write('[data-press*="copy"]', words.copied);
  }

  private showAsking(check: Check): void {
    const { access, camera, microphone } = check;
    const app = this.here.insideApp;
    this.hide(".check-app", app === null);
    if (app) this.write(".check-app-text", words.inApp(app));
    const { insecure, unsupported } = words.impossible;
    this.hide(".check-impossible", access !== "impossible");
    this.write(".check-impossible", isSecureContext ? unsupported : insecure);
    const works = isOpen(microphone) && (camera === "ok" || camera === "off");
    const button = this.part<HTMLButtonElement>('[data-press*="ask"]');
    button.hidden = access === "impossible" || works;
    button.setAttribute("aria-disabled", String(access === "asking"));
    const { press, again, asking, why } = words.ask;
    button.textContent = access === "answered" ? again : press;
    this.write(".check-why", access === "asking" ? asking : why);
    this.hide('[data-step="ask"]', works);
  }

  private fixOf(state: string, device: Device): string {
    switch (state) {
      case "dismissed":
      case "denied":
      case "blocked":
      case "in_use":
      case "missing":
      case "failed":
      case "silent":
        return explain(state, device, this.here);
      default:
        return "";
    }
  }

  private showStep(step: Step, { text, kind }: Shown, fix: string): void {
    const chip = this.part(`[data-step="${step}"] .chip`);
    chip.textContent = text;
    chip.className = `chip ${kind}`;
    this.write(`[data-step="${step}"] .check-fix`, fix);
    this.hide(`[data-step="${step}"] .check-fix`, fix === "");
  }

  private showControls({ camera, microphone, speaker, connection }: Check): void {
    const { start, stop } = words.camera;
    this.hide(".check-preview", camera !== "ok");
    this.hide("[data-press*='\"camera\"']", camera !== "ok" && camera !== "off");
    this.write("[data-press*='\"camera\"']", camera === "off" ? start : stop);
    this.hide(".check-level", !isOpen(microphone));
    this.write(
      '[data-press*="play"]',
      speaker === "untested" ? words.speaker.play : words.speaker.again,
    );
    this.hide(".check-heard", speaker !== "played");
    const { press, again } = words.connection;
    this.write('[data-press*="measure"]', connection === "untested" ? press : again);
    this.part('[data-press*="measure"]').setAttribute(
      "aria-disabled",
      String(connection === "measuring"),
    );
  }

  private write(selector: string, text: string): void {
    const part = this.part(selector);
    if (part.textContent !== text) part.textContent = text;
  }

  private hide(selector: string, hidden: boolean): void {
    this.part(selector).hidden = hidden;
  }

  private part<Part extends HTMLElement = HTMLElement>(selector: string): Part {
    const part = this.root.querySelector<Part>(selector);
    if (part === null) throw new Error(`no ${selector} in the device check`);
    return part;
  }
}

function button(press: Press, text: string, kind = "secondary"): string {
  return `<button type="button" class="button ${kind}" data-press='${JSON.stringify(press)}'>${text}</button>`;
}

function step(name: Step, heading: string, inside: string): string {
  return `
  <section class="panel stack tight check-step" data-step="${name}" aria-labelledby="check-${name}">
    <div class="row apart"><h2 id="check-${name}">${heading}</h2><span class="chip"></span></div>
    <p class="check-fix" hidden></p>
    ${inside}
  </section>`;
}

function choice(device: Device, label: string): string {
  return `<div class="field" data-choose="${device}" hidden>
    <label class="label" for="which-${device}">${label}</label>
    <select id="which-${device}"></select>
  </div>`;
}

function markup(): string {
  const { ask, camera, microphone, speaker, connection, verdict } = words;
  return `
  <div class="notice warn check-app" hidden>
    <p class="check-app-text"></p>
    <p class="check-address"><bdi>${location.origin}${location.pathname}</bdi></p>
    ${button({ type: "copy" }, words.copy)}
  </div>
  <div class="check-columns">
    <div>
      <section class="panel stack tight" data-step="ask" aria-labelledby="check-ask">
        <h2 id="check-ask">${ask.heading}</h2>
        <p class="check-why"></p>
        <p class="check-impossible notice danger" hidden></p>
        ${button({ type: "ask" }, ask.press, "")}
      </section>
      ${step(
        "camera",
        camera.heading,
        `<div class="check-preview" hidden><video playsinline muted aria-label="${camera.preview}"></video></div>
        ${choice("camera", camera.choose)}
        ${button({ type: "camera" }, camera.stop)}`,
      )}
    </div>
    <div>
      ${step(
        "microphone",
        microphone.heading,
        `<div class="check-level" hidden>
          <p>${microphone.speak}</p>
          <meter min="0" max="1" aria-label="${microphone.meter}"></meter>
        </div>
        ${choice("microphone", microphone.choose)}`,
      )}
      ${step(
        "speaker",
        speaker.heading,
        `<p>${speaker.about}</p>
        <div class="check-heard" role="group" aria-labelledby="check-question" hidden>
          <p id="check-question">${speaker.question}</p>
          <div class="buttons">
            ${button({ type: "heard", yes: true }, speaker.yes, "")}
            ${button({ type: "heard", yes: false }, speaker.no)}
          </div>
        </div>
        ${button({ type: "play" }, speaker.play)}`,
      )}
      ${step("connection", connection.heading, `<p>${connection.about}</p>${button({ type: "measure" }, connection.press)}`)}
      <section class="check-verdict stack tight" aria-labelledby="check-verdict">
        <h2 id="check-verdict">${verdict.heading}</h2>
        <p class="check-verdict-text"></p>
        <p class="muted small">${verdict.kept}</p>
      </section>
    </div>
  </div>`;
}
