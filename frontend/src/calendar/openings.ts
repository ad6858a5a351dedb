/** What becomes of a doctor's openings while one looks. `resync`: some of it was missed, ask anew. */
export type OpeningNews = { event: "taken" | "released"; slotId: string } | { event: "resync" };

type Listener = (news: OpeningNews) => void;

// A browser allows a site few connections at a time, so calendar and form listen to one.
const streams = new Map<string, { source: EventSource; listeners: Set<Listener> }>();

/** Hear news of this doctor's openings until the answered function is called. */
export function watchOpenings(doctor: string, listener: Listener): () => void {
  const stream = streams.get(doctor) ?? open(doctor);
  stream.listeners.add(listener);
  return () => {
    stream.listeners.delete(listener);
    if (stream.listeners.size > 0) return;
    stream.source.close();
    streams.delete(doctor);
  };
}

function open(doctor: string) {
  const source = new EventSource(`/api/v1/doctors/${doctor}/slots/stream`);
  const stream = { source, listeners: new Set<Listener>() };
  const tell = (news: OpeningNews) => {
    for (const listener of [...stream.listeners]) listener(news);
  };
  for (const event of ["taken", "released"] as const) {
    source.addEventListener(event, ({ data }) => tell({ event, slotId: JSON.parse(data).slotId }));
  }
  source.addEventListener("resync", () => tell({ event: "resync" }));
  streams.set(doctor, stream);
  return stream;
}
