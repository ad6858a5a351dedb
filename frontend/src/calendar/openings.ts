import { whenBack } from "../back";

/** What becomes of a doctor's openings while one looks. `resync`: some of it was missed, ask anew. */
export type OpeningNews = { event: "taken" | "released"; slotId: string } | { event: "resync" };

type Listener = (news: OpeningNews) => void;

// A browser allows a site few connections at a time, so calendar and form listen to one.
const streams = new Map<string, OpeningStream>();

const AGAIN_AFTER = 5000; // milliseconds, and up to as much again: everybody was refused at once

/** Hear news of this doctor's openings until the answered function is called. */
export function watchOpenings(doctor: string, listener: Listener): () => void {
  const stream = streams.get(doctor) ?? new OpeningStream(doctor);
  streams.set(doctor, stream);
  stream.listeners.add(listener);
  return () => {
    stream.listeners.delete(listener);
    if (stream.listeners.size > 0) return;
    stream.close();
    streams.delete(doctor);
  };
}

/**
 * A browser comes back by itself to a line that broke, and the server then says `resync`. It does not where
 * the server refused, nor soon where the line died without a word, as it does in a computer's sleep.
 */
class OpeningStream {
  readonly listeners = new Set<Listener>();
  #source: EventSource;
  #again: ReturnType<typeof setTimeout> | undefined;
  #stopMinding: () => void;

  constructor(readonly doctor: string) {
    this.#source = this.#open();
    this.#stopMinding = whenBack(this.#reopen);
  }

  close(): void {
    this.#stopMinding();
    clearTimeout(this.#again);
    this.#source.close();
  }

  #open(): EventSource {
    const source = new EventSource(`/api/v1/doctors/${this.doctor}/slots/stream`);
    for (const event of ["taken", "released"] as const) {
      source.addEventListener(event, ({ data }) =>
        this.#tell({ event, slotId: JSON.parse(data).slotId }),
      );
    }
    source.addEventListener("resync", () => this.#tell({ event: "resync" }));
    source.addEventListener("error", () => {
      if (source.readyState !== source.CLOSED) return;
      this.#again = setTimeout(this.#reopen, AGAIN_AFTER * (1 + Math.random()));
    });
    return source;
  }

  #reopen = (): void => {
    clearTimeout(this.#again);
    this.#source.close();
    this.#source = this.#open();
    this.#source.addEventListener("open", () => this.#tell({ event: "resync" }), { once: true });
  };

  #tell(news: OpeningNews): void {
    for (const listener of [...this.listeners]) listener(news);
  }
}
