/** Where pictures and sound appear. A track is shown until another one, or null, takes its place. */
export interface Stage {
  showSelf(track: MediaStreamTrack | null): void;
  showOther(track: MediaStreamTrack | null): void;
  playOther(track: MediaStreamTrack | null): void;
}

/**
 * The page's stage. The other's sound has an element of its own: a picture that is stopped or has not
 * arrived must not hold it back, and a muted picture is never refused by an autoplay rule.
 */
export class PageStage implements Stage {
  constructor(
    private readonly self: HTMLVideoElement,
    private readonly other: HTMLVideoElement,
    private readonly sound: HTMLAudioElement,
    private readonly soundIs: (blocked: boolean) => void,
  ) {}

  showSelf(track: MediaStreamTrack | null): void {
    show(this.self, track);
  }

  showOther(track: MediaStreamTrack | null): void {
    show(this.other, track);
  }

  playOther(track: MediaStreamTrack | null): void {
    this.sound.srcObject = streamOf(track);
    if (track !== null) void this.resumeSound();
  }

  /** False when it is not there or not allowed; the sound then stays where it was. */
  async speakThrough(speaker: string): Promise<boolean> {
    try {
      await this.sound.setSinkId(speaker);
      return true;
    } catch {
      return false;
    }
  }

  get canChooseSpeaker(): boolean {
    return "setSinkId" in this.sound;
  }

  get speaker(): string {
    return this.sound.sinkId;
  }

  /** Start the other's sound; a browser that wants a press first says so through `soundIs(true)`. */
  async resumeSound(): Promise<void> {
    try {
      await this.sound.play();
      this.soundIs(false);
    } catch (error) {
      if (error instanceof DOMException && error.name === "NotAllowedError") this.soundIs(true);
    }
  }
}

function show(video: HTMLVideoElement, track: MediaStreamTrack | null): void {
  video.srcObject = streamOf(track);
  if (track !== null) {
    // Rejected only when the next track comes before this one could start.
    video.play().catch(() => {});
  }
}

function streamOf(track: MediaStreamTrack | null): MediaStream | null {
  return track === null ? null : new MediaStream([track]);
}
