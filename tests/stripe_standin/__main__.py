"""A stand-in for Stripe: `python -m tests.stripe_standin KEY`, a process with a ledger of its own.

It prints its port, and ends when its standard input does. To the SDK it is api.stripe.com for what we
use of it, with idempotency keys and signed webhooks; to a browser it is the page to pay on
(`/pay/{session}`, a form `card=pay|decline|mistype|process`). `running.py` starts it and speaks for
tests. The rest is for tests to say how it behaves:

POST /script {"exchange", "does", ...}  the next request of that exchange goes otherwise; scripts wait in
    a queue, each used once. Exchanges: open, look_up (retrieve), close (expire), refund, refunds (the
    list of them), sessions (the list). What it does:
      stop_asked, stop_done      holds it before or after doing it, and says so on /stopped
      slow (seconds)             does it, and answers late
      silent, silent_done        hangs up without an answer, having done nothing or all of it
      error, error_done          answers 500, having done nothing or all of it; kept for the same key,
                                 as every answer is, for a day
      busy                       answers 429
      twice                      (open) makes two pages, and answers with the second
      refuse (code, message)     answers 400
      pending                    (refund) the bank takes its time; see /bank
GET  /stopped                    [{"id", "at": "open:asked"}]: what is being held
POST /release {"id"?}            lets that go on, or all
POST /bank {"yes": true}         whatever a bank has begun, payments and refunds, succeeds or fails
POST /alter {"id", ...}          what it answers of that session or intent from now on
POST /dashboard {"session", "amount"?}  somebody gives money back by hand, with no metadata of ours
POST /clock {"now"}              its clock stands there (seconds since 1970) and goes on
POST /webhooks {"url", "secret"} where events go as they happen, each once; url "" keeps them
POST /deliver {"url", "secret", "times"?, "shuffle"?, "at"?}  all events once more; answers [statuses]
GET  /ledger                     {"entries", "asked", "sessions", "intents", "refunds"}: all that happened
GET  /events                     every event as it was sent, whether or not anybody heard it
"""

import hashlib
import hmac
import html
import json
import queue
import random
import sys
import threading
import time
import urllib.request
from collections import defaultdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.error import HTTPError
from urllib.parse import parse_qsl, urlsplit

from tests.stripe_standin.company import A_DAY, Company, Facts, Refused

LONGEST_HELD = 60  # seconds; a test that forgets to release ends all the same


class HangUp(Exception):
    """The caller gets no answer."""


class Standin(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def __init__(self, company: Company) -> None:
        super().__init__(("127.0.0.1", 0), Exchange)
        self.company = company
        company.url = f"http://127.0.0.1:{self.server_port}"
        self.scripts: dict[str, list[Facts]] = defaultdict(list)
        self.answered: dict[str, tuple[int, str, int, Facts]] = {}
        self.busy_keys: set[str] = set()
        self.asked: list[Facts] = []
        self.held: dict[str, tuple[str, threading.Event]] = {}
        self.address, self.secret = "", ""
        self.to_send: queue.SimpleQueue[Facts] = queue.SimpleQueue()
        self.sent = 0
        threading.Thread(target=self._send_as_they_happen, daemon=True).start()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller who is killed while we hold them is what we are for; a fault of ours is not."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)

    def events_happened(self) -> None:
        with self.company.lock:
            fresh, self.sent = self.company.events[self.sent :], len(self.company.events)
        if self.address:
            for event in fresh:
                self.to_send.put(event)

    def _send_as_they_happen(self) -> None:
        while True:
            event = self.to_send.get()
            deliver(event, self.address, self.secret, self.company.now())

    def hold(self, at: str) -> None:
        name, go_on = self.company.name("held"), threading.Event()
        self.held[name] = (at, go_on)
        go_on.wait(LONGEST_HELD)
        self.held.pop(name, None)


def deliver(event: Facts, address: str, secret: str, at: int) -> int:
    """Send it as Stripe would; answers the status, 0 when nobody is there."""
    body = json.dumps(event, indent=2).encode()
    signature = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "Stripe-Signature": f"t={at},v1={signature},v0={'0' * 64}",
    }
    try:
        request = urllib.request.Request(address, body, headers)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return int(answer.status)
    except HTTPError as error:
        with error:
            return error.code
    except OSError:
        return 0


def nested(body: str) -> Facts:
    """`a[b][0]=c` as {"a": {"b": {"0": "c"}}}."""
    found: Facts = {}
    for name, value in parse_qsl(body, keep_blank_values=True):
        *path, last = name.replace("]", "").split("[")
        place = found
        for step in path:
            place = place.setdefault(step, {})
        place[last] = value
    return found


class Exchange(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 120
    server: Standin

    def log_message(self, *_: Any) -> None:
        pass

    def do_GET(self) -> None:
        self._answer("")

    def do_POST(self) -> None:
        self._answer(self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode())

    def _answer(self, body: str) -> None:
        path = urlsplit(self.path).path
        try:
            if path.startswith("/v1/"):
                self._say(*self._api(path, body))
            elif path.startswith("/pay/"):
                self._page(path.removeprefix("/pay/"), body)
            else:
                self._say(200, self._control(path, json.loads(body or "{}")))
        except HangUp:
            self.close_connection = True
        finally:
            self.server.events_happened()

    def _say(self, status: int, facts: Any, **headers: str) -> None:
        body = facts.encode() if isinstance(facts, str) else json.dumps(facts, indent=2).encode()
        kind = "text/html; charset=utf-8" if isinstance(facts, str) else "application/json"
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Request-Id", self.server.company.name("req"))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    # --- The API ---

    def _api(self, path: str, body: str) -> tuple[int, Facts]:
        if self.headers.get("Authorization") != f"Bearer {self.server.company.key}":
            error = {"type": "invalid_request_error", "message": "Invalid API Key provided"}
            return 401, {"error": error}
        exchange = self._exchange(path)
        script = self._script(exchange)
        does = script.get("does", "")
        key = self.headers.get("Idempotency-Key", "") if self.command == "POST" else ""
        with self.server.company.lock:
            self.server.asked.append({"exchange": exchange, "key": key, "params": nested(body)})
            if key in self.server.busy_keys:
                return 409, _error("idempotency_error", "This key is being used by another request")
            before = self.server.answered.get(key)
            if before and before[0] > self.server.company.now() - A_DAY:
                return self._replay(before, path, body)
            self.server.busy_keys |= {key} - {""}
        try:
            status, answer = self._scripted(exchange, does, script, path, body)
            if key and status not in (409, 429):
                now = self.server.company.now()
                self.server.answered[key] = (now, f"{path} {body}", status, answer)
        finally:
            self.server.busy_keys.discard(key)
        if does in ("silent", "silent_done"):
            if does == "silent":
                self.server.answered.pop(key, None)
            raise HangUp
        if does == "slow":
            time.sleep(script["seconds"])
        if does == "stop_done":
            self.server.hold(f"{exchange}:done")
        return status, answer

    def _replay(
        self, before: tuple[int, str, int, Facts], path: str, body: str
    ) -> tuple[int, Facts]:
        _, asked, status, answer = before
        if asked != f"{path} {body}":
            message = "Keys for idempotent requests can only be used with the same parameters"
            return 400, _error("idempotency_error", message)
        return status, answer

    def _scripted(
        self, exchange: str, does: str, script: Facts, path: str, body: str
    ) -> tuple[int, Facts]:
        if does == "stop_asked":
            self.server.hold(f"{exchange}:asked")
        if does == "busy":
            return 429, _error("invalid_request_error", "Too many requests", code="rate_limit")
        if does == "refuse":
            message = script.get("message", "This refund is not possible.")
            return 400, _error("invalid_request_error", message, code=script.get("code", ""))
        if does == "silent":
            return 0, {}
        if does == "error":
            return 500, _error("api_error", "An unknown error occurred")
        try:
            with self.server.company.lock:
                answer = json.loads(json.dumps(self._done(exchange, does, path, body)))
        except Refused as refused:
            return refused.status, refused.body
        if does == "error_done":
            return 500, _error("api_error", "An unknown error occurred")
        return 200, answer

    def _exchange(self, path: str) -> str:
        posted = self.command == "POST"
        match path.removeprefix("/v1/").split("/"):
            case ["checkout", "sessions"]:
                return "open" if posted else "sessions"
            case ["checkout", "sessions", _]:
                return "look_up"
            case ["checkout", "sessions", _, "expire"]:
                return "close"
            case ["refunds"]:
                return "refund" if posted else "refunds"
            case _:
                return "unknown"

    def _script(self, exchange: str) -> Facts:
        waiting = self.server.scripts[exchange]
        return waiting.pop(0) if waiting else {}

    def _done(self, exchange: str, does: str, path: str, body: str) -> Facts:
        company, params = self.server.company, nested(body)
        query = dict(parse_qsl(urlsplit(self.path).query))
        match exchange:
            case "open":
                if does == "twice":
                    company.open(params)
                return company.open(params)
            case "sessions":
                return company.found("sessions", query)
            case "look_up":
                return self._expanded(company.session(path.rpartition("/")[2]), query.values())
            case "close":
                session = company.expire(path.split("/")[-2])
                return self._expanded(session, params.get("expand", {}).values())
            case "refund":
                return company.refund(
                    params, status="pending" if does == "pending" else "succeeded"
                )
            case "refunds":
                return company.found("refunds", query)
            case _:
                raise Refused(404, f"Unrecognized request URL ({self.command}: {path}).")

    def _expanded(self, session: Facts, wanted: Any) -> Facts:
        if "payment_intent" not in wanted or not session["payment_intent"]:
            return session
        return {
            **session,
            "payment_intent": self.server.company.intents[session["payment_intent"]],
        }

    # --- The page ---

    def _page(self, name: str, body: str) -> None:
        company = self.server.company
        said = ""
        with company.lock:
            try:
                session = company.session(name)
            except Refused as refused:
                return self._say(404, refused.body)
            if body:
                said = company.pay(name, dict(parse_qsl(body)).get("card", ""))
        if said in ("paid", "processing"):
            return self._say(303, "", Location=session["success_url"])
        return self._say(200, page(session, said))

    # --- What tests say ---

    def _control(self, path: str, said: Facts) -> Any:
        server, company = self.server, self.server.company
        if self.command == "GET":
            return self._told(path)
        match path:
            case "/script":
                server.scripts[said["exchange"]].append(said)
            case "/release":
                for name, (_, go_on) in list(server.held.items()):
                    if said.get("id", name) == name:
                        go_on.set()
            case "/clock":
                company.ahead = said["now"] - time.time()
            case "/webhooks":
                server.address, server.secret = said["url"], said.get("secret", "")
            case "/deliver":
                return self._delivered(said)
            case _:
                with company.lock:
                    return self._changed(path, said)
        return {}

    def _told(self, path: str) -> Any:
        server, company = self.server, self.server.company
        with company.lock:
            match path:
                case "/stopped":
                    return [{"id": name, "at": at} for name, (at, _) in list(server.held.items())]
                case "/events":
                    return company.events
                case "/ledger":
                    return {
                        "entries": company.ledger,
                        "asked": server.asked,
                        "sessions": list(company.sessions.values()),
                        "intents": [i for i in company.intents.values() if "id" in i],
                        "refunds": list(company.refunds.values()),
                    }
        return {}

    def _changed(self, path: str, said: Facts) -> Facts:
        company = self.server.company
        match path:
            case "/bank":
                company.bank_answers(yes=said["yes"])
            case "/alter":
                name = said.pop("id")
                (company.sessions.get(name) or company.intents[name]).update(said)
            case "/dashboard":
                session = company.sessions[said.pop("session")]
                return company.refund({**said, "payment_intent": session["payment_intent"]})
        return {}

    def _delivered(self, said: Facts) -> list[int]:
        events = list(self.server.company.events) * said.get("times", 1)
        if "shuffle" in said:
            random.Random(said["shuffle"]).shuffle(events)
        at = said.get("at", self.server.company.now())
        return [deliver(event, said["url"], said["secret"], at) for event in events]


def _error(kind: str, message: str, **more: str) -> Facts:
    return {"error": {"type": kind, "message": message, **more}}


WORDS = {
    "declined": "Your card was declined.",
    "mistyped": "Your card's security code is incorrect. Nothing was charged; try again.",
}
STYLE = """
body { font: 18px/1.5 sans-serif; margin: 0; padding: 24px; max-width: 26rem; margin-inline: auto }
button, a { display: block; width: 100%; box-sizing: border-box; padding: 14px; margin: 12px 0;
  font: inherit; text-align: center; border: 1px solid #444; border-radius: 8px; background: #fff;
  color: #111 }
"""


def page(session: Facts, said: str) -> str:
    amount = f"{session['currency'].upper()} {session['amount_total'] / 100:,.2f}"
    over = session["status"] != "open"
    buttons = "".join(
        f'<button name="card" value="{value}">{label}</button>'
        for value, label in (
            ("pay", "Pay"),
            ("decline", "Decline"),
            ("mistype", "Mistype the security code"),
        )
    )
    form = (
        "<p>This page can no longer be used.</p>"
        if over
        else f'<form method="post">{buttons}</form>'
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Card payment</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{STYLE}</style></head><body><main><p>Appointment</p><h1>{amount}</h1>"
        f'<p role="alert">{html.escape(WORDS.get(said, ""))}</p>{form}'
        f'<a href="{html.escape(session["cancel_url"] or "")}">Back</a></main></body></html>'
    )


def main() -> None:
    standin = Standin(Company(sys.argv[1]))
    threading.Thread(target=standin.serve_forever, daemon=True).start()
    print(standin.server_port, flush=True)  # noqa: T201
    sys.stdin.read()


if __name__ == "__main__":
    main()
