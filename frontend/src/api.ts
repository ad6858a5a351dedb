/** A "no" of the server (RFC 9457 problem), or status 0 with code `unreachable` when no answer came. */
export class Problem extends Error {
  constructor(
    readonly code: string,
    readonly title: string,
    readonly status: number,
    readonly detail: string,
    /** Members beside the standard ones, for example `opensAt` of a `too_early`. */
    readonly facts: Readonly<Record<string, unknown>> = {},
  ) {
    super(detail || title);
    this.name = "Problem";
  }

  /** True when the same request may well succeed in a moment: no answer, a busy or a failing server. */
  get isPassing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }

  /** A member beside the standard ones, when the server sent it as text. */
  fact(name: string): string | null {
    const value = this.facts[name];
    return typeof value === "string" ? value : null;
  }
}

/** What the media are encrypted with inside Agora's network; `salt` is base64. */
export interface Encryption {
  mode: "aes-256-gcm2";
  secret: string;
  salt: string;
}

/** Channel, token and expiry for one person and one appointment. Instants are RFC 3339 in UTC. */
export interface RoomPass {
  provider: "agora" | "peer";
  appId: string | null;
  channelName: string;
  uid: number;
  token: string;
  tokenExpiresAt: string;
  opensAt: string;
  closesAt: string;
  socketUrl: string | null;
  iceServers: RTCIceServer[];
  encryption: Encryption | null;
}

/** A room pass and the server's clock (milliseconds since 1970) when it was handed out. */
export interface IssuedPass extends RoomPass {
  issuedAt: number;
}

export type Outcome = "attended" | "no_show_patient";

/** Ask for a room pass, at the door or to renew one. Throws Problem: too_early, room_closed, not_confirmed. */
export async function enterCall(appointmentId: string): Promise<IssuedPass> {
  const answer = await post(`/api/v1/appointments/${appointmentId}/call`);
  const pass = (await answer.json()) as RoomPass;
  const date = Date.parse(answer.headers.get("Date") ?? "");
  return { ...pass, issuedAt: Number.isNaN(date) ? Date.now() : date };
}

/** Say that this person left the call. The visit goes on; coming back is possible. */
export async function leaveCall(appointmentId: string): Promise<void> {
  await post(`/api/v1/appointments/${appointmentId}/call/leave`);
}

/** The doctor ends the visit. Throws Problem: not_possible_now. */
export async function completeVisit(appointmentId: string, outcome: Outcome): Promise<void> {
  await post(`/api/v1/appointments/${appointmentId}/complete`, { outcome });
}

async function post(path: string, body: object = {}): Promise<Response> {
  let answer: Response;
  try {
    answer = await fetch(path, {
      method: "POST",
      credentials: "same-origin",
      // A person may close the page with the very press that says so.
      keepalive: true,
      headers: {
        Accept: "application/json",
        "Content-Type": "application/json",
        "X-CSRFToken": csrfToken(document.cookie),
      },
      body: JSON.stringify(body),
    });
  } catch {
    throw new Problem("unreachable", "The clinic could not be reached", 0, "");
  }
  if (!answer.ok) throw await problemOf(answer);
  return answer;
}

/** The token in the cookies, whose name has a prefix where the site is encrypted. */
export function csrfToken(cookies: string): string {
  return /(?:^|;\s*)(?:__Host-)?csrftoken=([^;]*)/.exec(cookies)?.[1] ?? "";
}

/** Read a problem document; anything else that is not a success becomes a problem of code `unknown`. */
export async function problemOf(answer: Response): Promise<Problem> {
  const type = answer.headers.get("Content-Type") ?? "";
  if (!type.startsWith("application/problem+json")) {
    return new Problem("unknown", answer.statusText, answer.status, "");
  }
  const { type: _type, code, title, detail, ...facts } = await answer.json();
  return new Problem(code, title, answer.status, detail ?? "", facts);
}
