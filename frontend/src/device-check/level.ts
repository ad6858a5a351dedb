const LOOK_EVERY = 100; // milliseconds
/** Of a full swing; a quiet voice is about ten times a quiet room. */
const A_VOICE = 0.02;
const LOOKS_OF_VOICE = 3;
const SILENCE_AFTER = 8_000;

export interface Heard {
  level: (level: number) => void;
  voice: () => void;
  silence: () => void;
}

/** Listens to a microphone until stop(): its level from 0 to 1, the first voice, a long silence. */
export class Level {
  private readonly context = new AudioContext();
  private readonly analyser = this.context.createAnalyser();
  private readonly samples = new Float32Array(this.analyser.fftSize);
  private readonly looking: ReturnType<typeof setInterval>;
  private readonly silent: ReturnType<typeof setTimeout>;
  private voices = 0;

  constructor(
    track: MediaStreamTrack,
    private readonly heard: Heard,
  ) {
    // Some browsers forget the press while they ask.
    void this.context.resume();
    this.context.createMediaStreamSource(new MediaStream([track])).connect(this.analyser);
    this.looking = setInterval(() => this.look(), LOOK_EVERY);
    this.silent = setTimeout(() => this.heard.silence(), SILENCE_AFTER);
  }

  stop(): void {
    clearInterval(this.looking);
    clearTimeout(this.silent);
    void this.context.close();
  }

  private look(): void {
    this.analyser.getFloatTimeDomainData(this.samples);
    const power = this.samples.reduce((sum, sample) => sum + sample * sample, 0);
    const level = Math.sqrt(power / this.samples.length);
    // Loudness is felt by its logarithm; speech is about -40 to -10 decibels of full swing.
    this.heard.level(Math.min(1, Math.max(0, 1 + Math.log10(Math.max(level, 1e-6)) / 2.5)));
    if (level < A_VOICE) return;
    this.voices += 1;
    if (this.voices === LOOKS_OF_VOICE) this.heard.voice();
  }
}
