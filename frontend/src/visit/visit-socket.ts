import { LiveSocket, type LiveSocketSetting, socketUrl, type Turn } from "./live-socket";

export type Place = "waiting" | "room";

/** Who is at the visit: since when each has been there without a break, or null. RFC 3339 in UTC. */
export interface Here {
  type: "here";
  /** The server's clock as it said this. */
  now: string;
  doctor: string | null;
  patient: string | null;
  /** The doctor is in the room of another visit. */
  doctorIsBusy: boolean;
  /** By how much the doctor said to be late; 0 is on time. */
  delayMinutes: number;
  closesAt: string;
}

export type VisitWord =
  | Here
  | { type: "chat"; text: string }
  /** The visit is over or called off; the socket closes and does not come back. */
  | { type: "ended"; status: string };

export type VisitHeard = VisitWord | Turn;

/** The longest chat message that the server takes, in characters. */
export const LONGEST_TEXT = 2_000;

export interface VisitSetting {
  appointment: string;
  /** From the page; it says whose page this is. */
  ticket: string;
  place: Place;
  hear: (heard: VisitHeard) => void;
  openSocket?: LiveSocketSetting<VisitWord>["openSocket"];
}

/** This page's person is at the visit for as long as this stands: what the clinic knows of who came. */
export class VisitSocket {
  private readonly socket: LiveSocket<VisitWord>;

  constructor({ appointment, ticket, place, hear, openSocket }: VisitSetting) {
    this.socket = new LiveSocket({
      url: socketUrl(`/ws/visits/${appointment}`),
      hello: { type: "hello", ticket, place },
      hear,
      ...(openSocket && { openSocket }),
    });
  }

  /** Lost without a word when the socket is down. */
  chat(text: string): void {
    this.socket.say({ type: "chat", text });
  }

  wake(): void {
    this.socket.wake();
  }

  leave(): void {
    this.socket.stop({ type: "leave" });
  }
}
