import { expect, test } from "vitest";
import { surroundingsOf } from "./browser";

const WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)";
const PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15";

test.each([
  [
    `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${WEBKIT} Chrome/140.0.0.0 Safari/537.36`,
    "chrome",
    "windows",
  ],
  [
    `Mozilla/5.0 (Windows NT 10.0) ${WEBKIT} Chrome/140.0.0.0 Safari/537.36 Edg/140.0`,
    "edge",
    "windows",
  ],
  [
    `Mozilla/5.0 (Linux; Android 14) ${WEBKIT} SamsungBrowser/27.0 Chrome/125 Mobile Safari/537.36`,
    "samsung",
    "android",
  ],
  ["Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "firefox", "other"],
  [
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.0 Safari/605.1.15",
    "safari",
    "mac",
  ],
  [`${PHONE} CriOS/140.0 Mobile/15E148 Safari/604.1`, "chrome", "ios"],
  [`${PHONE} Version/18.0 Mobile/15E148 Safari/604.1`, "safari", "ios"],
  ["curl/8", "other", "other"],
])("%s", (userAgent, browser, system) => {
  expect(surroundingsOf(userAgent)).toEqual({ browser, system, insideApp: null });
});

test("an iPad that says it is a Mac is known by its screen", () => {
  const pad =
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Safari/605.1.15";
  expect(surroundingsOf(pad, 5).system).toBe("ios");
});

test.each([
  [`${PHONE} Mobile/15E148 [FBAN/FBIOS;FBAV/480.0]`, "Facebook"],
  [`${PHONE} Mobile/15E148 WhatsApp/24`, "WhatsApp"],
  [
    `Mozilla/5.0 (Linux; Android 14; Pixel 8; wv) ${WEBKIT} Chrome/140 Mobile Safari/537.36`,
    "another app",
  ],
])("%s is inside an app", (userAgent, app) => {
  expect(surroundingsOf(userAgent).insideApp).toBe(app);
});
