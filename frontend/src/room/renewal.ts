import type { IssuedPass } from "../api";

/** A pass is renewed when this share of its life is over: early enough for a few failed attempts. */
const SHARE_OF_LIFE = 0.6;
const TRY_AGAIN_AFTER = 10_000;
const SHORTEST_WAIT = 5_000;

/** Milliseconds from now until a pass just received should be renewed. */
export function renewIn(pass: IssuedPass): number {
  const life = Date.parse(pass.tokenExpiresAt) - pass.issuedAt;
  return Math.max(SHORTEST_WAIT, life * SHARE_OF_LIFE);
}

/** Keeps a line supplied with fresh passes, each handed to `use`. */
export class Renewal {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private stopped = false;

  constructor(
    private readonly freshPass: () => Promise<IssuedPass>,
    private readonly use: (pass: IssuedPass) => Promise<void>,
  ) {}

  /** Wait for this pass's time to be renewed. */
  follow(pass: IssuedPass): void {
    this.schedule(renewIn(pass));
  }

  /** Renew without waiting. A failure is tried again until it works or stop() is called. */
  async now(): Promise<void> {
    clearTimeout(this.timer);
    try {
      const pass = await this.freshPass();
      if (this.stopped) return;
      await this.use(pass);
      this.follow(pass);
    } catch {
      this.schedule(TRY_AGAIN_AFTER);
    }
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  private schedule(wait: number): void {
    clearTimeout(this.timer);
    if (!this.stopped) this.timer = setTimeout(() => void this.now(), wait);
  }
}
