"""What the clock does: holds lapse, open payments are asked about, refunds are sent.

Safe to run in any number of workers at once.
"""

import logging
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from clinicall import wiring
from clinicall.booking import settling
from clinicall.booking.holds import ANYWHERE, lapse
from clinicall.core import limits
from clinicall.core.clock import now as clinic_now
from clinicall.payments import refunds
from clinicall.payments.gateway import GatewayDown

log = logging.getLogger(__name__)
BATCH = 50
# How far back: a little every hour, and a month every night, for what came while we were away for long.
LATELY = timedelta(days=2)
A_MONTH = timedelta(days=30)


def tidy() -> None:
    """One round: a batch of payments and one of refunds, and before each of them the holds."""
    limits.forget_old()
    _until_none_is_due(settling.take_due, "payment %s", _settle)
    _until_none_is_due(refunds.take_due, "refund %s", _give_back)


def _settle(payment_id: UUID) -> None:
    settling.settle(payment_id, gateway_for=wiring.payment_gateway, line=wiring.video_line())


def _give_back(refund_id: UUID) -> None:
    refunds.give_back(refund_id, gateway_for=wiring.payment_gateway)


def _until_none_is_due(
    take_due: Callable[[int], list[UUID]], name: str, act: Callable[[UUID], None]
) -> None:
    for _ in range(BATCH):
        lapse(ANYWHERE)  # each time, because a provider may let us wait with each
        due = take_due(1)
        if not due:
            return
        try:
            act(due[0])
        except GatewayDown:
            log.warning(f"{name}: its provider does not answer", due[0])
            return  # nor would it about the next; the holds do not wait for that
        except Exception:  # a fault with one person's money must not keep another's
            log.exception(f"{name} is left as it is for now", due[0])


def reconcile(back: timedelta = LATELY) -> None:
    """What a provider was paid, against what we know: for messages that never came, and after a restore."""
    gateway = wiring.payment_gateway()
    if gateway:
        settling.reconcile(gateway, since=clinic_now() - back)
