import type { EndStatus, Failure } from "./call";
import type { Device, Trouble } from "./line";
import type { Quality } from "./quality";

/** Everything the consultation room says, in one place. */
export const words = {
  lobby: {
    heading: (other: string) => `Your visit with ${other}`,
    time: (start: string, end: string, zone: string) => `${start} to ${end}, ${zone}`,
    here: (other: string, time: string) => `${other} has been here since ${time}.`,
    awaited: (other: string) => `${other} isn’t here yet.`,
    busy: (other: string) => `${other} is with another patient.`,
    about: "Your camera and microphone stay off until you choose how to join.",
    withCamera: "Join with camera",
    soundOnly: "Join with sound only",
    listenOnly: "Join to listen only",
    tooEarly: (time: string) => `The room opens at ${time}. Please come back then.`,
    tooEarlyUnknown: "The room is not open yet. Please come back shortly before the start.",
  },
  joining: {
    heading: "Joining…",
    about: "Your browser may ask to use your camera and microphone. Choose Allow.",
    cancel: "Cancel",
  },
  left: {
    heading: "You left the call",
    about: (time: string) => `Left by mistake? You can come back until ${time}.`,
    over: "The room has closed.",
    rejoin: "Rejoin",
  },
  ended: {
    heading: {
      completed: "Your visit has ended",
      cancelled: "This appointment was cancelled",
      closed: "The room has closed",
    } satisfies Record<EndStatus, string>,
    about: {
      completed: "The visit is marked as completed.",
      cancelled: "The call cannot go on. Your list of appointments says more.",
      closed: "The time of this visit is over. Your list of appointments says more.",
    } satisfies Record<EndStatus, string>,
  },
  removed: {
    heading: {
      replaced: "You’re in this call in another tab",
      "taken-out": "You were taken out of the call",
    },
    about: {
      replaced: "Or on another device. Only one of them can be in the call at a time.",
      "taken-out":
        "Either you joined in another tab or on another device, or the clinic removed you.",
    },
    useThis: "Use this tab",
  },
  failed: {
    heading: "You’re not in the call",
    tryAgain: "Try again",
    about: {
      permission:
        "Your browser is blocking the camera and microphone. Select the icon left of the web address, allow Camera and Microphone, then try again.",
      "no-device": "No camera or microphone was found. Connect one, then try again.",
      "device-busy":
        "Another app is using your camera or microphone. Close Zoom or Teams, then try again.",
      "insecure-context":
        "A call needs a secure address that begins with https. Open this page from the link in your email.",
      unsupported:
        "This browser cannot make video calls. Open this page in a current Safari, Chrome, Edge or Firefox.",
      token: "Your pass for this call was not accepted. Try again to get a new one.",
      service:
        "The video service is refusing the clinic’s calls. Trying again will not help: please tell the clinic. Your appointment is not affected.",
      removed: "You were taken out of this call.",
      network:
        "We could not reach the call. Check that you are online, then try again. Your appointment is not affected.",
      unknown: "The call could not be opened. Your appointment is not affected.",
      "not-confirmed": "This appointment is not confirmed yet, so its room stays closed.",
      "not-signed-in": "You have been signed out. Load this page again to sign in.",
      "not-found": "This appointment is not in your account.",
    } satisfies Record<Failure, string>,
    reference: (reference: string) => `If you contact us, quote ${reference}.`,
  },
  wayHome: "Go to my appointments",
  live: {
    controls: "Call controls",
    mute: "Mute",
    unmute: "Unmute",
    stopVideo: "Stop video",
    startVideo: "Start video",
    shareScreen: "Share screen",
    stopSharing: "Stop sharing",
    fullScreen: "Full screen",
    exitFullScreen: "Exit full screen",
    fillScreen: "Fill screen",
    exitFillScreen: "Show page",
    leave: "Leave",
    leaveForNow: "Leave for now",
    endVisit: "End visit",
    ends: (time: string) => `Ends ${time}`,
    nearlyOver: "2 minutes left",
    over: "Booked time is over",
    waited: (time: string) => `Waiting ${time}`,
    self: "Your camera",
    selfOff: "Your camera is off",
    selfScreen: (other: string) => `${other} sees your screen`,
    otherPicture: (other: string) => `${other}’s picture`,
    awaited: (other: string) => `${other} hasn’t joined yet`,
    awaitedMore: "You’ll see each other here as soon as they do. Keep this page open.",
    outside: (other: string, time: string) =>
      `${other} has been here since ${time}, and is not in the call yet`,
    left: (other: string) => `${other} left. They may come back`,
    lost: (other: string) => `${other} lost the connection. They may come back`,
    soundOnly: (other: string) => `You hear ${other}; the video is off`,
    listens: (other: string) => `${other}’s camera is off, and so is the microphone`,
    selfUnwatched: (other: string) => `${other} turned video off to keep the sound`,
    move: "Move your picture",
    videoOff: (other: string) => `${other}’s camera is off`,
    otherMuted: "Microphone off",
  },
  devices: {
    button: "Devices",
    heading: "Devices",
    close: "Close",
    done: "Done",
    camera: "Camera",
    microphone: "Microphone",
    speaker: "Speaker",
    numbered: (kind: string, number: number) => `${kind} ${number}`,
    none: "None found, or not allowed yet",
    standard: "Your device’s own choice",
  },
  more: "More",
  chat: {
    button: "Chat",
    unread: (count: number) => `, ${count} new`,
    heading: "Chat",
    close: "Close chat",
    label: "Message",
    send: "Send",
    me: "You",
    from: (name: string, time: string) => `${name}, ${time}`,
    about: {
      here: (_other: string) => "Only the two of you see this. It is gone after the visit.",
      away: (other: string) => `${other} isn’t here, and would not get a message now.`,
      unknown: (_other: string) => "Messages can’t be sent just now. Reconnecting…",
    },
  },
  quality: {
    label: "Connection",
    checking: "Checking",
    good: "Good",
    fair: "Fair",
    poor: "Poor",
    reconnecting: "Reconnecting",
  } satisfies Record<Quality | "label", string>,
  notice: {
    reconnecting: "Reconnecting… The visit goes on; please stay on this page.",
    blocked: (other: string) =>
      `Sound and picture don’t get through between you and ${other}. We keep trying. Another network often works, for example mobile data instead of Wi-Fi.`,
    soundBlocked: (other: string) => `Your browser is holding back ${other}’s sound.`,
    turnOnSound: "Turn on sound",
    poor: "Your connection is poor.",
    soundAlone: "Turn off video to keep the sound",
    soundOnly: "Video is off to keep the sound.",
    watchAgain: "Show video again",
    devices: deviceTrouble,
    screenFailed: "Your screen could not be shown. Please try again.",
    fellBack: (device: string, label: string) =>
      `Your ${device} was disconnected. Now in use: ${label}.`,
    endTooEarly: (start: string) =>
      `A visit can be ended from its start at ${start} on. Until then, choose Leave for now.`,
    endRefused: "The visit could not be ended just now. Please try again.",
    tryAgain: "Try again",
    close: "Close",
  },
  outcome: {
    heading: (other: string) => `Did ${other} come to this visit?`,
    about: (other: string) => `You and ${other} were not connected on this page.`,
    attended: "Yes, it took place",
    noShow: "No, they didn’t come",
    back: "Go back",
  },
  corners: {
    "bottom-end": "bottom right",
    "bottom-start": "bottom left",
    "top-start": "top left",
    "top-end": "top right",
  },
  said: {
    joined: "You joined the call",
    here: (other: string) => `${other} is here`,
    microphoneOn: "Microphone on",
    microphoneOff: "Microphone off",
    cameraOn: "Camera on",
    cameraOff: "Camera off",
    moved: (corner: string) => `Your picture is at the ${corner}`,
    screenShown: "Your screen is shown",
    screenHidden: "Your screen is no longer shown",
    linkUp: "Connected again",
    message: (other: string, text: string) => `${other} writes: ${text}`,
    nearlyOver: "2 minutes left of the booked time",
  },
};

function deviceTrouble(devices: readonly Device[], trouble: Trouble): string {
  const { name, setting, none, without } = deviceWords(devices);
  switch (trouble) {
    case "permission":
      return `Your browser is blocking the ${name}. Select the icon left of the web address, allow ${setting}, then try again. ${without}`;
    case "no-device":
      return `No ${none} was found. ${without}`;
    case "device-busy":
      return `Another app is using your ${name}. Close Zoom or Teams, then try again. ${without}`;
    default:
      return `Your ${name} could not be started. ${without}`;
  }
}

function deviceWords(devices: readonly Device[]) {
  if (devices.length > 1) {
    return {
      name: "camera and microphone",
      setting: "Camera and Microphone",
      none: "camera or microphone",
      without: "You can see and hear; the other side cannot see or hear you.",
    };
  }
  return devices[0] === "camera"
    ? {
        name: "camera",
        setting: "Camera",
        none: "camera",
        without: "The other side cannot see you.",
      }
    : {
        name: "microphone",
        setting: "Microphone",
        none: "microphone",
        without: "The other side cannot hear you.",
      };
}
