import io
import logging

import pytest
from django.db import IntegrityError, transaction

from clinicall.booking.models import Appointment
from clinicall.core.logs import DiscreetFormatter
from clinicall.people.models import Patient
from clinicall.schedule.models import Slot
from tests.conftest import booked


def test_a_fault_in_the_database_names_nobody_in_the_log(slots: list[Slot], ana: Patient) -> None:
    hold = booked(slots[0], ana)
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(DiscreetFormatter())
    log = logging.getLogger("clinic.test")
    log.addHandler(handler)
    log.propagate = False
    with pytest.raises(IntegrityError) as fault, transaction.atomic():
        Appointment.objects.filter(pk=hold.pk).update(status="lost")
    assert hold.email in str(fault.value)  # PostgreSQL quotes the whole row
    log.error("a fault", exc_info=fault.value)
    assert "violates check constraint" in stream.getvalue()
    assert hold.email not in stream.getvalue()
    assert "Perera" not in stream.getvalue()
