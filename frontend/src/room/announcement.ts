import type { Call, Live } from "./call";
import { noticeOf, noticeText } from "./notice";
import { words } from "./words";

/** What a person who does not look at the screen must hear of a change; null when nothing. */
export function announcementOf(before: Call, after: Call, other: string): string | null {
  // Outside the live call the heading takes focus and is read.
  if (after.phase !== "live") return null;
  const notice = textOf(after, other);
  if (before.phase !== "live") {
    return notice === null ? words.said.joined : `${words.said.joined}. ${notice}`;
  }
  if (notice !== null && notice !== textOf(before, other)) return notice;
  return change(before, after, other);
}

function textOf(call: Live, other: string): string | null {
  const notice = noticeOf(call);
  return notice === null ? null : noticeText(notice, other);
}

function change(before: Live, after: Live, other: string): string | null {
  if (before.other !== after.other && after.other !== "awaited") {
    const said = { here: words.said.here, left: words.live.left, lost: words.live.lost };
    return said[after.other](other);
  }
  if (before.own.microphone !== after.own.microphone) {
    return after.own.microphone ? words.said.microphoneOn : words.said.microphoneOff;
  }
  if (before.own.camera !== after.own.camera) {
    return after.own.camera ? words.said.cameraOn : words.said.cameraOff;
  }
  if (before.screen !== after.screen) {
    return after.screen === "shown" ? words.said.screenShown : words.said.screenHidden;
  }
  return before.link !== after.link && after.link === "up" ? words.said.linkUp : null;
}
