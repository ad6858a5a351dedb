"""What must be so when a race is over, read from the database; and a clean page for the next."""

from django.db import connection

from clinicall.booking.invariants import breaches
from clinicall.booking.models import Appointment
from clinicall.booking.states import LIVE
from clinicall.schedule.models import Slot
from tests.races.racing import deadlocks


def start_over() -> None:
    """Nobody has booked or paid anything; people and times stay."""
    with connection.cursor() as cursor:
        cursor.execute(
            "truncate booking_appointment, payments_payment, payments_sandboxcheckout,"
            " records_idempotencykey cascade"
        )


def check_books() -> None:
    """Every rule holds, and nobody waited in a circle for others to get there."""
    assert not deadlocks
    assert not breaches()
    # Which the foreign key forbids, and the rules need not ask.
    live = Appointment.objects.filter(status__in=LIVE)
    assert not live.exclude(slot__in=Slot.objects.all()).exists()
