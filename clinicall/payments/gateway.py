"""What booking needs from a payment company, in booking's words."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from clinicall.core.money import Money
from clinicall.payments.models import Quarantine


class GatewayDown(Exception):
    """Nothing is known to have happened; ask again later."""


class Unsigned(Exception):
    """A message that the company did not sign, or not lately, or that cannot be read at all."""


class Outcome(StrEnum):
    WAITING = "waiting"  # nobody has paid yet, and somebody may
    UNDER_WAY = "under_way"  # the payer has done their part; the bank has not
    DECLINED = "declined"  # the card was refused, and the page is still open
    PAID = "paid"
    FAILED = "failed"  # and can no longer succeed
    CANCELLED = "cancelled"  # as is this
    MISMATCH = "mismatch"  # another amount, currency or reference than we asked for


class Given(StrEnum):
    """What became of money that we asked to be given back."""

    BACK = "back"
    UNDER_WAY = "under_way"
    REFUSED = "refused"  # for good: asking again answers the same


@dataclass(frozen=True)
class Checkout:
    """A page where somebody can pay once: the company's name for it, and its address."""

    provider_ref: str
    url: str


@dataclass(frozen=True)
class Paid:
    """Money that the company took on one of its pages; `reference` is ours, if it names one."""

    provider_ref: str
    reference: UUID | None


@dataclass(frozen=True)
class Hint:
    """A signed message that there is news. Where `quarantined` is empty, of the page `provider_ref`
    that was opened for `reference`, or of the refund `refund` of it."""

    event_id: str
    kind: str
    provider_ref: str = ""
    reference: UUID | None = None
    refund: UUID | None = None
    quarantined: Quarantine = Quarantine.NONE


class Gateway(Protocol):
    """Every call may be repeated with the same reference: the company does the thing once.

    All of them raise GatewayDown when the company cannot be asked, or does not say.
    """

    name: str

    def open(
        self, *, reference: UUID, money: Money, return_url: str, cancel_url: str, until: datetime
    ) -> Checkout:
        """Ask for this money on a page of theirs. It may stay open for longer than `until`; the
        caller closes it."""

    def look_up(self, provider_ref: str, *, reference: UUID, money: Money) -> Outcome:
        """What became of it."""

    def close(self, provider_ref: str, *, reference: UUID, money: Money) -> Outcome:
        """Let nobody pay any more; answers what became of it. PAID when somebody already has."""

    def give_back(self, provider_ref: str, *, reference: UUID, money: Money, attempt: int) -> Given:
        """Give this much back, once for each `reference`; asking again tells how that goes on. After
        REFUSED, and only then, a higher `attempt` asks anew."""

    def paid_since(self, since: datetime) -> Iterable[Paid]:
        """All that they took from that instant on, whether or not they told us."""


# The gateway of that name: a payment stays with the company that was asked for it, whichever new ones
# go through. None for a company that the clinic no longer has.
GatewayFor = Callable[[str], Gateway | None]
