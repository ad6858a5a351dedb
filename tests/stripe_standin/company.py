"""The company that the stand-in is: its pages, charges and refunds, and the rules it keeps.

Shapes, errors and rules are those of Stripe's API reference (Checkout Sessions, PaymentIntents,
Refunds, Errors, Idempotent requests). The ledger only grows.
"""

import itertools
import json
import secrets
import threading
import time
from dataclasses import dataclass, field
from typing import Any

Facts = dict[str, Any]

HALF_AN_HOUR, A_DAY = 30 * 60, 24 * 3600
DECLINED = {
    "type": "card_error",
    "code": "card_declined",
    "decline_code": "generic_decline",
    "message": "Your card was declined.",
}
MISTYPED = {
    "type": "card_error",
    "code": "incorrect_cvc",
    "message": "Your card's security code is incorrect.",
}


class Refused(Exception):
    """An answer of Stripe's that is no success."""

    def __init__(self, status: int, message: str, **error: str) -> None:
        self.status = status
        self.body = {"error": {"type": "invalid_request_error", "message": message, **error}}
        super().__init__(message)


@dataclass
class Company:
    """Whoever calls holds `lock`."""

    key: str
    url: str = ""
    sessions: dict[str, Facts] = field(default_factory=dict)
    intents: dict[str, Facts] = field(default_factory=dict)
    refunds: dict[str, Facts] = field(default_factory=dict)
    events: list[Facts] = field(default_factory=list)
    ledger: list[Facts] = field(default_factory=list)
    ahead: float = 0.0
    lock: threading.RLock = field(default_factory=threading.RLock)
    numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    @property
    def live(self) -> bool:
        return "_live_" in self.key

    def now(self) -> int:
        return int(time.time() + self.ahead)

    def name(self, kind: str) -> str:
        return f"{kind}_{next(self.numbers):04}{secrets.token_hex(8)}"

    def note(self, what: str, **facts: Any) -> None:
        self.ledger.append({"what": what, "at": self.now(), **facts})

    def tell(self, kind: str, about: Facts) -> None:
        """An event; the clinic's copy of what it is about is of this moment."""
        event = {
            "id": self.name("evt"),
            "object": "event",
            "api_version": "2026-10-28.endive",
            "created": self.now(),
            "data": {"object": about},
            "livemode": self.live,
            "pending_webhooks": 1,
            "request": {"id": None, "idempotency_key": None},
            "type": kind,
        }
        self.events.append(json.loads(json.dumps(event)))

    # --- Pages ---

    def open(self, params: Facts) -> Facts:
        self._refuse_bad_page(params)
        name = self.name(f"cs_{'live' if self.live else 'test'}")
        price = params["line_items"]["0"]["price_data"]
        amount = int(price["unit_amount"]) * int(params["line_items"]["0"].get("quantity", 1))
        session = {
            "id": name,
            "object": "checkout.session",
            "amount_subtotal": amount,
            "amount_total": amount,
            "cancel_url": params.get("cancel_url"),
            "client_reference_id": params.get("client_reference_id"),
            "created": self.now(),
            "currency": price["currency"],
            "expires_at": int(params["expires_at"]),
            "livemode": self.live,
            "metadata": params.get("metadata", {}),
            "mode": "payment",
            "payment_intent": None,
            "payment_method_types": list(params["allowed_payment_method_types"].values()),
            "payment_status": "unpaid",
            "status": "open",
            "success_url": params["success_url"],
            "url": f"{self.url}/pay/{name}",
        }
        self.sessions[name] = session
        # The intent comes with the first try to pay; until then this is what it will know.
        self.intents[name] = params.get("payment_intent_data", {}).get("metadata", {})
        self.note("opened", session=name, reference=session["client_reference_id"], amount=amount)
        return session

    def _refuse_bad_page(self, params: Facts) -> None:
        if params.get("mode") != "payment":
            raise Refused(400, "Missing required param: mode.", param="mode")
        if "payment_method_types" in params:  # gone since 2026-09-30.endive
            raise Refused(400, "Received unknown parameter: payment_method_types")
        ahead = int(params.get("expires_at", 0)) - self.now()
        if not HALF_AN_HOUR <= ahead <= A_DAY:
            raise Refused(
                400,
                "The `expires_at` timestamp must be at least 30 minutes and at most 24 hours"
                " from Checkout Session creation.",
                param="expires_at",
            )

    def session(self, name: str) -> Facts:
        """As it is now: a page ends by itself."""
        if name not in self.sessions:
            raise Refused(404, f"No such checkout.session: '{name}'", code="resource_missing")
        session = self.sessions[name]
        if session["status"] == "open" and session["expires_at"] <= self.now():
            self._expire(session)
        return session

    def expire(self, name: str) -> Facts:
        session = self.session(name)
        if session["status"] != "open":
            raise Refused(
                400,
                'Only Checkout Sessions with a status in ["open"] can be expired.'
                f" This Checkout Session has a status of `{session['status']}`.",
            )
        self._expire(session)
        return session

    def _expire(self, session: Facts) -> None:
        session.update(status="expired", url=None)
        if session["payment_intent"]:
            self.intents[session["payment_intent"]]["status"] = "canceled"
        self.note("expired", session=session["id"])
        self.tell("checkout.session.expired", session)

    # --- What payers do ---

    def pay(self, name: str, card: str) -> str:
        """What the page says then: "paid", "processing", "declined", "mistyped" or "over"."""
        session = self.session(name)
        if session["status"] != "open":
            return "over"
        intent = self._intent_of(session)
        if card in ("decline", "mistype"):
            error = DECLINED if card == "decline" else MISTYPED
            intent["last_payment_error"] = error
            self.note(f"{card}d", session=name)
            self.tell("payment_intent.payment_failed", intent)
            return f"{card}d"
        intent["last_payment_error"] = None
        session.update(status="complete", url=None)
        if card == "process":
            intent["status"] = "processing"
            self.note("processing", session=name)
        else:
            self._charge(session, intent)
        self.tell("checkout.session.completed", session)
        return "processing" if card == "process" else "paid"

    def _intent_of(self, session: Facts) -> Facts:
        if session["payment_intent"]:
            return self.intents[session["payment_intent"]]
        name = self.name("pi")
        intent = {
            "id": name,
            "object": "payment_intent",
            "amount": session["amount_total"],
            "amount_received": 0,
            "created": self.now(),
            "currency": session["currency"],
            "last_payment_error": None,
            "latest_charge": None,
            "livemode": session["livemode"],
            "metadata": self.intents.pop(session["id"]),
            "status": "requires_payment_method",
        }
        self.intents[name] = intent
        session["payment_intent"] = name
        return intent

    def _charge(self, session: Facts, intent: Facts) -> None:
        intent.update(
            status="succeeded", amount_received=intent["amount"], latest_charge=self.name("ch")
        )
        session["payment_status"] = "paid"
        self.note(
            "charged",
            session=session["id"],
            reference=session["client_reference_id"],
            amount=intent["amount"],
        )

    def bank_answers(self, *, yes: bool) -> None:
        """All that banks have begun comes to its end."""
        for session in self.sessions.values():
            if session["status"] != "complete" or session["payment_status"] == "paid":
                continue
            intent = self.intents[session["payment_intent"]]
            if intent["status"] != "processing":
                continue
            if yes:
                self._charge(session, intent)
            else:
                intent.update(status="requires_payment_method", last_payment_error=DECLINED)
                self.note("failed", session=session["id"])
            happened = "succeeded" if yes else "failed"
            self.tell(f"checkout.session.async_payment_{happened}", session)
        for refund in self.refunds.values():
            if refund["status"] == "pending":
                refund["status"] = "succeeded" if yes else "failed"
                self.note(f"refund {refund['status']}", refund=refund["id"])
                self.tell("refund.updated" if yes else "refund.failed", refund)

    # --- Money back ---

    def refund(self, params: Facts, *, status: str = "succeeded") -> Facts:
        intent = self.intents.get(params.get("payment_intent", ""))
        if intent is None or "id" not in intent:
            raise Refused(404, "No such payment_intent", code="resource_missing")
        if intent["status"] != "succeeded":
            raise Refused(400, "This PaymentIntent does not have a successful charge to refund.")
        left = intent["amount_received"] - self.given_back(intent["id"])
        amount = int(params.get("amount", left))
        if not left:
            raise Refused(
                400,
                f"Charge {intent['latest_charge']} has already been refunded.",
                code="charge_already_refunded",
            )
        if amount > left:
            raise Refused(400, "Refund amount is greater than unrefunded amount on charge")
        refund = {
            "id": self.name("re"),
            "object": "refund",
            "amount": amount,
            "charge": intent["latest_charge"],
            "created": self.now(),
            "currency": intent["currency"],
            "metadata": params.get("metadata", {}),
            "payment_intent": intent["id"],
            "reason": None,
            "status": status,
        }
        self.refunds[refund["id"]] = refund
        self.note(f"refund {status}", refund=refund["id"], amount=amount)
        self.tell("refund.created", refund)
        return refund

    def given_back(self, intent: str) -> int:
        return sum(
            refund["amount"]
            for refund in self.refunds.values()
            if refund["payment_intent"] == intent and refund["status"] in ("succeeded", "pending")
        )

    def found(self, kind: str, query: dict[str, str]) -> Facts:
        """A list as the API pages it: newest first, `starting_after` the last one seen."""
        rows = list(reversed((self.sessions if kind == "sessions" else self.refunds).values()))
        for field_name in ("payment_intent", "status"):
            if field_name in query:
                rows = [row for row in rows if row[field_name] == query[field_name]]
        if "created[gte]" in query:
            rows = [row for row in rows if row["created"] >= int(query["created[gte]"])]
        if "starting_after" in query:
            names = [row["id"] for row in rows]
            rows = rows[names.index(query["starting_after"]) + 1 :]
        limit = int(query.get("limit", 10))
        address = "/v1/checkout/sessions" if kind == "sessions" else "/v1/refunds"
        return {
            "object": "list",
            "data": rows[:limit],
            "has_more": len(rows) > limit,
            "url": address,
        }
