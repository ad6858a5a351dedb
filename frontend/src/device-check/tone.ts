const NOTES = [523.25, 659.25, 783.99]; // hertz: C, E, G
const EACH = 0.6; // seconds

/** Three rising notes through the speaker; resolves when they are over. */
export async function playTone(): Promise<void> {
  const context = new AudioContext();
  await context.resume();
  const start = context.currentTime + 0.05;
  NOTES.forEach((frequency, place) => {
    const at = start + place * EACH;
    const volume = context.createGain();
    // Without a slope each note would begin and end with a click.
    volume.gain.setValueAtTime(0, at);
    volume.gain.linearRampToValueAtTime(0.25, at + 0.05);
    volume.gain.linearRampToValueAtTime(0, at + EACH);
    const note = new OscillatorNode(context, { frequency });
    note.connect(volume).connect(context.destination);
    note.start(at);
    note.stop(at + EACH);
  });
  await new Promise((over) => setTimeout(over, (NOTES.length * EACH + 0.1) * 1000));
  await context.close();
}
