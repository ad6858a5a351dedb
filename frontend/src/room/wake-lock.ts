/** Keeps the screen on while it is held; browsers let go of it whenever the page is hidden. */
export class WakeLock {
  private lock: WakeLockSentinel | null = null;
  private held = false;

  hold(): void {
    if (this.held) return;
    this.held = true;
    document.addEventListener("visibilitychange", this.request);
    void this.request();
  }

  release(): void {
    this.held = false;
    document.removeEventListener("visibilitychange", this.request);
    void this.lock?.release();
    this.lock = null;
  }

  private readonly request = async () => {
    if (!("wakeLock" in navigator) || document.visibilityState !== "visible") return;
    try {
      const lock = await navigator.wakeLock.request("screen");
      if (this.held) this.lock = lock;
      else void lock.release();
    } catch {
      // A low battery may refuse it; the call goes on with a screen that may dim.
    }
  };
}
