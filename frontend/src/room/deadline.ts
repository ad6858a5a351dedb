import { LineError } from "./line";

/** Neither a socket nor Agora's SDK gives up by itself when nobody answers. */
const JOIN_DEADLINE = 20_000;

/** The same promise, but LineError "network" when it takes too long. */
export async function beforeDeadline<T>(joined: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new LineError("network")), JOIN_DEADLINE);
  });
  try {
    return await Promise.race([joined, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}
