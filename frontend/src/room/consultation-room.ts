import {
  completeVisit,
  enterCall,
  type IssuedPass,
  leaveCall,
  type Outcome,
  Problem,
} from "../api";
import { instantTime, pageZone, zoneLabel } from "../time";
import type { VisitHeard } from "../visit/visit-socket";
import { AgoraLine } from "./agora";
import { announcementOf } from "./announcement";
import { Attendance } from "./attendance";
import { type Call, type CallEvent, type Failure, LOBBY, next, placeIn } from "./call";
import { type Chat, type ChatEvent, EMPTY, nextChat } from "./chat";
import { type Company, companyOf, hasCome } from "./company";
import { choices, type Kind } from "./devices";
import {
  type Chosen,
  type Device,
  type Line,
  LineError,
  type LineSetting,
  type Media,
} from "./line";
import type { Notice } from "./notice";
import { latenessOf, type Visit } from "./panel";
import { PeerLine } from "./peer";
import { PageStage } from "./stage";
import { type Press, RoomView } from "./view";
import { WakeLock } from "./wake-lock";
import { words } from "./words";

const FAILURES: Readonly<Record<string, Failure>> = {
  unreachable: "network",
  not_confirmed: "not-confirmed",
  not_signed_in: "not-signed-in",
  not_found: "not-found",
};

/**
 * The consultation room of one appointment.
 *
 * Attributes: `appointment` (its id), `viewer` (doctor or patient), `other` (the name to show),
 * `starts-at`, `ends-at` (as booked; RFC 3339, UTC), `delay` (minutes that the doctor said to be late),
 * `closes-at` (with it), `ticket` (lets this page be seen at the visit),
 * `phone` (the clinic's, or empty), and `home`, the address of the list of appointments, which may be
 * missing. Its content is the page without script, and is replaced.
 * State to read: `data-phase`, `data-other` (absent, present), `data-mic` and `data-camera` (on, off),
 * `data-screen` (shown, hidden),
 * `data-link` (up, reconnecting, blocked), `data-quality`.
 */
export class ConsultationRoom extends HTMLElement {
  private call: Call = LOBBY;
  private view!: RoomView;
  private stage!: PageStage;
  private line: Line | null = null;
  private readonly wakeLock = new WakeLock();
  private attendance!: Attendance;
  private company: Company | null = null;
  private saidLate = "";
  private chat: Chat = EMPTY;
  private chosen: Chosen = {};
  private ticking: ReturnType<typeof setInterval> | undefined;
  /** The server's clock minus this device's, in milliseconds; known from the server's first word on. */
  private clockAhead = 0;

  connectedCallback(): void {
    this.view = new RoomView(this, this.viewer, (press) => this.pressed(press));
    const { self, remote, sound } = this.view;
    this.stage = new PageStage(self, remote, sound, (blocked) =>
      this.happened({ type: "sound", blocked }),
    );
    this.ticking = setInterval(() => this.tick(), 1000);
    addEventListener("beforeunload", this.warn);
    document.addEventListener("fullscreenchange", this.followScreen);
    const ticket = this.getAttribute("ticket") ?? "";
    this.attendance = new Attendance(this.appointment, ticket, (heard) => this.hear(heard));
    // Missing where the address is not secure; the call then says so itself.
    navigator.mediaDevices?.addEventListener("devicechange", this.followDevices);
    addEventListener("online", this.attendance.wake);
    document.addEventListener("visibilitychange", this.attendance.wake);
    this.attendance.be(placeIn(this.call));
    this.view.show(this.call, this.visit);
  }

  disconnectedCallback(): void {
    clearInterval(this.ticking);
    removeEventListener("beforeunload", this.warn);
    document.removeEventListener("fullscreenchange", this.followScreen);
    navigator.mediaDevices?.removeEventListener("devicechange", this.followDevices);
    removeEventListener("online", this.attendance.wake);
    document.removeEventListener("visibilitychange", this.attendance.wake);
    this.attendance.be(null);
    this.closeLine();
    this.call = LOBBY;
    this.company = null;
    this.chat = EMPTY;
  }

  /** Something was plugged in or taken away. */
  private readonly followDevices = async () => {
    const { speaker: found } = choices(await navigator.mediaDevices.enumerateDevices());
    const { speaker } = this.stage;
    if (this.stage.canChooseSpeaker && speaker !== "" && found.every(({ id }) => id !== speaker)) {
      await this.stage.speakThrough("");
      const label = words.devices.standard;
      this.happened({ type: "fell-back", device: "speaker", label });
    }
    if (this.view.showsDevices) await this.showDevices();
  };

  /** The clock moved on. */
  private tick(): void {
    const { call, visit } = this;
    this.view.tick(call, visit);
    const [news = ""] = latenessOf(call, visit);
    if (news && news !== this.saidLate) this.view.announce(news);
    this.saidLate = news;
  }

  private readonly followScreen = () => this.view.showScreen();

  /** A slip of the finger on "back" should not take a person out of the visit. */
  private readonly warn = (event: BeforeUnloadEvent) => {
    if (this.call.phase === "live") event.preventDefault();
  };

  private get appointment(): string {
    return this.getAttribute("appointment") ?? "";
  }

  private get viewer(): "doctor" | "patient" {
    return this.getAttribute("viewer") === "doctor" ? "doctor" : "patient";
  }

  private get visit(): Visit {
    const instant = (name: string) => Date.parse(this.getAttribute(name) ?? "");
    return {
      viewer: this.viewer,
      other: this.getAttribute("other") ?? "",
      startsAt: instant("starts-at"),
      delayMinutes: Number(this.getAttribute("delay")),
      endsAt: instant("ends-at"),
      closesAt: instant("closes-at"),
      company: this.company,
      phone: this.getAttribute("phone") ?? "",
      now: Date.now() + this.clockAhead,
      zone: zoneLabel(pageZone(), new Date()),
      timeOf: (moment) => instantTime(new Date(moment), pageZone()),
    };
  }

  /** The one way in which the call changes. */
  private happened(event: CallEvent): void {
    const before = this.call;
    this.call = next(before, event);
    if (this.call === before) return;
    if (!isOpen(this.call)) this.closeLine();
    this.attendance.be(placeIn(this.call));
    if (this.call.phase === "ended") this.chatted({ type: "forget" });
    if (this.call.phase === "live") this.wakeLock.hold();
    else this.wakeLock.release();
    const { visit } = this;
    const said = announcementOf(before, this.call, visit.other);
    if (said !== null) this.view.announce(said);
    this.view.show(this.call, visit);
  }

  /** What the clinic says on either line. */
  private hear(heard: VisitHeard): void {
    switch (heard.type) {
      case "here":
        this.clockAhead = Date.parse(heard.now) - Date.now();
        this.setAttribute("delay", `${heard.delayMinutes}`);
        this.setAttribute("closes-at", heard.closesAt);
        this.companyIs(companyOf(heard, this.viewer));
        break;
      case "ended":
        this.happened(heard);
        break;
      case "chat":
        this.wrote("other", heard.text);
        break;
      case "lost":
      case "refused":
        this.companyIs(null);
        break;
    }
  }

  private companyIs(company: Company | null): void {
    const before = this.company;
    this.company = company;
    const { visit } = this;
    // In the call it is the line that says who comes.
    if (this.call.phase !== "live" && hasCome(before, company)) {
      this.view.announce(words.said.here(visit.other));
    }
    this.view.show(this.call, visit);
    this.view.showChat(this.chat, visit);
  }

  private wrote(from: "me" | "other", text: string): void {
    this.chatted({ type: "message", from, text, at: this.visit.now });
    // An open chat reads itself out.
    if (from === "other" && !this.chat.open) {
      this.view.announce(words.said.message(this.visit.other, text));
    }
  }

  private chatted(event: ChatEvent): void {
    this.chat = nextChat(this.chat, event);
    this.view.showChat(this.chat, this.visit);
  }

  private pressed(press: Press): void {
    switch (press.type) {
      case "join":
        void this.join(press.wanted);
        break;
      case "leave":
        this.leave();
        break;
      case "toggle":
        this.toggle(press.device);
        break;
      case "end":
        this.end();
        break;
      case "chat":
        this.chatted({ type: press.open ? "open" : "close" });
        break;
      case "say":
        this.attendance.chat(press.text);
        this.wrote("me", press.text);
        break;
      case "outcome":
        void this.complete(press.outcome);
        break;
      case "screen":
        void this.line?.showScreen(press.on);
        break;
      case "devices":
        void this.showDevices();
        break;
      case "choose":
        void this.choose(press.kind, press.id);
        break;
      case "act-on":
        this.actOn(press.notice);
        break;
      case "read":
        this.happened(press);
        break;
    }
  }

  private async join(wanted: Media): Promise<void> {
    this.happened({ type: "join", wanted });
    const attempt = this.call;
    try {
      const pass = await this.enter();
      // The person may have thought better of it meanwhile.
      if (this.call !== attempt) return;
      const line = this.openLine(pass);
      this.line = line;
      await line.join(wanted);
    } catch (error) {
      if (this.call === attempt) this.failed(error);
    }
  }

  /** What a line that is no longer ours has to tell changes nothing. */
  private openLine(pass: IssuedPass): Line {
    const setting: LineSetting = {
      pass,
      stage: this.stage,
      chosen: this.chosen,
      tell: (event) => {
        if (this.line !== line) return;
        if (event.type === "fell-back") this.forget(event.device);
        this.happened(event);
      },
      freshPass: async () => {
        try {
          return await this.enter();
        } catch (error) {
          if (this.line === line && error instanceof Problem && !error.isPassing)
            this.failed(error);
          throw error;
        }
      },
    };
    const line = pass.provider === "agora" ? new AgoraLine(setting) : new PeerLine(setting);
    return line;
  }

  private async enter(): Promise<IssuedPass> {
    const pass = await enterCall(this.appointment);
    this.clockAhead = pass.issuedAt - Date.now();
    return pass;
  }

  private closeLine(): void {
    const { line } = this;
    this.line = null;
    void line?.leave();
  }

  private leave(): void {
    this.happened({ type: "leave" });
    // The server would also notice by the silence, only later.
    leaveCall(this.appointment).catch(() => {});
  }

  private toggle(device: Device): void {
    if (this.call.phase === "live") this.turn(device, !this.call.own[device]);
  }

  private turn(device: Device, on: boolean): void {
    void (device === "microphone" ? this.line?.setMicrophone(on) : this.line?.setCamera(on));
  }

  private async showDevices(): Promise<void> {
    const found = choices(await navigator.mediaDevices.enumerateDevices());
    const { line, stage } = this;
    if (line === null) return;
    const used = (device: Device) => line.using(device) ?? this.chosen[device] ?? null;
    this.view.showDevices({
      camera: { found: found.camera, used: used("camera") },
      microphone: { found: found.microphone, used: used("microphone") },
      speaker: stage.canChooseSpeaker ? { found: found.speaker, used: stage.speaker } : null,
    });
  }

  private async choose(kind: Kind, id: string): Promise<void> {
    if (kind === "speaker") {
      await this.stage.speakThrough(id);
    } else {
      this.chosen = { ...this.chosen, [kind]: id };
      await this.line?.use(kind, id);
    }
    // What is in use is not always what was asked for.
    if (this.view.showsDevices) await this.showDevices();
  }

  /** A device that was taken away is not asked for again. */
  private forget(device: Kind): void {
    if (device === "speaker") return;
    const { [device]: _gone, ...chosen } = this.chosen;
    this.chosen = chosen;
  }

  private actOn(notice: Notice): void {
    if (notice.type === "sound-blocked") void this.stage.resumeSound();
    if (notice.type === "poor") this.keepSound(true);
    if (notice.type === "sound-only") this.keepSound(false);
    if (notice.type === "devices") for (const device of notice.devices) this.turn(device, true);
  }

  /** With `on`, neither picture goes over the link; one's own comes back only by its own button. */
  private keepSound(on: boolean): void {
    this.happened({ type: "sound-only", on });
    void this.line?.watch(!on);
    if (!on) return;
    void this.line?.setCamera(false);
    void this.line?.showScreen(false);
  }

  /** Only the doctor knows whether a patient was there whom this page never saw, say before a reload. */
  private end(): void {
    if (this.call.phase !== "live") return;
    if (this.call.togetherSince === null) this.view.askOutcome(this.visit.other);
    else void this.complete("attended");
  }

  private async complete(outcome: Outcome): Promise<void> {
    try {
      await completeVisit(this.appointment, outcome);
      this.happened({ type: "ended", status: "completed" });
    } catch (error) {
      this.happened({ type: "end-refused", detail: this.whyNotEnded(error) });
    }
  }

  private whyNotEnded(error: unknown): string {
    const { now, startsAt, timeOf } = this.visit;
    if (now < startsAt) return words.notice.endTooEarly(timeOf(startsAt));
    return error instanceof Problem && !error.isPassing ? error.message : words.notice.endRefused;
  }

  private failed(error: unknown): void {
    this.happened(failureOf(error));
  }
}

function isOpen(call: Call): boolean {
  return call.phase === "joining" || call.phase === "live";
}

/** What a refusal or a fault means for the call. */
function failureOf(error: unknown): CallEvent {
  if (error instanceof LineError) return { type: "failed", trouble: error.trouble };
  if (!(error instanceof Problem)) return { type: "failed", trouble: "unknown" };
  switch (error.code) {
    case "too_early":
      return { type: "too-early", opensAt: error.fact("opensAt") };
    case "room_closed":
      return { type: "ended", status: error.fact("appointmentStatus") };
    default: {
      const failure = FAILURES[error.code] ?? "unknown";
      // What is explained needs no reference.
      const reference = failure === "unknown" ? error.fact("requestId") : null;
      return { type: "refused", failure, reference };
    }
  }
}
