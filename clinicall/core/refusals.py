"""A refusal is a business "no": a class named after the fact, with a code that clients may script against.

The edges turn it into HTTP in one place; a 500 stays reserved for faults.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext


class Refusal(Exception):
    """A "no" of the clinic's rules. `facts` are added to the answer beside the code."""

    code: ClassVar[str]
    status: ClassVar[int] = 409
    title: ClassVar[str | Promise]

    def __init__(self, detail: str | Promise = "", **facts: Any) -> None:
        self.detail = str(detail or self.title)
        self.facts = facts
        super().__init__(self.code)


# RFC 9457's media type, whatever a request accepts.
PROBLEM = "application/problem+json"


def waiting_time(refusal: Refusal) -> dict[str, str]:
    """The header that says when to ask again, for those refusals that pass by themselves."""
    match refusal:
        case SlowDown(seconds=seconds):
            return {"Retry-After": str(seconds)}
        case TryAgain():
            return {"Retry-After": "1"}
        case DatabaseAway():
            return {"Retry-After": "5"}  # by then one that restarts is back
        case _:
            return {}


def problem_document(refusal: Refusal, *, request_id: str) -> dict[str, Any]:
    """What every edge answers a refusal with (RFC 9457); an edge may add the refusal's facts."""
    return {
        "type": f"/problems/{refusal.code}",
        "title": str(refusal.title),
        "status": refusal.status,
        "detail": refusal.detail,
        "code": refusal.code,
        "requestId": request_id,
    }


class NotSignedIn(Refusal):
    code, status, title = "not_signed_in", 401, _("Sign in first")


class WrongRole(Refusal):
    code, status, title = "wrong_role", 403, _("Your account cannot do this")


class SecondFactorRequired(Refusal):
    code, status = "second_factor_required", 403
    title = _("Set up a second step for signing in first")


class CsrfFailed(Refusal):
    code, status, title = "csrf_failed", 403, _("The page was too old; reload it and try again")


class NotFound(Refusal):
    """Also the answer about another person's object: what is not yours does not exist."""

    code, status, title = "not_found", 404, _("There is nothing here")


class SlotGone(Refusal):
    code, status, title = "slot_gone", 404, _("This time is no longer offered")


class BadRequest(Refusal):
    code, status, title = "bad_request", 400, _("The request could not be read")


class TooLarge(Refusal):
    code, status, title = "too_large", 413, _("The request is too large")


class WrongType(Refusal):
    code, status, title = "wrong_type", 415, _("Send application/json")


@dataclass(frozen=True)
class Fault:
    """One thing wrong with one member; `pointer` is a JSON pointer such as `#/windows/0/endTime`."""

    pointer: str
    code: str
    detail: str


class Invalid(Refusal):
    code, status = "invalid", 422
    title: ClassVar[str | Promise] = _("Some of what was sent cannot be used")

    def __init__(self, *faults: Fault) -> None:
        super().__init__()
        self.faults: Sequence[Fault] = faults


class IdempotencyKeyMissing(Refusal):
    code, status, title = "idempotency_key_missing", 400, _("Send an Idempotency-Key header")


class IdempotencyKeyReused(Refusal):
    code, status, title = (
        "idempotency_key_reused",
        422,
        _("This key came with another request before"),
    )


class SlowDown(Refusal):
    """`seconds` is how long to wait; nothing was done."""

    code, status, title = "slow_down", 429, _("Too many requests")

    def __init__(self, seconds: int) -> None:
        self.seconds = max(1, seconds)
        minutes = -(-self.seconds // 60)
        told = ngettext(
            "That was asked for too often. Wait a minute, then try again.",
            "That was asked for too often. Wait %(minutes)d minutes, then try again.",
            minutes,
        )
        super().__init__(told % {"minutes": minutes})


class TryAgain(Refusal):
    code, status, title = "try_again", 503, _("Nothing was changed; please try again")


class DatabaseAway(Refusal):
    """As far as anybody knows: what was asked may have been done, and its answer lost."""

    code, status = "database_away", 503
    title = _("The database is away for a moment; please ask again, with the same Idempotency-Key")
