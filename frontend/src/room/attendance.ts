import { type Place, type VisitHeard, VisitSocket } from "../visit/visit-socket";

/** Keeps the clinic told where this page's person is, whichever line carries the call. */
export class Attendance {
  private place: Place | null = null;
  private socket: VisitSocket | null = null;
  /** Who leaves one place only once they are seen in the next is never seen as gone. */
  private before: VisitSocket | null = null;

  constructor(
    private readonly appointment: string,
    private readonly ticket: string,
    private readonly hear: (heard: VisitHeard) => void,
  ) {}

  /** Be there from now on, or, with null, gone. */
  be(place: Place | null): void {
    if (place === this.place) return;
    this.place = place;
    this.leaveBefore();
    this.before = this.socket;
    this.socket = place === null ? null : this.open(place);
    if (place === null) this.leaveBefore();
  }

  /** Lost without a word when the clinic cannot be reached. */
  chat(text: string): void {
    this.socket?.chat(text);
  }

  readonly wake = (): void => this.socket?.wake();

  private open(place: Place): VisitSocket {
    const { appointment, ticket } = this;
    const socket: VisitSocket = new VisitSocket({
      appointment,
      ticket,
      place,
      hear: (heard) => {
        if (this.socket !== socket) return;
        this.leaveBefore();
        this.hear(heard);
      },
    });
    return socket;
  }

  private leaveBefore(): void {
    this.before?.leave();
    this.before = null;
  }
}
