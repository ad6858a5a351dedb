from datetime import time, timedelta

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clinicall.people.models import Doctor, Patient
from clinicall.schedule.models import Slot
from clinicall.schedule.publish import publish
from clinicall.schedule.slotting import Window
from tests.clinic_clock import NOON
from tests.conftest import WEDNESDAY, booked


def asked_for_a_week(client: Client) -> int:
    """How many questions the page asks the database."""
    with CaptureQueriesContext(connection) as asked:
        assert client.get(reverse("schedule"), {"week": "2026-W48"}).status_code == 200
    return len(asked)


def test_a_full_week_asks_the_database_no_more_than_an_almost_empty_one(
    client: Client, dr_silva: Doctor, free_slots: list[Slot], ana: Patient
) -> None:
    client.force_login(dr_silva.user)
    booked(free_slots[0], ana)
    few = asked_for_a_week(client)
    days = [WEDNESDAY + timedelta(days=n) for n in range(1, 5)]
    hours = [(time(0), time(8)), (time(8), time(16)), (time(16), time(23, 59))]
    publish(dr_silva, [Window(day, *span, 5) for day in days for span in hours], now=NOON)
    first = Slot.objects.filter(doctor=dr_silva, starts_at__gt=free_slots[-1].starts_at).first()
    assert first
    booked(first, ana)
    assert Slot.objects.count() == 4 + 4 * 287
    assert asked_for_a_week(client) == few
