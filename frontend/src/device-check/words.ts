import { gettext } from "../words";
import type { Surroundings } from "./browser";
import type { CameraState, Check, MicrophoneState, Strength, Verdict } from "./check";
import type { Trouble } from "./trouble";

/** Everything the device check says, in one place. */
export const words = {
  ask: {
    heading: gettext("Camera and microphone"),
    why: gettext(
      "You and the other person see and hear each other with them. Press the button, and your browser asks whether this site may use them. In this check nothing is recorded and nothing leaves this device.",
    ),
    press: gettext("Allow camera and microphone"),
    asking: gettext("Your browser is asking. Choose Allow."),
    again: gettext("Try again"),
  },
  camera: {
    heading: gettext("Camera"),
    preview: gettext("Your camera, as in a mirror"),
    choose: gettext("Which camera"),
    stop: gettext("Turn camera off"),
    start: gettext("Turn camera on"),
  },
  microphone: {
    heading: gettext("Microphone"),
    choose: gettext("Which microphone"),
    meter: gettext("How loud the microphone is"),
    speak: gettext("Say a few words."),
  },
  speaker: {
    heading: gettext("Speaker"),
    about: gettext("Turn up the volume, or put your headphones on. The sound takes two seconds."),
    play: gettext("Play a sound"),
    again: gettext("Play it again"),
    question: gettext("Did you hear it?"),
    yes: gettext("Yes"),
    no: gettext("No"),
    notHeard: gettext(
      "Turn up the volume of this device, take it off silent, and see that the sound goes to the right speaker or headphones. Then play it again.",
    ),
  },
  connection: {
    heading: gettext("Connection"),
    about: gettext("Whether this browser can make calls, and how quickly the clinic answers."),
    press: gettext("Check the connection"),
    again: gettext("Check again"),
    poor: gettext(
      "The clinic answers slowly. Come closer to your Wi-Fi or use mobile data, and stop downloads. A call with sound only needs less.",
    ),
    none: gettext(
      "No call gets through from here. Check that you are online; a company’s network or an add-on of the browser may block calls. Try another network or browser.",
    ),
  },
  inApp: (app: string) =>
    app === "another app"
      ? gettext(
          "You opened this page inside another app, where cameras often do not work. Open it in Safari or Chrome: copy its address, and paste it there.",
        )
      : gettext(
          "You opened this page inside the %(app)s app, where cameras often do not work. Open it in Safari or Chrome: copy its address, and paste it there.",
          { app },
        ),
  copy: gettext("Copy the address"),
  copied: gettext("Copied"),
  impossible: {
    insecure: gettext(
      "Camera and microphone need a secure address that begins with https. Open this page from the link in your email.",
    ),
    unsupported: gettext(
      "This browser cannot use a camera or microphone. Open this page in a current Safari, Chrome, Edge or Firefox.",
    ),
  },
  verdict: {
    heading: gettext("Result"),
    about: {
      unfinished: gettext("Go through the parts above; each shows its result."),
      ready: gettext("Everything works. You are ready for a video appointment on this device."),
      sound_only: gettext("You can join with sound only: the camera does not work yet."),
      listen_only: gettext(
        "You can join to see and listen, but could not be heard: the microphone does not work yet.",
      ),
      trouble: gettext(
        "A video appointment is not possible like this yet. The parts above say why.",
      ),
    } satisfies Record<Verdict, string>,
    kept: gettext(
      "Your result is kept, so that a doctor you are about to see can tell what is wrong.",
    ),
  },
};

/** A result as it is read out. */
export function said(part: string, state: string): string {
  return gettext("%(part)s: %(state)s", { part, state });
}

export interface Shown {
  readonly text: string;
  readonly kind: "" | "ok" | "warn" | "danger";
}

const NOT_YET: Shown = { text: gettext("Not tried yet"), kind: "" };

const TROUBLES: Record<Trouble, Shown> = {
  dismissed: { text: gettext("Not allowed yet"), kind: "warn" },
  denied: { text: gettext("Blocked by the browser"), kind: "danger" },
  blocked: { text: gettext("Blocked by the system"), kind: "danger" },
  in_use: { text: gettext("In use by another app"), kind: "danger" },
  missing: { text: gettext("Not found"), kind: "danger" },
  failed: { text: gettext("Could not be started"), kind: "danger" },
};

export function cameraShown(state: CameraState): Shown {
  if (state === "untested") return NOT_YET;
  if (state === "ok") return { text: gettext("Works"), kind: "ok" };
  if (state === "off") return { text: gettext("Works, turned off"), kind: "ok" };
  return TROUBLES[state];
}

export function microphoneShown(state: MicrophoneState): Shown {
  if (state === "untested") return NOT_YET;
  if (state === "listening") return { text: gettext("Listening…"), kind: "" };
  if (state === "ok") return { text: gettext("We can hear you"), kind: "ok" };
  if (state === "silent") return { text: gettext("We hear nothing"), kind: "danger" };
  return TROUBLES[state];
}

const SPEAKER: Record<Check["speaker"], Shown> = {
  untested: NOT_YET,
  playing: { text: gettext("Playing…"), kind: "" },
  played: { text: gettext("Played"), kind: "" },
  heard: { text: gettext("You heard it"), kind: "ok" },
  not_heard: { text: gettext("Not heard"), kind: "danger" },
};

export function speakerShown(state: Check["speaker"]): Shown {
  return SPEAKER[state];
}

const STRENGTHS: Record<Strength, Shown> = {
  good: { text: gettext("Good"), kind: "ok" },
  fair: { text: gettext("Fair"), kind: "ok" },
  poor: { text: gettext("Poor"), kind: "warn" },
};

export function connectionShown(state: Check["connection"]): Shown {
  if (state === "untested") return NOT_YET;
  if (state === "measuring") return { text: gettext("Checking…"), kind: "" };
  if (state === "none") return { text: gettext("No call gets through"), kind: "danger" };
  return STRENGTHS[state];
}

/** What to do about a device that does not work, here, on this browser and system. */
export function explain(
  trouble: Trouble | "silent",
  device: "camera" | "microphone",
  here: Surroundings,
): string {
  const { again } = words.ask;
  const isCamera = device === "camera";
  switch (trouble) {
    case "dismissed":
      return gettext(
        "The browser’s question was closed without an answer. Press “%(again)s” and choose Allow.",
        { again },
      );
    case "denied": {
      const what = isCamera
        ? gettext("Your browser keeps this site from the camera.")
        : gettext("Your browser keeps this site from the microphone.");
      return `${what} ${inBrowser(here)} ${gettext("Then press “%(again)s”.", { again })}`;
    }
    case "blocked": {
      const what = isCamera
        ? gettext("The browser allows it, but the system keeps the browser from the camera.")
        : gettext("The browser allows it, but the system keeps the browser from the microphone.");
      return `${what} ${isCamera ? cameraInSystem(here) : microphoneInSystem(here)}`;
    }
    case "in_use":
      return isCamera
        ? gettext(
            "Another app is using the camera. Close Zoom, Teams or whatever else may be in a call, also other tabs, then try again.",
          )
        : gettext(
            "Another app is using the microphone. Close Zoom, Teams or whatever else may be in a call, also other tabs, then try again.",
          );
    case "missing":
      return isCamera
        ? gettext(
            "No camera was found. Plug one in or switch it on, then try again. You can also join without it.",
          )
        : gettext(
            "No microphone was found. Plug one in or switch it on, then try again. You can also join without it.",
          );
    case "failed":
      return isCamera
        ? gettext("The camera could not be started. Restart the browser, or try another one.")
        : gettext("The microphone could not be started. Restart the browser, or try another one.");
    case "silent":
      return gettext(
        "The microphone is on, but no sound comes from it. See that it is not muted, at its own switch or in the system’s settings, or choose another one.",
      );
  }
}

/** Where this browser keeps the permissions of a site. */
function inBrowser({ browser, system }: Surroundings): string {
  if (system === "ios") {
    return browser === "safari"
      ? gettext(
          "Press the button at the side of the web address, choose the page’s settings (⋯ or aA), and set Camera and Microphone to Allow.",
        )
      : gettext(
          "Open the system’s Settings, choose this browser under Apps, and switch Camera and Microphone on.",
        );
  }
  switch (browser) {
    case "chrome":
    case "edge":
    case "samsung":
      return system === "android"
        ? gettext(
            "Press the icon left of the web address, choose Permissions, and allow Camera and Microphone.",
          )
        : gettext("Select the icon left of the web address and switch Camera and Microphone on.");
    case "firefox":
      return gettext(
        "Select the crossed-out camera or microphone left of the web address and remove “Blocked”.",
      );
    case "safari":
      return gettext(
        "In the menu, choose Safari, then Settings for This Website, and set Camera and Microphone to Allow.",
      );
    default:
      return gettext("Select the icon beside the web address and allow Camera and Microphone.");
  }
}

/** Where this system keeps a browser's permission for the camera. */
function cameraInSystem({ system }: Surroundings): string {
  switch (system) {
    case "windows":
      return gettext(
        "Open Settings, Privacy & security, Camera, and switch on access for desktop apps.",
      );
    case "mac":
      return gettext(
        "Open System Settings, Privacy & Security, Camera, switch your browser on, and start it again.",
      );
    case "ios":
      return gettext("Open Settings, choose your browser under Apps, and switch Camera on.");
    case "android":
      return gettext(
        "Open Settings, Apps, your browser, Permissions, and allow Camera; see also that the quick setting “Camera access” is on.",
      );
    default:
      return gettext(
        "Open the system’s privacy settings and allow your browser to use the camera.",
      );
  }
}

/** The same for the microphone. */
function microphoneInSystem({ system }: Surroundings): string {
  switch (system) {
    case "windows":
      return gettext(
        "Open Settings, Privacy & security, Microphone, and switch on access for desktop apps.",
      );
    case "mac":
      return gettext(
        "Open System Settings, Privacy & Security, Microphone, switch your browser on, and start it again.",
      );
    case "ios":
      return gettext("Open Settings, choose your browser under Apps, and switch Microphone on.");
    case "android":
      return gettext(
        "Open Settings, Apps, your browser, Permissions, and allow Microphone; see also that the quick setting “Microphone access” is on.",
      );
    default:
      return gettext(
        "Open the system’s privacy settings and allow your browser to use the microphone.",
      );
  }
}
