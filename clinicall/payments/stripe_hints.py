"""Messages from Stripe: whether it signed them, and what they may be news of.

The scheme is Stripe's (docs.stripe.com/webhooks/signature): the header `t=<seconds>,v1=<hex>` holds the
HMAC-SHA256 of `<seconds>.<raw body>` under the endpoint's secret, and more than one `v1` while a secret
is being replaced. Bytes are compared before anything is read, so what nobody signed is never parsed.
"""

import hashlib
import hmac
import json
import re
from datetime import datetime
from typing import Any
from uuid import UUID

from clinicall.payments.gateway import Hint, Unsigned
from clinicall.payments.models import Quarantine

TOLERANCE = 300  # seconds, either way
SIGNED_AT = re.compile(r"t=([0-9]{1,12})")
EVENT_ID = re.compile(r"\w{1,255}", re.ASCII)
KIND = re.compile(r"[a-z0-9_.]{1,100}")

OF_A_PAGE = {
    "checkout.session.completed",
    "checkout.session.expired",
    "checkout.session.async_payment_succeeded",
    "checkout.session.async_payment_failed",
}
OF_A_CHARGE = {"payment_intent.payment_failed", "charge.refunded"}
OF_A_REFUND = {"refund.created", "refund.updated", "refund.failed", "charge.refund.updated"}
DISPUTE = "charge.dispute."


def read_hint(body: bytes, signature: str, *, secret: str, live: bool, now: datetime) -> Hint:
    """What a message says there may be news of. Raises Unsigned.

    `live` is the mode of our own key, and `signature` the header's text, empty where there is none.
    """
    _refuse_unsigned(body, signature, secret, now)
    event = _event(body)
    event_id, kind = event.get("id"), event.get("type")
    if not (isinstance(event_id, str) and EVENT_ID.fullmatch(event_id)):
        raise Unsigned
    if not (isinstance(kind, str) and KIND.fullmatch(kind)):
        raise Unsigned
    why = _set_aside(event, kind, live)
    if why:
        return Hint(event_id, kind, quarantined=why)
    about = _object(_object(event, "data"), "object")
    names = _object(about, "metadata")
    reference = reference_in(names.get("payment"))
    if reference is None:
        return Hint(event_id, kind, quarantined=Quarantine.FOREIGN)
    if kind in OF_A_PAGE:
        return Hint(event_id, kind, _text(about.get("id")), reference)
    if kind in OF_A_CHARGE:
        return Hint(event_id, kind, reference=reference)
    refund = reference_in(names.get("refund"))
    if refund is None:  # given back by somebody in Stripe's own pages
        return Hint(event_id, kind, quarantined=Quarantine.FOREIGN)
    return Hint(event_id, kind, _text(names.get("page")), reference, refund)


def _refuse_unsigned(body: bytes, signature: str, secret: str, now: datetime) -> None:
    parts = [part.strip() for part in signature.split(",")]
    signed_at = next((m[1] for m in map(SIGNED_AT.fullmatch, parts) if m), None)
    if signed_at is None or not secret:
        raise Unsigned
    if abs(now.timestamp() - int(signed_at)) > TOLERANCE:
        raise Unsigned
    right = hmac.new(secret.encode(), b"%s.%s" % (signed_at.encode(), body), hashlib.sha256)
    expected = f"v1={right.hexdigest()}".encode()
    if not any(hmac.compare_digest(expected, part.encode()) for part in parts):
        raise Unsigned


def _event(body: bytes) -> dict[str, Any]:
    try:
        event = json.loads(body.decode())
    except (ValueError, RecursionError):
        raise Unsigned from None
    if not isinstance(event, dict):
        raise Unsigned
    return event


def _set_aside(event: dict[str, Any], kind: str, live: bool) -> Quarantine:
    # Only what concerns an account that is connected to ours names one.
    if event.get("account"):
        return Quarantine.OTHER_ACCOUNT
    if event.get("livemode") is not live:
        return Quarantine.OTHER_MODE
    if kind.startswith(DISPUTE):
        return Quarantine.DISPUTED
    known = kind in OF_A_PAGE | OF_A_CHARGE | OF_A_REFUND
    return Quarantine.NONE if known else Quarantine.UNKNOWN_KIND


def _object(of: dict[str, Any], member: str) -> dict[str, Any]:
    found = of.get(member)
    return found if isinstance(found, dict) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) and EVENT_ID.fullmatch(value) else ""


def reference_in(value: object) -> UUID | None:
    """One of our ids as we write them, if this is one."""
    if not isinstance(value, str):
        return None
    try:
        named = UUID(value)
    except ValueError:
        return None
    return named if str(named) == value else None
