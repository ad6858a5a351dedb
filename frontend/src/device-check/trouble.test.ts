import { expect, test } from "vitest";
import { troubleOf } from "./trouble";

function error(name: string, message = ""): Error {
  return Object.assign(new Error(message), { name });
}

test.each([
  [error("NotAllowedError", "Permission denied"), "denied", "denied"],
  [error("NotAllowedError", "Permission denied"), null, "denied"],
  [error("NotAllowedError", "Permission dismissed"), "prompt", "dismissed"],
  [error("NotAllowedError", "Permission dismissed"), null, "dismissed"],
  [error("NotAllowedError", "The request is not allowed by the user agent"), "prompt", "dismissed"],
  [error("NotAllowedError", "Permission denied by system"), "denied", "blocked"],
  [error("NotAllowedError"), "granted", "blocked"],
  [error("NotReadableError", "Device in use"), "granted", "in_use"],
  [error("AbortError", "Starting videoinput failed"), "granted", "in_use"],
  [error("NotFoundError"), "granted", "missing"],
  [error("OverconstrainedError"), "granted", "missing"],
  [error("TypeError"), null, "failed"],
  ["no error at all", null, "failed"],
] as const)("%s with permission %s is %s", (thrown, permission, trouble) => {
  expect(troubleOf(thrown, permission)).toBe(trouble);
});
