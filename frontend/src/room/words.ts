import { gettext, ngettext } from "../words";
import type { EndStatus, Failure } from "./call";
import type { Device, Trouble } from "./line";
import type { Quality } from "./quality";

/** Everything the consultation room says, in one place. */
export const words = {
  lobby: {
    heading: (other: string) => gettext("Your visit with %(other)s", { other }),
    time: (start: string, end: string, zone: string) =>
      gettext("%(start)s to %(end)s, %(zone)s", { start, end, zone }),
    here: (other: string, time: string) =>
      gettext("%(other)s has been here since %(time)s.", { other, time }),
    awaited: (other: string) => gettext("%(other)s isn’t here yet.", { other }),
    busy: (other: string) => gettext("%(other)s is with another patient.", { other }),
    about: gettext("Your camera and microphone stay off until you choose how to join."),
    withCamera: gettext("Join with camera"),
    soundOnly: gettext("Join with sound only"),
    listenOnly: gettext("Join to listen only"),
    tooEarly: (time: string) =>
      gettext("The room opens at %(time)s. Please come back then.", { time }),
    tooEarlyUnknown: gettext(
      "The room is not open yet. Please come back shortly before the start.",
    ),
  },
  joining: {
    heading: gettext("Joining…"),
    about: gettext("Your browser may ask to use your camera and microphone. Choose Allow."),
    cancel: gettext("Cancel"),
  },
  left: {
    heading: gettext("You left the call"),
    about: (time: string) =>
      gettext("Left by mistake? You can come back until %(time)s.", { time }),
    over: gettext("The room has closed."),
    rejoin: gettext("Rejoin"),
  },
  ended: {
    heading: {
      completed: gettext("Your visit has ended"),
      cancelled: gettext("This appointment was cancelled"),
      closed: gettext("The room has closed"),
    } satisfies Record<EndStatus, string>,
    about: {
      completed: gettext("The visit is marked as completed."),
      cancelled: gettext("The call cannot go on. Your list of appointments says more."),
      closed: gettext("The time of this visit is over. Your list of appointments says more."),
    } satisfies Record<EndStatus, string>,
  },
  removed: {
    heading: {
      replaced: gettext("You’re in this call in another tab"),
      "taken-out": gettext("You were taken out of the call"),
    },
    about: {
      replaced: gettext("Or on another device. Only one of them can be in the call at a time."),
      "taken-out": gettext(
        "Either you joined in another tab or on another device, or the clinic removed you.",
      ),
    },
    useThis: gettext("Use this tab"),
  },
  failed: {
    heading: gettext("You’re not in the call"),
    tryAgain: gettext("Try again"),
    about: {
      permission: gettext(
        "Your browser is blocking the camera and microphone. Select the icon left of the web address, allow Camera and Microphone, then try again.",
      ),
      "no-device": gettext("No camera or microphone was found. Connect one, then try again."),
      "device-busy": gettext(
        "Another app is using your camera or microphone. Close Zoom or Teams, then try again.",
      ),
      "insecure-context": gettext(
        "A call needs a secure address that begins with https. Open this page from the link in your email.",
      ),
      unsupported: gettext(
        "This browser cannot make video calls. Open this page in a current Safari, Chrome, Edge or Firefox.",
      ),
      token: gettext("Your pass for this call was not accepted. Try again to get a new one."),
      service: gettext(
        "The video service is refusing the clinic’s calls. Trying again will not help: please tell the clinic. Your appointment is not affected.",
      ),
      removed: gettext("You were taken out of this call."),
      network: gettext(
        "We could not reach the call. Check that you are online, then try again. Your appointment is not affected.",
      ),
      unknown: gettext("The call could not be opened. Your appointment is not affected."),
      "not-confirmed": gettext("This appointment is not confirmed yet, so its room stays closed."),
      "not-signed-in": gettext("You have been signed out. Load this page again to sign in."),
      "not-found": gettext("This appointment is not in your account."),
    } satisfies Record<Failure, string>,
    reference: (reference: string) =>
      gettext("If you contact us, quote %(reference)s.", { reference }),
  },
  wayHome: gettext("Go to my appointments"),
  live: {
    controls: gettext("Call controls"),
    mute: gettext("Mute"),
    unmute: gettext("Unmute"),
    stopVideo: gettext("Stop video"),
    startVideo: gettext("Start video"),
    shareScreen: gettext("Share screen"),
    stopSharing: gettext("Stop sharing"),
    fullScreen: gettext("Full screen"),
    exitFullScreen: gettext("Exit full screen"),
    fillScreen: gettext("Fill screen"),
    exitFillScreen: gettext("Show page"),
    leave: gettext("Leave"),
    leaveForNow: gettext("Leave for now"),
    endVisit: gettext("End visit"),
    ends: (time: string) => gettext("Ends %(time)s", { time }),
    nearlyOver: gettext("2 minutes left"),
    over: gettext("Booked time is over"),
    waited: (time: string) => gettext("Waiting %(time)s", { time }),
    self: gettext("Your camera"),
    selfOff: gettext("Your camera is off"),
    selfScreen: (other: string) => gettext("%(other)s sees your screen", { other }),
    otherPicture: (other: string) => gettext("%(other)s’s picture", { other }),
    awaited: (other: string) => gettext("%(other)s hasn’t joined yet", { other }),
    awaitedMore: gettext("You’ll see each other here as soon as they do. Keep this page open."),
    outside: (other: string, time: string) =>
      gettext("%(other)s has been here since %(time)s, and is not in the call yet", {
        other,
        time,
      }),
    left: (other: string) => gettext("%(other)s left. They may come back", { other }),
    lost: (other: string) =>
      gettext("%(other)s lost the connection. They may come back", { other }),
    soundOnly: (other: string) => gettext("You hear %(other)s; the video is off", { other }),
    listens: (other: string) =>
      gettext("%(other)s’s camera is off, and so is the microphone", { other }),
    selfUnwatched: (other: string) =>
      gettext("%(other)s turned video off to keep the sound", { other }),
    move: gettext("Move your picture"),
    videoOff: (other: string) => gettext("%(other)s’s camera is off", { other }),
    otherMuted: gettext("Microphone off"),
  },
  devices: {
    button: gettext("Devices"),
    heading: gettext("Devices"),
    close: gettext("Close"),
    done: gettext("Done"),
    camera: gettext("Camera"),
    microphone: gettext("Microphone"),
    speaker: gettext("Speaker"),
    numbered: (kind: string, number: number) => gettext("%(kind)s %(number)s", { kind, number }),
    none: gettext("None found, or not allowed yet"),
    standard: gettext("Your device’s own choice"),
  },
  more: gettext("More"),
  chat: {
    button: gettext("Chat"),
    unread: (count: number) => ngettext(", %(count)s new", ", %(count)s new", count),
    heading: gettext("Chat"),
    close: gettext("Close chat"),
    label: gettext("Message"),
    send: gettext("Send"),
    me: gettext("You"),
    from: (name: string, time: string) => gettext("%(name)s, %(time)s", { name, time }),
    about: {
      here: (_other: string) =>
        gettext("Only the two of you see this. It is gone after the visit."),
      away: (other: string) =>
        gettext("%(other)s isn’t here, and would not get a message now.", { other }),
      unknown: (_other: string) => gettext("Messages can’t be sent just now. Reconnecting…"),
    },
  },
  quality: {
    label: gettext("Connection"),
    checking: gettext("Checking"),
    good: gettext("Good"),
    fair: gettext("Fair"),
    poor: gettext("Poor"),
    reconnecting: gettext("Reconnecting"),
  } satisfies Record<Quality | "label", string>,
  notice: {
    reconnecting: gettext("Reconnecting… The visit goes on; please stay on this page."),
    blocked: (other: string) =>
      gettext(
        "Sound and picture don’t get through between you and %(other)s. We keep trying. Another network often works, for example mobile data instead of Wi-Fi.",
        { other },
      ),
    soundBlocked: (other: string) =>
      gettext("Your browser is holding back %(other)s’s sound.", { other }),
    turnOnSound: gettext("Turn on sound"),
    poor: gettext("Your connection is poor."),
    soundAlone: gettext("Turn off video to keep the sound"),
    soundOnly: gettext("Video is off to keep the sound."),
    watchAgain: gettext("Show video again"),
    devices: deviceTrouble,
    screenFailed: gettext("Your screen could not be shown. Please try again."),
    fellBack: {
      camera: (label: string) =>
        gettext("Your camera was disconnected. Now in use: %(label)s.", { label }),
      microphone: (label: string) =>
        gettext("Your microphone was disconnected. Now in use: %(label)s.", { label }),
      speaker: (label: string) =>
        gettext("Your speaker was disconnected. Now in use: %(label)s.", { label }),
    },
    endTooEarly: (start: string) =>
      gettext(
        "A visit can be ended from its start at %(start)s on. Until then, choose Leave for now.",
        { start },
      ),
    endRefused: gettext("The visit could not be ended just now. Please try again."),
    tryAgain: gettext("Try again"),
    close: gettext("Close"),
  },
  outcome: {
    heading: (other: string) => gettext("Did %(other)s come to this visit?", { other }),
    about: (other: string) =>
      gettext("You and %(other)s were not connected on this page.", { other }),
    attended: gettext("Yes, it took place"),
    noShow: gettext("No, they didn’t come"),
    back: gettext("Go back"),
  },
  said: {
    joined: gettext("You joined the call"),
    here: (other: string) => gettext("%(other)s is here", { other }),
    microphoneOn: gettext("Microphone on"),
    microphoneOff: gettext("Microphone off"),
    cameraOn: gettext("Camera on"),
    cameraOff: gettext("Camera off"),
    moved: {
      "bottom-right": gettext("Your picture is at the bottom right"),
      "bottom-left": gettext("Your picture is at the bottom left"),
      "top-left": gettext("Your picture is at the top left"),
      "top-right": gettext("Your picture is at the top right"),
    },
    screenShown: gettext("Your screen is shown"),
    screenHidden: gettext("Your screen is no longer shown"),
    linkUp: gettext("Connected again"),
    message: (other: string, text: string) =>
      gettext("%(other)s writes: %(text)s", { other, text }),
    nearlyOver: gettext("2 minutes left of the booked time"),
  },
};

const UNSEEN_AND_UNHEARD = gettext("You can see and hear; the other side cannot see or hear you.");
const UNSEEN = gettext("The other side cannot see you.");
const UNHEARD = gettext("The other side cannot hear you.");

function deviceTrouble(devices: readonly Device[], trouble: Trouble): string {
  if (devices.length > 1) return `${bothTrouble(trouble)} ${UNSEEN_AND_UNHEARD}`;
  return devices[0] === "camera"
    ? `${cameraTrouble(trouble)} ${UNSEEN}`
    : `${microphoneTrouble(trouble)} ${UNHEARD}`;
}

// A sentence for each: in other languages the words around a device change with it.

function bothTrouble(trouble: Trouble): string {
  switch (trouble) {
    case "permission":
      return gettext(
        "Your browser is blocking the camera and microphone. Select the icon left of the web address, allow Camera and Microphone, then try again.",
      );
    case "no-device":
      return gettext("No camera or microphone was found.");
    case "device-busy":
      return gettext(
        "Another app is using your camera and microphone. Close Zoom or Teams, then try again.",
      );
    default:
      return gettext("Your camera and microphone could not be started.");
  }
}

function cameraTrouble(trouble: Trouble): string {
  switch (trouble) {
    case "permission":
      return gettext(
        "Your browser is blocking the camera. Select the icon left of the web address, allow Camera, then try again.",
      );
    case "no-device":
      return gettext("No camera was found.");
    case "device-busy":
      return gettext("Another app is using your camera. Close Zoom or Teams, then try again.");
    default:
      return gettext("Your camera could not be started.");
  }
}

function microphoneTrouble(trouble: Trouble): string {
  switch (trouble) {
    case "permission":
      return gettext(
        "Your browser is blocking the microphone. Select the icon left of the web address, allow Microphone, then try again.",
      );
    case "no-device":
      return gettext("No microphone was found.");
    case "device-busy":
      return gettext("Another app is using your microphone. Close Zoom or Teams, then try again.");
    default:
      return gettext("Your microphone could not be started.");
  }
}
