import { completeVisit, enterCall, type IssuedPass, leaveCall, type Outcome, Problem } from "../api";
import { AgoraLine } from "./agora";
import { announcementOf } from "./announcement";
import { type Call, type CallEvent, type Failure, type Live, LOBBY, next } from "./call";
import { type Icon, icon } from "./icons";
import { type Line, LineError, type Media } from "./line";
import { markup } from "./markup";
import { canBeClosed, noticeAction, noticeOf, noticeText } from "./notice";
import { type Panel, panelOf } from "./panel";
import { PeerLine } from "./peer";
import { PageStage } from "./stage";
import { bookedTime, clockTime, elapsed } from "./timer";
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
 * `starts-at`, `ends-at`, `closes-at` (RFC 3339, UTC). What it contains before is the page without
 * script, and is replaced. It shows its state in `data-phase`, `data-other` (absent, present),
 * `data-microphone`, `data-camera` (on, off) and `data-quality`.
 */
export class ConsultationRoom extends HTMLElement {
  private call: Call = LOBBY;
  private line: Line | null = null;
  private stage: PageStage | null = null;
  private panel = "";
  /** The server's clock minus this device's, in milliseconds; known from the first pass on. */
  private clockAhead = 0;
  private ticking: ReturnType<typeof setInterval> | undefined;
  private wakeLock: WakeLockSentinel | null = null;

  connectedCallback(): void {
    this.innerHTML = markup(this.viewer);
    this.stage = new PageStage(
      this.part<HTMLVideoElement>(".self"),
      this.part<HTMLVideoElement>(".remote"),
      this.part<HTMLAudioElement>(".room-sound"),
      (blocked) => this.happen({ type: "sound", blocked }),
    );
    this.fillIn();
    this.listen();
    this.render();
    this.ticking = setInterval(() => this.tick(), 1000);
  }

  disconnectedCallback(): void {
    clearInterval(this.ticking);
    removeEventListener("beforeunload", this.warn);
    document.removeEventListener("fullscreenchange", this.render);
    document.removeEventListener("visibilitychange", this.keepAwake);
    this.closeLine();
  }
}
