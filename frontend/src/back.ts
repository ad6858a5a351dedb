const LOOK_EVERY = 10_000; // milliseconds
// A hidden tab may look at its clock only once a minute; a longer gap was a sleep.
const ASLEEP = 90_000;

/** Calls `tell` when this page is back from where no news came: no network, sleep, or another page. */
export function whenBack(tell: () => void): () => void {
  let looked = Date.now();
  const look = () => {
    const slept = Date.now() - looked > ASLEEP;
    looked = Date.now();
    if (slept) tell();
  };
  const kept = (event: PageTransitionEvent) => {
    if (event.persisted) tell();
  };
  const clock = setInterval(look, LOOK_EVERY);
  addEventListener("online", tell);
  addEventListener("pageshow", kept);
  return () => {
    clearInterval(clock);
    removeEventListener("online", tell);
    removeEventListener("pageshow", kept);
  };
}
