import { CHAT_MARKUP } from "./chat-panel";
import { DEVICES_MARKUP } from "./device-menu";
import { type Icon, icon } from "./icons";
import { words } from "./words";

function control(name: string, picture: Icon, label: string): string {
  return `<button type="button" class="room-control" data-control="${name}">
    <span class="room-control-icon">${icon(picture)}</span>
    <span class="room-control-label">${label}</span>
  </button>`;
}

/** The controls come first in the page's order, so that a keyboard reaches them first. */
export function markup(viewer: "doctor" | "patient"): string {
  return `
  <section class="room-panel">
    <h1 class="room-heading" tabindex="-1"></h1>
    <div class="room-lines"></div>
    <div class="room-choices buttons"></div>
  </section>
  <div class="room-live" hidden>
    <div class="room-controls" role="group" aria-label="${words.live.controls}">
      ${control("microphone", "microphone", words.live.mute)}
      ${control("camera", "camera", words.live.stopVideo)}
      <button type="button" class="room-control" data-control="chat" aria-controls="room-chat" aria-expanded="false">
        <span class="room-control-icon">${icon("chat")}</span>
        <span class="room-control-label">${words.chat.button}<span class="room-unread" hidden></span></span>
      </button>
      <button type="button" class="room-control" data-control="more" aria-controls="room-extras" aria-expanded="false">
        <span class="room-control-icon">${icon("more")}</span>
        <span class="room-control-label">${words.more}</span>
      </button>
      <div class="room-extras" id="room-extras">
        ${control("share", "screen", words.live.shareScreen)}
        ${control("devices", "devices", words.devices.button)}
        ${control("screen", "expand", words.live.fullScreen)}
      </div>
      ${
        viewer === "doctor"
          ? control("leave", "leave", words.live.leaveForNow) +
            control("end", "end", words.live.endVisit)
          : control("leave", "end", words.live.leave)
      }
    </div>
    <div class="room-bar">
      <div class="room-other">
        <h1 class="room-name"></h1>
        <p class="room-other-muted" hidden>${icon("microphoneOff")}${words.live.otherMuted}</p>
      </div>
      <p class="room-times">
        <span class="room-elapsed" role="timer" aria-live="off"></span>
        <span class="room-ends"></span>
      </p>
      <p class="room-quality">
        <span class="visually-hidden">${words.quality.label}:</span>
        <span class="room-bars" aria-hidden="true"><i></i><i></i><i></i></span>
        <span class="room-quality-word"></span>
      </p>
    </div>
    <div class="room-stage">
      <video class="remote" playsinline muted></video>
      <audio class="room-sound"></audio>
      <div class="room-absent">
        <span class="room-monogram" aria-hidden="true"></span>
        <p class="room-absent-text"></p>
        <p class="room-absent-more"></p>
      </div>
      <div class="room-self">
        <video class="self" playsinline muted></video>
        <p class="room-self-off"><span class="room-self-icon"></span><span class="room-self-text"></span></p>
        <button type="button" class="room-move" aria-label="${words.live.move}">${icon("move")}</button>
      </div>
    </div>
    ${CHAT_MARKUP}
    <div class="room-notice" hidden>
      <p class="room-notice-text"></p>
      <button type="button" class="button room-notice-action"></button>
      <button type="button" class="room-close room-notice-close" aria-label="${words.notice.close}">${icon("close")}</button>
    </div>
  </div>
  ${DEVICES_MARKUP}
  <dialog class="room-dialog room-outcome" aria-labelledby="room-outcome-heading">
    <h2 id="room-outcome-heading" class="room-heading"></h2>
    <p class="room-outcome-about"></p>
    <div class="buttons">
      <button type="button" class="button" data-outcome="attended">${words.outcome.attended}</button>
      <button type="button" class="button secondary" data-outcome="no_show_patient">${words.outcome.noShow}</button>
      <button type="button" class="button quiet" data-outcome="">${words.outcome.back}</button>
    </div>
  </dialog>
  <p class="room-announcer visually-hidden" role="status"></p>`;
}
