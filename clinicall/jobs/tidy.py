"""What the clock does: holds lapse, open payments are asked about, refunds are sent."""

import logging
from datetime import timedelta

from django.db.models import F

from clinicall import wiring
from clinicall.booking.checkout import settle
from clinicall.booking.holds import ANYWHERE, lapse
from clinicall.core.clock import now as clinic_now
from clinicall.payments.gateway import GatewayDown
from clinicall.payments.models import OPEN, Payment, Refund, RefundState

log = logging.getLogger(__name__)
BATCH = 100
TRY_AGAIN = timedelta(minutes=1)


def tidy() -> None:
    """One round; safe to run in any number of workers at once."""
    lapse(ANYWHERE)
    ask_about_payments()
    send_refunds()


def ask_about_payments() -> None:
    due = Payment.objects.filter(state__in=OPEN, next_look_at__lte=clinic_now())
    for payment in due.order_by("next_look_at")[:BATCH]:
        try:
            settle(payment.pk, gateway_for=wiring.payment_gateway, line=wiring.video_line())
        except GatewayDown:
            log.warning("payment %s: its provider does not answer", payment.pk)
        except Exception:  # a fault with one person's money must not keep another's
            log.exception("payment %s could not be settled", payment.pk)


def send_refunds() -> None:
    due = Refund.objects.filter(state=RefundState.REQUESTED, next_try_at__lte=clinic_now())
    for refund in due.select_related("payment").order_by("next_try_at")[:BATCH]:
        payment = refund.payment
        gateway = wiring.payment_gateway(payment.provider)
        mine = Refund.objects.filter(pk=refund.pk, state=RefundState.REQUESTED)
        if gateway is None or payment.provider_ref is None:
            continue
        mine.update(tries=F("tries") + 1, next_try_at=clinic_now() + TRY_AGAIN)
        try:
            done = gateway.refund(payment.provider_ref, reference=refund.pk, money=refund.money)
        except GatewayDown:
            log.warning("refund %s: its provider does not answer", refund.pk)
            continue
        except Exception:  # as above
            log.exception("refund %s could not be sent", refund.pk)
            continue
        if done:
            mine.update(state=RefundState.SUCCEEDED, next_try_at=None)
