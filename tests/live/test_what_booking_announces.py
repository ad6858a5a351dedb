"""Each step tells those who look on, after it is committed and only then."""

import json
from collections.abc import Iterator
from datetime import timedelta

import psycopg
import pytest
from django.db import transaction
from procrastinate.contrib.django import connector_params

from clinicall.booking.ending import complete
from clinicall.booking.models import Appointment
from clinicall.booking.states import Outcome
from clinicall.booking.withdrawing import withdraw_day
from clinicall.core.announce import CHANNEL
from clinicall.jobs.tidy import tidy
from clinicall.people.models import Doctor, Patient
from clinicall.schedule.models import Slot
from tests.booking.test_checkout import news, pays
from tests.booking.test_ending import cancel
from tests.clinic_clock import ClinicClock
from tests.conftest import WEDNESDAY, booked

pytestmark = pytest.mark.django_db(transaction=True)


class Listener:
    def __init__(self, connection: psycopg.Connection) -> None:
        self.connection = connection

    def heard(self) -> list[tuple[str, dict[str, str]]]:
        """All that was said since the last time: kind of topic and message."""
        told = []
        for notification in self.connection.notifies(timeout=0):
            _, _, topic, text = notification.payload.split(" ", 3)
            told.append((topic.split(":")[0], json.loads(text)))
        return told


@pytest.fixture
def listener(transactional_db: None) -> Iterator[Listener]:
    with psycopg.connect(**connector_params(), autocommit=True) as connection:
        connection.execute(f"listen {CHANNEL}")
        yield Listener(connection)


def said(listener: Listener) -> list[tuple[str, str]]:
    listener.connection.execute("select 1")  # what was sent before has arrived with the answer
    return [(topic, message["event"]) for topic, message in listener.heard()]


def test_a_doctors_onlookers_hear_what_is_taken_and_released(
    slots: list[Slot], ana: Patient, ben: Patient, clock: ClinicClock, listener: Listener
) -> None:
    hold = booked(slots[0], ana)
    assert said(listener) == [("doctor", "taken")]
    pays(hold, "decline")
    news(hold)
    assert ("doctor", "released") in said(listener)
    booked(slots[0], ben)
    said(listener)
    clock.move(timedelta(minutes=10))
    tidy()
    assert said(listener) == [("doctor", "released")]


def test_a_withdrawn_day_is_looked_at_again(
    slots: list[Slot], dr_osei: Doctor, clock: ClinicClock, listener: Listener
) -> None:
    withdraw_day(dr_osei, WEDNESDAY, now=clock.now)
    assert said(listener) == [("doctor", "resync")]


def test_a_call_ends_when_its_visit_is_completed_or_cancelled(
    free_slots: list[Slot],
    ana: Patient,
    ben: Patient,
    dr_silva: Doctor,
    clock: ClinicClock,
    listener: Listener,
) -> None:
    held, off = booked(free_slots[0], ana), booked(free_slots[1], ben)
    clock.set(free_slots[1].starts_at)
    said(listener)
    complete(held.pk, Outcome.ATTENDED, by=dr_silva.user)
    assert said(listener) == [("call", "ended")]
    cancel(off, dr_silva.user)
    assert ("call", "ended") in said(listener)


def test_a_step_that_is_undone_tells_nobody(
    free_slots: list[Slot], ana: Patient, listener: Listener
) -> None:
    with transaction.atomic():
        booked(free_slots[0], ana)
        transaction.set_rollback(True)
    assert said(listener) == []
    assert not Appointment.objects.exists()
