const SHAPES = {
  microphone:
    '<rect x="9" y="3" width="6" height="11" rx="3"/><path d="M5.5 11.5a6.5 6.5 0 0 0 13 0M12 18v3"/>',
  microphoneOff:
    '<path d="M15 10V6a3 3 0 0 0-5.7-1.3M9 9v2a3 3 0 0 0 4.6 2.5M5.5 11.5a6.5 6.5 0 0 0 10.6 5M18.5 11.5a6.4 6.4 0 0 1-.4 2.2M12 18v3M3.5 3.5l17 17"/>',
  camera:
    '<rect x="2.5" y="6" width="13" height="12" rx="2"/><path d="m15.5 10.5 6-3.5v10l-6-3.5"/>',
  cameraOff:
    '<path d="M9.5 6H13.5a2 2 0 0 1 2 2v4l6 4.5V7l-6 3.5M15.5 16a2 2 0 0 1-2 2h-9a2 2 0 0 1-2-2V8a2 2 0 0 1 2-2M3.5 3.5l17 17"/>',
  expand: '<path d="M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5"/>',
  shrink: '<path d="M9 4v5H4M15 4v5h5M9 20v-5H4M15 20v-5h5"/>',
  leave: '<path d="M14 4H6a1.5 1.5 0 0 0-1.5 1.5v13A1.5 1.5 0 0 0 6 20h8M10 12h11M17 8l4 4-4 4"/>',
  end: '<path d="M3 14.5c0-1 .3-1.8 1-2.4 4.6-3.7 11.4-3.7 16 0 .7.6 1 1.4 1 2.4v1c0 .6-.5 1-1.1.9l-3.2-.5a1 1 0 0 1-.8-.9l-.1-1.7a9.5 9.5 0 0 0-7.6 0L8.1 15a1 1 0 0 1-.8.9l-3.2.5c-.6.1-1.1-.3-1.1-.9z"/>',
  chat: '<path d="M4 5h16a1 1 0 0 1 1 1v10a1 1 0 0 1-1 1h-8l-5 4v-4H4a1 1 0 0 1-1-1V6a1 1 0 0 1 1-1zM7.5 9.5h9M7.5 13h6"/>',
  devices:
    '<path d="M4 7h9M17 7h3M4 17h3M11 17h9"/><circle cx="15" cy="7" r="2"/><circle cx="9" cy="17" r="2"/>',
  screen:
    '<rect x="3" y="4" width="18" height="12" rx="2"/><path d="M8 20h8M12 16v4M12 13V7.5M9.5 9.5 12 7l2.5 2.5"/>',
  screenOff:
    '<rect x="3" y="4" width="18" height="12" rx="2"/><path d="M8 20h8M12 16v4M9.5 7.5l5 5M14.5 7.5l-5 5"/>',
  move: '<path d="M12 3v18M3 12h18M12 3 9.5 5.5M12 3l2.5 2.5M12 21l-2.5-2.5M12 21l2.5-2.5M3 12l2.5-2.5M3 12l2.5 2.5M21 12l-2.5-2.5M21 12l-2.5 2.5"/>',
  more: '<circle cx="5" cy="12" r="1"/><circle cx="12" cy="12" r="1"/><circle cx="19" cy="12" r="1"/>',
  close: '<path d="M5 5l14 14M19 5 5 19"/>',
} as const;

export type Icon = keyof typeof SHAPES;

/** These point along the line of reading, and turn with it. */
const FLIPS: readonly Icon[] = ["chat", "leave"];

/** The label beside it says what it means, so an icon is never read out. */
export function icon(name: Icon): string {
  const flips = FLIPS.includes(name) ? " flips" : "";
  return `<svg class="room-icon${flips}" viewBox="0 0 24 24" aria-hidden="true" focusable="false">${SHAPES[name]}</svg>`;
}
