import { describe, expect, it } from "vitest";
import { inWords, whyNot } from "./passkeys";

describe("where passkeys can work", () => {
  it("sends people from 127.0.0.1 to localhost", () => {
    expect(whyNot({ hostname: "127.0.0.1", port: "8000" }, true)).toContain(
      "http://localhost:8000",
    );
  });
  it("knows no other name for another address of numbers", () => {
    expect(whyNot({ hostname: "192.168.1.7", port: "" }, true)).not.toContain("localhost");
  });
  it("asks for encryption", () => {
    expect(whyNot({ hostname: "clinic.example", port: "" }, false)).toContain("encrypted");
  });
});

describe("what went wrong", () => {
  it("does not blame who changed their mind", () => {
    const stopped = new Error("");
    stopped.name = "NotAllowedError";
    expect(inWords(stopped)).toBe("No passkey was used. You can try again.");
  });
});
