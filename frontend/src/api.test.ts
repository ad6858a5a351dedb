import { afterEach, expect, test, vi } from "vitest";
import { completeVisit, csrfToken, enterCall, leaveCall, Problem, problemOf } from "./api";

const PASS = {
  provider: "peer",
  appId: null,
  channelName: "appt_a1",
  uid: 2,
  token: "pass",
  tokenExpiresAt: "2027-03-01T10:30:00Z",
  opensAt: "2027-03-01T09:50:00Z",
  closesAt: "2027-03-01T10:45:00Z",
  socketUrl: "/ws/calls/a1",
  iceServers: [],
  encryption: null,
};

function clinicAnswers(answer: () => Response): ReturnType<typeof vi.fn<typeof fetch>> {
  const clinic = vi.fn<typeof fetch>(async () => answer());
  vi.stubGlobal("fetch", clinic);
  vi.stubGlobal("document", { cookie: "sessionid=x; csrftoken=secret" });
  return clinic;
}

function refusal(status: number, members: object): Response {
  const type = { "Content-Type": "application/problem+json" };
  return new Response(JSON.stringify(members), { status, headers: type });
}

afterEach(() => vi.unstubAllGlobals());

test("entering a call brings a pass and the clinic's clock", async () => {
  const clinic = clinicAnswers(() =>
    Response.json(PASS, { headers: { Date: "Mon, 01 Mar 2027 10:00:00 GMT" } }),
  );
  const pass = await enterCall("a1");
  expect(pass).toEqual({ ...PASS, issuedAt: Date.UTC(2027, 2, 1, 10) });
  const [path, request] = clinic.mock.calls[0] ?? [];
  expect(path).toBe("/api/v1/appointments/a1/call");
  expect(request).toMatchObject({
    method: "POST",
    credentials: "same-origin",
    headers: { "X-CSRFToken": "secret" },
  });
});

test("leaving and ending a visit go to their own addresses", async () => {
  const clinic = clinicAnswers(() => new Response(null, { status: 204 }));
  await leaveCall("a1");
  await completeVisit("a1", "no_show_patient");
  expect(clinic.mock.calls.map(([path, request]) => [path, request?.body])).toEqual([
    ["/api/v1/appointments/a1/call/leave", "{}"],
    ["/api/v1/appointments/a1/complete", '{"outcome":"no_show_patient"}'],
  ]);
});

test("a refusal keeps its code and its facts", async () => {
  const opensAt = "2027-03-01T09:50:00Z";
  clinicAnswers(() =>
    refusal(409, {
      type: "/problems/too_early",
      code: "too_early",
      title: "Too early",
      status: 409,
      detail: "The room is not open yet.",
      requestId: "r1",
      opensAt,
    }),
  );
  const problem = await enterCall("a1").catch((error: unknown) => error);
  expect(problem).toBeInstanceOf(Problem);
  expect(problem).toMatchObject({ code: "too_early", status: 409, isPassing: false });
  expect((problem as Problem).message).toBe("The room is not open yet.");
  expect((problem as Problem).fact("opensAt")).toBe(opensAt);
});

test("an answer that is no problem document is an unknown problem", async () => {
  const problem = await problemOf(new Response("<h1>Bad Gateway</h1>", { status: 502 }));
  expect(problem).toMatchObject({ code: "unknown", status: 502, isPassing: true });
  expect(problem.fact("requestId")).toBeNull();
});

test("no answer at all is a problem that may pass", async () => {
  clinicAnswers(() => {
    throw new TypeError("Failed to fetch");
  });
  await expect(enterCall("a1")).rejects.toMatchObject({ code: "unreachable", isPassing: true });
});

test.each([
  ["csrftoken=abc", "abc"],
  ["theme=dark; csrftoken=abc; lang=en", "abc"],
  ["theme=dark; __Host-csrftoken=abc", "abc"],
  ["notcsrftoken=no", ""],
  ["", ""],
])("the token in the cookies %j is %j", (cookies, token) => {
  expect(csrfToken(cookies)).toBe(token);
});
