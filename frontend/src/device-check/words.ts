import type { Surroundings } from "./browser";
import type { CameraState, Check, MicrophoneState, Strength, Verdict } from "./check";
import type { Trouble } from "./trouble";

/** Everything the device check says, in one place. */
export const words = {
  ask: {
    heading: "Camera and microphone",
    why: "You and the other person see and hear each other with them. Press the button, and your browser asks whether this site may use them. In this check nothing is recorded and nothing leaves this device.",
    press: "Allow camera and microphone",
    asking: "Your browser is asking. Choose Allow.",
    again: "Try again",
  },
  camera: {
    heading: "Camera",
    preview: "Your camera, as in a mirror",
    choose: "Which camera",
    stop: "Turn camera off",
    start: "Turn camera on",
  },
  microphone: {
    heading: "Microphone",
    choose: "Which microphone",
    meter: "How loud the microphone is",
    speak: "Say a few words.",
  },
  speaker: {
    heading: "Speaker",
    about: "Turn up the volume, or put your headphones on. The sound takes two seconds.",
    play: "Play a sound",
    again: "Play it again",
    question: "Did you hear it?",
    yes: "Yes",
    no: "No",
    notHeard:
      "Turn up the volume of this device, take it off silent, and see that the sound goes to the right speaker or headphones. Then play it again.",
  },
  connection: {
    heading: "Connection",
    about: "Whether this browser can make calls, and how quickly the clinic answers.",
    press: "Check the connection",
    again: "Check again",
    poor: "The clinic answers slowly. Come closer to your Wi-Fi or use mobile data, and stop downloads. A call with sound only needs less.",
    none: "No call gets through from here. Check that you are online; a company’s network or an add-on of the browser may block calls. Try another network or browser.",
  },
  inApp: (app: string) =>
    `You opened this page inside ${app === "another app" ? app : `the ${app} app`}, where cameras often do not work. Open it in Safari or Chrome: copy its address, and paste it there.`,
  copy: "Copy the address",
  copied: "Copied",
  impossible: {
    insecure:
      "Camera and microphone need a secure address that begins with https. Open this page from the link in your email.",
    unsupported:
      "This browser cannot use a camera or microphone. Open this page in a current Safari, Chrome, Edge or Firefox.",
  },
  verdict: {
    heading: "Result",
    about: {
      unfinished: "Go through the parts above; each shows its result.",
      ready: "Everything works. You are ready for a video appointment on this device.",
      sound_only: "You can join with sound only: the camera does not work yet.",
      listen_only:
        "You can join to see and listen, but could not be heard: the microphone does not work yet.",
      trouble: "A video appointment is not possible like this yet. The parts above say why.",
    } satisfies Record<Verdict, string>,
    kept: "Your result is kept, so that a doctor you are about to see can tell what is wrong.",
  },
};

export interface Shown {
  readonly text: string;
  readonly kind: "" | "ok" | "warn" | "danger";
}

const NOT_YET: Shown = { text: "Not tried yet", kind: "" };

const TROUBLES: Record<Trouble, Shown> = {
  dismissed: { text: "Not allowed yet", kind: "warn" },
  denied: { text: "Blocked by the browser", kind: "danger" },
  blocked: { text: "Blocked by the system", kind: "danger" },
  in_use: { text: "In use by another app", kind: "danger" },
  missing: { text: "Not found", kind: "danger" },
  failed: { text: "Could not be started", kind: "danger" },
};

export function cameraShown(state: CameraState): Shown {
  if (state === "untested") return NOT_YET;
  if (state === "ok") return { text: "Works", kind: "ok" };
  if (state === "off") return { text: "Works, turned off", kind: "ok" };
  return TROUBLES[state];
}

export function microphoneShown(state: MicrophoneState): Shown {
  if (state === "untested") return NOT_YET;
  if (state === "listening") return { text: "Listening…", kind: "" };
  if (state === "ok") return { text: "We can hear you", kind: "ok" };
  if (state === "silent") return { text: "We hear nothing", kind: "danger" };
  return TROUBLES[state];
}

const SPEAKER: Record<Check["speaker"], Shown> = {
  untested: NOT_YET,
  playing: { text: "Playing…", kind: "" },
  played: { text: "Played", kind: "" },
  heard: { text: "You heard it", kind: "ok" },
  not_heard: { text: "Not heard", kind: "danger" },
};

export function speakerShown(state: Check["speaker"]): Shown {
  return SPEAKER[state];
}

const STRENGTHS: Record<Strength, Shown> = {
  good: { text: "Good", kind: "ok" },
  fair: { text: "Fair", kind: "ok" },
  poor: { text: "Poor", kind: "warn" },
};

export function connectionShown(state: Check["connection"]): Shown {
  if (state === "untested") return NOT_YET;
  if (state === "measuring") return { text: "Checking…", kind: "" };
  if (state === "none") return { text: "No call gets through", kind: "danger" };
  return STRENGTHS[state];
}

/** What to do about a device that does not work, here, on this browser and system. */
export function explain(
  trouble: Trouble | "silent",
  device: "camera" | "microphone",
  here: Surroundings,
): string {
  switch (trouble) {
    case "dismissed":
      return `The browser’s question was closed without an answer. Press “${words.ask.again}” and choose Allow.`;
    case "denied":
      return `Your browser keeps this site from the ${device}. ${inBrowser(here)} Then press “${words.ask.again}”.`;
    case "blocked":
      return `The browser allows it, but the system keeps the browser from the ${device}. ${inSystem(here, device)}`;
    case "in_use":
      return `Another app is using the ${device}. Close Zoom, Teams or whatever else may be in a call, also other tabs, then try again.`;
    case "missing":
      return `No ${device} was found. Plug one in or switch it on, then try again. You can also join without it.`;
    case "failed":
      return `The ${device} could not be started. Restart the browser, or try another one.`;
    case "silent":
      return "The microphone is on, but no sound comes from it. See that it is not muted, at its own switch or in the system’s settings, or choose another one.";
  }
}

/** Where this browser keeps the permissions of a site. */
function inBrowser({ browser, system }: Surroundings): string {
  if (system === "ios") {
    return browser === "safari"
      ? "Press the button at the side of the web address, choose the page’s settings (⋯ or aA), and set Camera and Microphone to Allow."
      : "Open the system’s Settings, choose this browser under Apps, and switch Camera and Microphone on.";
  }
  switch (browser) {
    case "chrome":
    case "edge":
    case "samsung":
      return system === "android"
        ? "Press the icon left of the web address, choose Permissions, and allow Camera and Microphone."
        : "Select the icon left of the web address and switch Camera and Microphone on.";
    case "firefox":
      return "Select the crossed-out camera or microphone left of the web address and remove “Blocked”.";
    case "safari":
      return "In the menu, choose Safari, then Settings for This Website, and set Camera and Microphone to Allow.";
    default:
      return "Select the icon beside the web address and allow Camera and Microphone.";
  }
}

/** Where this system keeps the permissions of a browser. */
function inSystem({ system }: Surroundings, device: "camera" | "microphone"): string {
  const name = device === "camera" ? "Camera" : "Microphone";
  switch (system) {
    case "windows":
      return `Open Settings, Privacy & security, ${name}, and switch on access for desktop apps.`;
    case "mac":
      return `Open System Settings, Privacy & Security, ${name}, switch your browser on, and start it again.`;
    case "ios":
      return `Open Settings, choose your browser under Apps, and switch ${name} on.`;
    case "android":
      return `Open Settings, Apps, your browser, Permissions, and allow ${name}; see also that the quick setting “${name} access” is on.`;
    default:
      return `Open the system’s privacy settings and allow your browser to use the ${device}.`;
  }
}
