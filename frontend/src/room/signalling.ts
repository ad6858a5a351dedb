import { backoff } from "./backoff";
import type { Description } from "./negotiation";

/** What a page says of itself. */
export interface MediaWord {
  audio: boolean;
  video: boolean;
  /** Names the page: a new name means that the other side has forgotten the connection it had. */
  page: string;
  /** A greeting is answered with the same word; the server does not always announce both to each other. */
  greeting: boolean;
  /** Asks the side that offers for a new media path. */
  restart: boolean;
}

/** What one page says to the other. */
export type Signal = Description | { media: MediaWord };

type ServerMessage =
  | { type: "welcome"; uid: number; polite: boolean; session: string }
  | { type: "peer-joined"; session: string }
  | { type: "peer-left"; why: "left" | "lost" }
  | { type: "signal"; session: string; data: Signal }
  | { type: "replaced" }
  | { type: "ended"; status: string | null }
  | { type: "ping" };

/** The server's messages, and `lost` when the socket went; it is then opened again by itself. */
export type Heard = Exclude<ServerMessage, { type: "ping" }> | { type: "lost" };

export interface SignallingSetting {
  url: string;
  token: string;
  /** A new token when the server does not take the one we have. */
  freshToken: () => Promise<string>;
  hear: (heard: Heard) => void;
  openSocket?: (url: string) => WebSocket;
}

/** The server's close code for a pass that expired or that it does not know. */
const PASS_REFUSED = 4401;

/** A socket that stood this long was a good one. */
const HELD = 5_000;

/** The server pings every 20 s: after this much silence the socket is dead, whatever it says. */
const SILENCE = 45_000;

/** A socket opened while the network was away may take minutes to find out that it is back. */
const FIRST_WORD_WITHIN = 10_000;

/** The socket over which two pages find each other. Comes back after every loss until leave(). */
export class Signalling {
  private socket: WebSocket | null = null;
  private token: string;
  private attempt = 0;
  private welcomedAt = Number.POSITIVE_INFINITY;
  private over = false;
  private retrying: ReturnType<typeof setTimeout> | undefined;
  private silence: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly setting: SignallingSetting) {
    this.token = setting.token;
    this.connect();
  }

  /** Lost without a word when the socket is down: both sides start over when it is back. */
  send(signal: Signal): void {
    this.say({ type: "signal", data: signal });
  }

  renew(token: string): void {
    this.token = token;
    this.say({ type: "renew", token });
  }

  leave(): void {
    // After `replaced` or `ended` it is not this page that leaves.
    if (!this.over) this.say({ type: "leave" });
    this.stop();
  }

  private connect(): void {
    const open = this.setting.openSocket ?? ((url) => new WebSocket(url));
    const socket = open(this.setting.url);
    this.socket = socket;
    this.listen(FIRST_WORD_WITHIN);
    socket.onopen = () => this.say({ type: "hello", token: this.token });
    socket.onmessage = ({ data }) => {
      this.listen(SILENCE);
      this.take(JSON.parse(data) as ServerMessage);
    };
    socket.onclose = ({ code }) => this.closed(code);
  }

  private take(message: ServerMessage): void {
    if (message.type === "ping") {
      this.say({ type: "pong" });
      return;
    }
    if (message.type === "welcome") this.welcomedAt = Date.now();
    if (message.type === "replaced" || message.type === "ended") this.over = true;
    this.setting.hear(message);
  }

  private closed(code: number): void {
    clearTimeout(this.silence);
    if (this.over) return;
    // A server that welcomes everybody and fails at once is not to be hammered.
    if (Date.now() - this.welcomedAt > HELD) this.attempt = 0;
    this.welcomedAt = Number.POSITIVE_INFINITY;
    this.setting.hear({ type: "lost" });
    this.retrying = setTimeout(
      () => void this.reconnect(code === PASS_REFUSED),
      backoff(this.attempt),
    );
    this.attempt += 1;
  }

  private async reconnect(withFreshToken: boolean): Promise<void> {
    if (withFreshToken) {
      try {
        this.token = await this.setting.freshToken();
      } catch {
        // The server cannot be reached, or it refused; a refusal makes the room leave.
        this.closed(PASS_REFUSED);
        return;
      }
    }
    if (!this.over) this.connect();
  }

  private listen(wait: number): void {
    clearTimeout(this.silence);
    this.silence = setTimeout(() => this.giveUpSocket(), wait);
  }

  /** Closing a dead socket can take minutes until the browser says so; nobody waits for it. */
  private giveUpSocket(): void {
    const socket = this.socket;
    if (socket === null) return;
    socket.onclose = null;
    socket.onmessage = null;
    socket.close();
    this.closed(1006);
  }

  private say(message: object): void {
    const { socket } = this;
    if (socket?.readyState === socket?.OPEN) socket?.send(JSON.stringify(message));
  }

  private stop(): void {
    this.over = true;
    clearTimeout(this.retrying);
    clearTimeout(this.silence);
    this.socket?.close();
  }
}
