"""What must be so when a race is over, read from the database; and a clean page for the next."""

from django.db import connection
from django.db.models import Count

from clinicall.booking.models import Appointment
from clinicall.booking.states import LIVE
from clinicall.payments.models import Payment, PaymentState, Refund
from clinicall.schedule.models import Slot
from tests.races.racing import deadlocks


def start_over() -> None:
    """Nobody has booked or paid anything; people and times stay."""
    with connection.cursor() as cursor:
        cursor.execute(
            "truncate booking_appointment, payments_payment, payments_sandboxcheckout cascade"
        )


def check_books() -> None:
    """Times are given once, stories have no gap, and what is paid ended in a visit or is owed back whole.

    And nobody waited in a circle. (The clinic's policy gives all back at any time, as it does unless
    it says otherwise.)
    """
    assert not deadlocks
    live = Appointment.objects.filter(status__in=LIVE)
    assert not live.values("slot").annotate(patients=Count("pk")).filter(patients__gt=1).exists()
    assert not live.exclude(slot__in=Slot.objects.all()).exists()
    for appointment in Appointment.objects.prefetch_related("transitions"):
        assert _story(appointment) == appointment.status
    for payment in Payment.objects.filter(state=PaymentState.SUCCEEDED):
        has_visit = live.filter(payment=payment).exists()
        owed = [refund.amount for refund in Refund.objects.filter(payment=payment)]
        assert owed == ([] if has_visit else [payment.amount])


def _story(appointment: Appointment) -> str:
    """Where its steps lead, each from where the one before led."""
    status = ""
    for step in sorted(appointment.transitions.all(), key=lambda step: step.pk):
        assert step.from_status == status
        status = step.to_status
    return status
