import type { Outcome } from "../api";
import { LONGEST_TEXT } from "../visit/visit-socket";
import type { Call, Live } from "./call";
import type { Chat } from "./chat";
import { ChatPanel } from "./chat-panel";
import { type DeviceChoices, DeviceMenu } from "./device-menu";
import type { Kind } from "./devices";
import { type Icon, icon } from "./icons";
import type { Device } from "./line";
import { markup } from "./markup";
import { canBeClosed, type Notice, noticeAction, noticeOf, noticeText } from "./notice";
import { type Choice, latenessOf, panelOf, type Visit } from "./panel";
import { bookedTime, elapsed } from "./timer";
import { words } from "./words";

export type Press =
  | Choice["press"]
  | { type: "toggle"; device: Device }
  | { type: "end" }
  | { type: "outcome"; outcome: Outcome }
  | { type: "chat"; open: boolean }
  | { type: "say"; text: string }
  | { type: "screen"; on: boolean }
  | { type: "devices" }
  | { type: "choose"; kind: Kind; id: string }
  | { type: "act-on"; notice: Notice }
  | { type: "read" };

const MINUTE = 60_000;
const CORNERS = ["bottom-end", "bottom-start", "top-start", "top-end"] as const;
type Corner = (typeof CORNERS)[number];

/** The room on the page: shows a call, reports presses, and decides nothing about the call. */
export class RoomView {
  readonly self: HTMLVideoElement;
  readonly remote: HTMLVideoElement;
  readonly sound: HTMLAudioElement;
  private readonly outcome: HTMLDialogElement;
  private readonly chat: ChatPanel;
  private readonly devices: DeviceMenu;
  private phase: Call["phase"] | null = null;
  private panelShown = "";
  private notice: Notice | null = null;

  constructor(
    private readonly root: HTMLElement,
    private readonly viewer: "doctor" | "patient",
    private readonly press: (press: Press) => void,
  ) {
    root.innerHTML = markup(viewer);
    this.self = this.part("video.self");
    this.remote = this.part("video.remote");
    this.sound = this.part(".room-sound");
    this.outcome = this.part(".room-outcome");
    this.chat = new ChatPanel(this.part(".room-chat"), LONGEST_TEXT, {
      send: (text) => press({ type: "say", text }),
      close: () => press({ type: "chat", open: false }),
    });
    this.devices = new DeviceMenu(this.part(".room-devices"), {
      choose: (kind, id) => press({ type: "choose", kind, id }),
    });
    root.dataset.corner = matchMedia("(width < 40rem)").matches ? "top-end" : "bottom-end";
    this.listen();
  }

  show(call: Call, visit: Visit): void {
    this.showPanel(call, visit);
    this.part(".room-live").hidden = call.phase !== "live";
    if (call.phase === "live") this.showLive(call, visit);
    this.showState(call);
    if (this.phase !== call.phase) this.enterPhase(call.phase);
  }

  showChat(chat: Chat, visit: Visit): void {
    const button = this.control("chat");
    const closes = button.getAttribute("aria-expanded") === "true" && !chat.open;
    button.setAttribute("aria-expanded", String(chat.open));
    const badge = this.part(".room-unread");
    badge.hidden = chat.unread === 0;
    badge.textContent = words.chat.unread(chat.unread);
    const { company, other, timeOf } = visit;
    const reach = company === null ? "unknown" : company.otherSince === null ? "away" : "here";
    this.chat.show(chat, reach, other, timeOf);
    if (closes) button.focus({ preventScroll: true });
  }

  /** The clock moved on. */
  tick(call: Call, visit: Visit): void {
    if (call.phase === "live") {
      this.showTimes(call, visit);
      this.showAbsent(call, visit);
    } else this.showPanel(call, visit);
  }

  announce(text: string): void {
    this.part(".room-announcer").textContent = text;
  }

  showDevices(choices: DeviceChoices): void {
    this.devices.show(choices);
  }

  get showsDevices(): boolean {
    return this.devices.isOpen;
  }

  askOutcome(other: string): void {
    this.part(".room-outcome .room-heading").textContent = words.outcome.heading(other);
    this.part(".room-outcome-about").textContent = words.outcome.about(other);
    this.outcome.showModal();
  }

  /** Follow the browser's full screen, which a key can end at any moment. */
  showScreen(): void {
    const filled = this.fillsScreen();
    const { fullScreen, exitFullScreen, fillScreen, exitFillScreen } = words.live;
    const enter = document.fullscreenEnabled ? fullScreen : fillScreen;
    const exit = document.fullscreenEnabled ? exitFullScreen : exitFillScreen;
    this.showControl("screen", filled ? "shrink" : "expand", filled ? exit : enter);
  }

  private listen(): void {
    this.onPress("microphone", () => this.press({ type: "toggle", device: "microphone" }));
    this.onPress("camera", () => this.press({ type: "toggle", device: "camera" }));
    this.onPress("chat", () => {
      const isOpen = this.control("chat").getAttribute("aria-expanded") === "true";
      this.press({ type: "chat", open: !isOpen });
    });
    this.part(".room-move").onclick = () => this.moveSelf();
    this.onPress("more", () => this.showExtras(this.root.dataset.more === undefined));
    this.part(".room-controls").onkeydown = (event) => {
      if (event.key !== "Escape" || this.root.dataset.more === undefined) return;
      this.showExtras(false);
      this.control("more").focus();
    };
    const share = this.control("share");
    // No phone can, and neither can a page whose address is not secure.
    share.hidden = navigator.mediaDevices?.getDisplayMedia === undefined;
    share.onclick = () => this.press({ type: "screen", on: share.dataset.shown === "false" });
    this.onPress("devices", () => this.press({ type: "devices" }));
    this.onPress("screen", () => void this.toggleScreen());
    this.onPress("leave", () => this.press({ type: "leave" }));
    if (this.viewer === "doctor") this.onPress("end", () => this.press({ type: "end" }));
    this.part(".room-notice-action").onclick = () => {
      if (this.notice !== null) this.press({ type: "act-on", notice: this.notice });
    };
    this.part(".room-notice-close").onclick = () => this.press({ type: "read" });
    for (const button of this.outcome.querySelectorAll<HTMLButtonElement>("[data-outcome]")) {
      button.onclick = () => {
        this.outcome.close();
        const outcome = button.dataset.outcome;
        if (outcome) this.press({ type: "outcome", outcome: outcome as Outcome });
      };
    }
  }

  /** From corner to corner, for those who cannot drag. */
  private moveSelf(): void {
    const at = CORNERS.indexOf(this.root.dataset.corner as Corner);
    const corner = CORNERS[(at + 1) % CORNERS.length] ?? CORNERS[0];
    this.root.dataset.corner = corner;
    const rtl = getComputedStyle(this.root).direction === "rtl";
    this.announce(words.said.moved[asSeen(corner, rtl)]);
  }

  /** On a phone; where there is room they always show. */
  private showExtras(shown: boolean): void {
    if (shown) this.root.dataset.more = "";
    else delete this.root.dataset.more;
    this.control("more").setAttribute("aria-expanded", String(shown));
  }

  private onPress(name: string, act: () => void): void {
    this.control(name).onclick = act;
  }

  private control(name: string): HTMLElement {
    return this.part(`[data-control="${name}"]`);
  }

  private enterPhase(phase: Call["phase"]): void {
    const first = this.phase === null;
    this.phase = phase;
    if (phase !== "live") {
      this.outcome.close();
      this.devices.close();
      this.showExtras(false);
      void this.leaveScreen();
    }
    // A page that has just loaded keeps its focus; later it goes where the next step is.
    if (first) return;
    if (phase === "live") this.control("microphone").focus({ preventScroll: true });
    else this.part(".room-panel .room-heading").focus();
  }

  private showPanel(call: Call, visit: Visit): void {
    const panel = panelOf(call, visit);
    const shown = JSON.stringify(panel);
    if (shown === this.panelShown) return;
    this.panelShown = shown;
    const section = this.part(".room-panel");
    section.hidden = panel === null;
    if (panel === null) return;
    this.part(".room-panel .room-heading").textContent = panel.heading;
    this.part(".room-lines").replaceChildren(...panel.lines.map(paragraph));
    this.part(".room-choices").replaceChildren(
      ...panel.choices.map((choice, place) => this.button(choice, place === 0)),
      ...(panel.wayHome ? this.linkHome() : []),
    );
  }

  private button(choice: Choice, likeliest: boolean): HTMLButtonElement {
    const button = document.createElement("button");
    button.type = "button";
    button.className = likeliest ? "button large" : "button large secondary";
    button.textContent = choice.label;
    button.onclick = () => this.press(choice.press);
    return button;
  }

  private linkHome(): HTMLAnchorElement[] {
    const home = this.root.getAttribute("home");
    if (home === null) return [];
    const link = document.createElement("a");
    link.className = "button large secondary";
    link.href = home;
    link.textContent = words.wayHome;
    return [link];
  }

  private showLive(call: Live, visit: Visit): void {
    const { microphone, camera } = call.own;
    const { mute, unmute, stopVideo, startVideo } = words.live;
    this.showControl(
      "microphone",
      microphone ? "microphone" : "microphoneOff",
      microphone ? mute : unmute,
    );
    this.showControl("camera", camera ? "camera" : "cameraOff", camera ? stopVideo : startVideo);
    this.control("microphone").dataset.on = String(microphone);
    this.control("camera").dataset.on = String(camera);
    this.showShare(call.screen === "shown");
    this.showScreen();
    this.showOther(call, visit);
    this.showSelf(call, visit);
    this.showTimes(call, visit);
    this.showNotice(noticeOf(call), visit);
  }

  private showShare(shown: boolean): void {
    const { shareScreen, stopSharing } = words.live;
    this.showControl("share", shown ? "screenOff" : "screen", shown ? stopSharing : shareScreen);
    this.control("share").dataset.shown = String(shown);
  }

  /** One's own picture, or why there is none. A screen within itself would be a hall of mirrors. */
  private showSelf(call: Live, visit: Visit): void {
    const screen = call.screen === "shown";
    const shows = call.own.camera && !screen && call.otherWatches;
    this.self.hidden = !shows;
    this.self.setAttribute("aria-label", words.live.self);
    this.part(".room-self-off").hidden = shows;
    const text = screen
      ? words.live.selfScreen(visit.other)
      : call.own.camera
        ? words.live.selfUnwatched(visit.other)
        : words.live.selfOff;
    if (this.part(".room-self-text").textContent === text) return;
    this.part(".room-self-text").textContent = text;
    this.part(".room-self-icon").innerHTML = icon(screen ? "screen" : "cameraOff");
  }

  private showOther(call: Live, visit: Visit): void {
    const here = call.other === "here";
    this.part(".room-name").textContent = visit.other;
    this.part(".room-other-muted").hidden = !here || call.otherMedia.microphone;
    this.part(".room-quality").hidden = !here;
    this.part(".room-quality-word").textContent = words.quality[qualityOf(call)];
    this.remote.hidden = !here || !call.otherMedia.camera || call.soundOnly;
    this.remote.setAttribute("aria-label", words.live.otherPicture(visit.other));
    this.part(".room-absent").hidden = !this.remote.hidden;
    this.part(".room-monogram").textContent = monogram(visit.other);
    this.showAbsent(call, visit);
  }

  /** In the place of the other's picture: why there is none. */
  private showAbsent(call: Live, visit: Visit): void {
    const here = call.other === "here";
    const text = {
      awaited: words.live.awaited,
      here: call.soundOnly
        ? words.live.soundOnly
        : call.otherMedia.microphone
          ? words.live.videoOff
          : words.live.listens,
      left: words.live.left,
      lost: words.live.lost,
    };
    const since = visit.company?.otherSince ?? null;
    const [late, ...advice] = latenessOf(call, visit);
    const outside =
      here || since === null ? null : words.live.outside(visit.other, visit.timeOf(since));
    this.write(".room-absent-text", late ?? outside ?? text[call.other](visit.other));
    const more = call.other === "awaited" ? [words.live.awaitedMore] : [];
    this.write(".room-absent-more", (late === undefined ? more : advice).join(" "));
  }

  private write(selector: string, text: string): void {
    const part = this.part(selector);
    if (part.textContent !== text) part.textContent = text;
  }

  private showTimes(call: Live, visit: Visit): void {
    // Both by this device's clock: where it is wrong, it is wrong alike.
    const passed = elapsed(Date.now() - (call.togetherSince ?? call.since));
    this.part(".room-elapsed").textContent =
      call.togetherSince === null ? words.live.waited(passed) : passed;
    const endsAt = visit.endsAt + visit.delayMinutes * MINUTE;
    const stand = bookedTime(visit.now, endsAt);
    const nearlyOver = stand === "nearly-over" && this.viewer === "doctor";
    const text = nearlyOver
      ? words.live.nearlyOver
      : stand === "over"
        ? words.live.over
        : words.live.ends(visit.timeOf(endsAt));
    const ends = this.part(".room-ends");
    if (ends.textContent === text) return;
    ends.textContent = text;
    if (nearlyOver) this.announce(words.said.nearlyOver);
  }

  private showNotice(notice: Notice | null, visit: Visit): void {
    this.notice = notice;
    this.part(".room-notice").hidden = notice === null;
    if (notice === null) return;
    const action = noticeAction(notice);
    this.part(".room-notice-text").textContent = noticeText(notice, visit.other);
    this.part(".room-notice-action").hidden = action === null;
    this.part(".room-notice-action").textContent = action;
    this.part(".room-notice-close").hidden = !canBeClosed(notice);
  }

  private showControl(name: string, picture: Icon, label: string): void {
    const labelled = this.part(`[data-control="${name}"] .room-control-label`);
    if (labelled.textContent === label) return;
    labelled.textContent = label;
    this.part(`[data-control="${name}"] .room-control-icon`).innerHTML = icon(picture);
  }

  /** The state for style sheets and tests to read. */
  private showState(call: Call): void {
    const live = call.phase === "live" ? call : null;
    const { dataset } = this.root;
    dataset.phase = call.phase;
    dataset.other = live?.other === "here" ? "present" : "absent";
    dataset.mic = live?.own.microphone ? "on" : "off";
    dataset.camera = live?.own.camera ? "on" : "off";
    dataset.screen = live?.screen === "shown" ? "shown" : "hidden";
    dataset.link = live?.link ?? "up";
    dataset.quality = live === null ? "checking" : qualityOf(live);
  }

  private fillsScreen(): boolean {
    return document.fullscreenElement === this.root || this.root.dataset.filled !== undefined;
  }

  private async toggleScreen(): Promise<void> {
    if (this.fillsScreen()) await this.leaveScreen();
    else if (document.fullscreenEnabled) await this.root.requestFullscreen().catch(() => {});
    else this.root.dataset.filled = "";
    this.showScreen();
  }

  private async leaveScreen(): Promise<void> {
    delete this.root.dataset.filled;
    if (document.fullscreenElement === this.root) await document.exitFullscreen();
  }

  private part<Part extends HTMLElement>(selector: string): Part {
    const part = this.root.querySelector<Part>(selector);
    if (part === null) throw new Error(`the room has no ${selector}`);
    return part;
  }
}

function qualityOf(call: Live) {
  return call.link === "up" ? call.quality.shown : "reconnecting";
}

function paragraph(text: string): HTMLParagraphElement {
  const element = document.createElement("p");
  element.textContent = text;
  return element;
}

/** Which side is the end depends on the language; people are told the one that they see. */
function asSeen(corner: Corner, rtl: boolean) {
  const edge = corner.startsWith("top") ? "top" : "bottom";
  const side = corner.endsWith("end") === rtl ? "left" : "right";
  return `${edge}-${side}` as const;
}

/** "Dr Nimal Perera" is NP. */
function monogram(name: string): string {
  const parts = name.split(/\s+/).filter((part) => !/^(dr|prof|mr|mrs|ms)\.?$/i.test(part));
  const initial = (part: string | undefined) => [...(part ?? "")][0] ?? "";
  return (parts.length > 1 ? initial(parts[0]) : "") + initial(parts.at(-1));
}
