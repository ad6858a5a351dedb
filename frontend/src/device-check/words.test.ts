import { expect, test } from "vitest";
import type { Browser, Surroundings, System } from "./browser";
import { explain } from "./words";

const on = (browser: Browser, system: System): Surroundings => ({
  browser,
  system,
  insideApp: null,
});

test.each([
  ["chrome", "windows", "icon left of the web address"],
  ["chrome", "android", "choose Permissions"],
  ["firefox", "other", "crossed-out camera"],
  ["safari", "mac", "Settings for This Website"],
  ["safari", "ios", "aA"],
  ["chrome", "ios", "under Apps"],
  ["other", "other", "beside the web address"],
] as const)("where %s on %s blocks cameras is told", (browser, system, where) => {
  expect(explain("denied", "camera", on(browser, system))).toContain(where);
});

test.each([
  ["windows", "desktop apps"],
  ["mac", "System Settings"],
  ["ios", "under Apps"],
  ["android", "quick setting"],
  ["other", "privacy settings"],
] as const)("where %s itself blocks them is told", (system, where) => {
  expect(explain("blocked", "microphone", on("chrome", system))).toContain(where);
});

test("no two troubles read the same", () => {
  const troubles = [
    "dismissed",
    "denied",
    "blocked",
    "in_use",
    "missing",
    "failed",
    "silent",
  ] as const;
  const texts = troubles.map((trouble) => explain(trouble, "microphone", on("chrome", "windows")));
  expect(new Set(texts).size).toBe(troubles.length);
});
