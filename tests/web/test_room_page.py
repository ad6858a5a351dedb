import re
from datetime import timedelta

import pytest
from django.urls import reverse

from clinicall.booking import ending
from clinicall.booking.models import Appointment
from clinicall.booking.states import Outcome
from clinicall.consultation.attending import Ticket, read_ticket
from clinicall.consultation.models import Side
from clinicall.people.models import Doctor, Patient
from clinicall.schedule.models import Slot
from tests.clinic_clock import ClinicClock
from tests.conftest import booked
from tests.live.signed_in import name_in
from tests.web.visitor import links, visitor, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def visit(free_slots: list[Slot], ana: Patient) -> Appointment:
    return booked(free_slots[0], ana)


def room(appointment: Appointment) -> str:
    return reverse("room", args=[appointment.pk])


def test_who_comes_early_is_told_when_to_come_and_let_in_then(
    visit: Appointment, ana: Patient
) -> None:
    page = visitor(ana).get(room(visit))
    assert "You can join from 8:50am on Wednesday 25 November 2026. Come back then" in words(page)
    assert '<page-turn at="2026-11-25T03:20:00Z"' in page.content.decode()
    assert "<consultation-room" not in page.content.decode()


def test_on_the_day_the_page_may_be_left_open(
    visit: Appointment, ana: Patient, clock: ClinicClock
) -> None:
    clock.set(visit.opens_at - timedelta(hours=1))
    page = words(visitor(ana).get(room(visit)))
    assert "You can join from 8:50am. Keep this page open" in page


def test_both_find_the_other_in_the_open_room(
    visit: Appointment, ana: Patient, dr_silva: Doctor, clock: ClinicClock
) -> None:
    clock.set(visit.opens_at)
    for person, side, other in (
        (ana, "patient", "Dr Nimal Silva"),
        (dr_silva, "doctor", "Ana Perera"),
    ):
        browser = visitor(person)
        page = browser.get(room(visit))
        element = re.search(
            r'<consultation-room ([^>]*) ticket="([^"]*)" phone="">', page.content.decode()
        )
        assert element
        assert read_ticket(element[2]) == Ticket(visit.pk, Side(side), name_in(browser))
        assert element[1] == (
            f'home="/home/" appointment="{visit.pk}" viewer="{side}" other="{other}"'
            ' starts-at="2026-11-25T03:30:00Z" ends-at="2026-11-25T03:45:00Z"'
            ' closes-at="2026-11-25T04:00:00Z" delay="0"'
        )
        assert f"Video appointment with {other}" in words(page)
        assert "The call needs JavaScript" in words(page)
        assert "no-store" in page["Cache-Control"]
        assert "display-capture=(self)" in page["Permissions-Policy"]
        assert visit.token not in page.content.decode()


def test_the_room_closes(visit: Appointment, ana: Patient, clock: ClinicClock) -> None:
    clock.set(visit.closes_at - timedelta(seconds=1))
    assert "<consultation-room" in visitor(ana).get(room(visit)).content.decode()
    clock.set(visit.closes_at)
    assert "The room is closed" in words(visitor(ana).get(room(visit)))


def test_a_completed_visit_has_no_room(
    visit: Appointment, ana: Patient, dr_silva: Doctor, clock: ClinicClock
) -> None:
    clock.set(visit.starts_at)
    ending.complete(visit.pk, Outcome.ATTENDED, by=dr_silva.user)
    assert "This visit is completed" in words(visitor(ana).get(room(visit)))


def test_an_unpaid_visit_leads_to_its_payment(slots: list[Slot], ana: Patient) -> None:
    held = booked(slots[0], ana)
    page = visitor(ana).get(room(held))
    assert "This appointment is not confirmed yet" in words(page)
    assert reverse("appointment", args=[held.pk]) in links(page)


def test_a_cancelled_visit_has_no_call(
    visit: Appointment, ana: Patient, clock: ClinicClock
) -> None:
    visitor(ana).post(reverse("cancel", args=[visit.pk]))
    clock.set(visit.opens_at)
    assert "This appointment is cancelled" in words(visitor(ana).get(room(visit)))
