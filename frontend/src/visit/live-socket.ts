import { backoff } from "../room/backoff";

/** What becomes of the socket itself, between the server's own words. */
export type Turn =
  /** It went, and is opened again by itself. */
  | { type: "lost" }
  /** The ticket is no good any more: the page must be loaded anew. It is not opened again. */
  | { type: "refused" };

export interface LiveSocketSetting<Word> {
  url: string;
  /** The first message, each time the socket opens. */
  hello: object;
  hear: (heard: Word | Turn) => void;
  /** After a refusal: a better first message, asked for until it can be had. Without this, none comes. */
  freshHello?: () => Promise<object>;
  openSocket?: (url: string) => WebSocket;
}

/** The server's close codes: clinicall/live/socket.py. */
const REFUSED = 4401;
const OVER = 4410;

/** A socket that stood this long was a good one. */
const HELD = 5_000;

/** The server pings every 20 s: after this much silence the socket is dead, whatever it says. */
const SILENCE = 45_000;

/** A socket opened while the network was away may take minutes to find out that it is back. */
const FIRST_WORD_WITHIN = 10_000;

/** A socket of ours with a credential in its first message. Comes back after every loss until stop(). */
export class LiveSocket<Word extends { type: string }> {
  /** To be replaced when the credential in it is. */
  hello: object;
  private socket: WebSocket | null = null;
  private attempt = 0;
  private firstWordAt: number | null = null;
  private heardAt = 0;
  private over = false;
  private retrying: ReturnType<typeof setTimeout> | undefined;
  private silence: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly setting: LiveSocketSetting<Word>) {
    this.hello = setting.hello;
    this.connect();
  }

  /** Lost without a word when the socket is down. */
  say(message: object): void {
    const { socket } = this;
    if (socket !== null && socket.readyState === socket.OPEN) socket.send(JSON.stringify(message));
  }

  /** The page is looked at again, or the network is back: what slept is not waited for. */
  wake(): void {
    const stands = this.socket !== null && Date.now() - this.heardAt < SILENCE;
    if (this.over || stands) return;
    if (this.socket !== null) this.giveUp();
    this.connect();
  }

  /** For good; `farewell` is said first when the socket stands. */
  stop(farewell?: object): void {
    if (farewell && !this.over) this.say(farewell);
    this.over = true;
    this.forget();
  }

  private connect(): void {
    this.forget();
    const open = this.setting.openSocket ?? ((url) => new WebSocket(url));
    const socket = open(this.setting.url);
    this.socket = socket;
    this.firstWordAt = null;
    this.listen(FIRST_WORD_WITHIN);
    socket.onopen = () => this.say(this.hello);
    socket.onmessage = ({ data }) => {
      this.firstWordAt ??= Date.now();
      this.listen(SILENCE);
      const message = JSON.parse(data) as Word;
      if (message.type === "ping") this.say({ type: "pong" });
      else this.setting.hear(message);
    };
    socket.onclose = ({ code }) => this.closed(code);
  }

  private closed(code: number): void {
    this.forget();
    if (this.over) return;
    const refused = code === REFUSED;
    if (code === OVER || (refused && this.setting.freshHello === undefined)) {
      this.over = true;
      if (refused) this.setting.hear({ type: "refused" });
      return;
    }
    // A server that greets everybody and fails at once is not to be hammered.
    if (this.firstWordAt !== null && Date.now() - this.firstWordAt > HELD) this.attempt = 0;
    this.firstWordAt = null;
    this.retrying = setTimeout(() => void this.comeBack(refused), backoff(this.attempt));
    this.attempt += 1;
    this.setting.hear({ type: "lost" });
  }

  private async comeBack(refused: boolean): Promise<void> {
    if (refused && this.setting.freshHello !== undefined) {
      try {
        this.hello = await this.setting.freshHello();
      } catch {
        // The server cannot be reached, or says no; what a no means is for the page to decide.
        this.closed(REFUSED);
        return;
      }
    }
    if (!this.over) this.connect();
  }

  private listen(wait: number): void {
    this.heardAt = Date.now();
    clearTimeout(this.silence);
    this.silence = setTimeout(() => this.giveUp(), wait);
  }

  /** Closing a dead socket can take minutes until the browser says so; nobody waits for it. */
  private giveUp(): void {
    this.closed(1006);
  }

  private forget(): void {
    clearTimeout(this.retrying);
    clearTimeout(this.silence);
    const { socket } = this;
    this.socket = null;
    if (socket === null) return;
    socket.onopen = null;
    socket.onmessage = null;
    socket.onclose = null;
    socket.close();
  }
}

/** The address of a socket at `path` on our own server. */
export function socketUrl(path: string): string {
  return location.origin.replace(/^http/, "ws") + path;
}
