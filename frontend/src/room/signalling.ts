import { LiveSocket } from "../visit/live-socket";
import type { Description } from "./negotiation";

/** What a page says of itself. */
export interface MediaWord {
  audio: boolean;
  video: boolean;
  /** Whether this side wants the other's picture; a page loaded before an update does not say. */
  watches?: boolean;
  /** Names the page: a new name means that the other side has forgotten the connection it had. */
  page: string;
  /** A greeting is answered with the same word; the server does not always announce both to each other. */
  greeting: boolean;
  /** Asks the side that offers for a new media path. */
  restart: boolean;
}

/** What one page says to the other. */
export type Signal = Description | { media: MediaWord };

/** The server's messages, and `lost` when the socket went; it is then opened again by itself. */
export type Heard =
  | { type: "welcome"; uid: number; polite: boolean; session: string }
  | { type: "peer-joined"; session: string }
  | { type: "peer-left"; why: "left" | "lost" }
  | { type: "signal"; session: string; data: Signal }
  | { type: "replaced" }
  | { type: "ended"; status: string | null }
  | { type: "lost" };

export interface SignallingSetting {
  url: string;
  token: string;
  /** A new token when the server does not take the one we have. */
  freshToken: () => Promise<string>;
  hear: (heard: Heard) => void;
  openSocket?: (url: string) => WebSocket;
}

/** The socket over which two pages find each other. Comes back after every loss until leave(). */
export class Signalling {
  private readonly socket: LiveSocket<Heard>;

  constructor({ url, token, freshToken, hear, openSocket }: SignallingSetting) {
    this.socket = new LiveSocket<Heard>({
      url,
      hello: helloWith(token),
      freshHello: async () => helloWith(await freshToken()),
      hear: (heard) => {
        // After these it is not this page that leaves, and there is nothing to come back to.
        if (heard.type === "replaced" || heard.type === "ended") this.socket.stop();
        if (heard.type !== "refused") hear(heard);
      },
      ...(openSocket && { openSocket }),
    });
  }

  /** Lost without a word when the socket is down: both sides start over when it is back. */
  send(signal: Signal): void {
    this.socket.say({ type: "signal", data: signal });
  }

  renew(token: string): void {
    this.socket.hello = helloWith(token);
    this.socket.say({ type: "renew", token });
  }

  leave(): void {
    this.socket.stop({ type: "leave" });
  }
}

function helloWith(token: string): object {
  return { type: "hello", token };
}
