"""What booking needs from a payment company, in booking's words."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from clinicall.core.money import Money


class GatewayDown(Exception):
    """Nothing is known to have happened; ask again later."""


class Outcome(StrEnum):
    WAITING = "waiting"
    PAID = "paid"
    FAILED = "failed"  # and can no longer succeed
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class Checkout:
    """A page where somebody can pay once: the company's name for it, and its address."""

    provider_ref: str
    url: str


class Gateway(Protocol):
    """Every call may be repeated with the same reference: the company does the thing once.

    All of them raise GatewayDown when the company cannot be asked.
    """

    name: str

    def open(
        self, *, reference: UUID, money: Money, return_url: str, expires_at: datetime
    ) -> Checkout:
        """Ask for this money on a page of theirs, until `expires_at`."""

    def look_up(self, provider_ref: str) -> Outcome:
        """What became of it."""

    def close(self, provider_ref: str) -> Outcome:
        """Let nobody pay any more. PAID when somebody already has."""

    def refund(self, provider_ref: str, *, reference: UUID, money: Money) -> bool:
        """Give this much back; True once it is done, False while it is under way."""


# The gateway of that name: a payment stays with the company that was asked for it, whichever new ones
# go through. None for a company that the clinic no longer has.
GatewayFor = Callable[[str], Gateway | None]
