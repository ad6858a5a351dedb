/** Which browser this is, only to explain where its switches are; nothing is allowed or refused by it. */

export type Browser = "chrome" | "edge" | "firefox" | "safari" | "samsung" | "other";
export type System = "windows" | "mac" | "ios" | "android" | "other";

export interface Surroundings {
  readonly browser: Browser;
  readonly system: System;
  /** A browser inside another app, which often has no camera to give: the app's name, or null. */
  readonly insideApp: string | null;
}

const APPS: readonly (readonly [RegExp, string])[] = [
  [/WhatsApp/, "WhatsApp"],
  [/FBAN|FBAV|FB_IAB/, "Facebook"],
  [/Instagram/, "Instagram"],
  [/ Line\//, "LINE"],
  [/MicroMessenger/, "WeChat"],
  [/TikTok|musical_ly|BytedanceWebview/, "TikTok"],
  [/; wv\)/, "another app"],
];

// Most name several: the first match is the one.
const BROWSERS: readonly (readonly [RegExp, Browser])[] = [
  [/Edg(A|iOS)?\//, "edge"],
  [/SamsungBrowser\//, "samsung"],
  [/Firefox\/|FxiOS\//, "firefox"],
  [/Chrome\/|CriOS\/|Chromium\//, "chrome"],
  [/Safari\//, "safari"],
];

/** `touchPoints` tells an iPad, which says that it is a Mac, from one. */
export function surroundingsOf(userAgent: string, touchPoints = 0): Surroundings {
  const find = <T>(table: readonly (readonly [RegExp, T])[]) =>
    table.find(([pattern]) => pattern.test(userAgent))?.[1];
  const system = systemOf(userAgent, touchPoints);
  return { browser: find(BROWSERS) ?? "other", system, insideApp: find(APPS) ?? null };
}

function systemOf(userAgent: string, touchPoints: number): System {
  if (/iPhone|iPad|iPod/.test(userAgent)) return "ios";
  if (/Android/.test(userAgent)) return "android";
  if (/Macintosh/.test(userAgent)) return touchPoints > 1 ? "ios" : "mac";
  return /Windows/.test(userAgent) ? "windows" : "other";
}
