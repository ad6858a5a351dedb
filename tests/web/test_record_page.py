"""A patient reads who opened their record."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clinicall.booking.models import Appointment
from clinicall.people.models import Clinic, Doctor, Patient
from clinicall.records.audit import note
from clinicall.records.models import Action
from clinicall.schedule.models import Slot
from tests.booking.test_ending import paid
from tests.booking.test_unsettled import staff_of
from tests.clinic_clock import ClinicClock
from tests.web.visitor import links, visitor, words

pytestmark = pytest.mark.django_db

PAGE = "/record/"


@pytest.fixture
def visit(slots: list[Slot], ana: Patient) -> Appointment:
    return paid(slots[0], ana)


def test_it_is_linked_from_ones_appointments_and_says_when_nobody_looked(ana: Patient) -> None:
    assert PAGE in links(visitor(ana).get("/appointments/"))
    page = visitor(ana).get(PAGE)
    assert "Nobody has opened it yet" in words(page)
    assert "no-store" in page["Cache-Control"]


def test_it_says_who_looked_when_at_what_and_what_for(
    visit: Appointment, ana: Patient, dr_osei: Doctor, clinic: Clinic, clock: ClinicClock
) -> None:
    doctor = visitor(dr_osei)
    doctor.get("/agenda/")
    doctor.post(f"/appointments/{visit.pk}/nic/", {"purpose": "A <b>letter</b>"})
    note(Action.VIEWED, "of_staff", by=staff_of(clinic), of=[ana.pk], seen=[visit.pk])
    note(Action.CHANGED, "a command", by=None, of=[ana.pk])
    page = words(visitor(ana).get(PAGE))
    noon = "Monday 23 November 2026, midday"
    of_the_visit = "Wednesday 25 November 2026, 9:00am"
    for line in (
        f"{noon} Dr Kofi Osei Saw it on the agenda {of_the_visit}",
        f"{noon} Dr Kofi Osei Looked at your whole NICWhat for: A <b>letter</b> {of_the_visit}",
        f"{noon} The clinic’s staff Looked at it {of_the_visit}",
        f"{noon} The clinic’s operator Changed it –",
    ):
        assert line in page


def test_it_tells_nothing_of_others_and_nothing_of_oneself(
    visit: Appointment, slots: list[Slot], ana: Patient, ben: Patient, dr_osei: Doctor
) -> None:
    other = paid(slots[1], ben)
    visitor(dr_osei).get("/agenda/?date=2026-11-25")
    visitor(ana).post(f"/appointments/{visit.pk}/cancel/")
    page = visitor(ana).get(PAGE)
    assert f"/appointments/{visit.pk}/" in links(page)
    assert f"/appointments/{other.pk}/" not in links(page)
    assert "Cancelled" not in words(page)
    assert "Saw it on the agenda" in words(page)


def test_it_is_for_patients(dr_osei: Doctor) -> None:
    assert visitor(dr_osei).get(PAGE).status_code == 403
    assert visitor().get(PAGE).status_code == 302


def test_a_long_list_has_pages_and_asks_no_more_for_more(
    visit: Appointment, ana: Patient, dr_osei: Doctor, clock: ClinicClock
) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            visitor(ana).get(PAGE)
        return len(queries)

    visitor(dr_osei).get(f"/appointments/{visit.pk}/")
    one = asked()
    for _ in range(24):
        clock.move(timedelta(hours=1))
        note(Action.VIEWED, "appointment", by=dr_osei.user, of=[ana.pk], seen=[visit.pk])
    assert asked() <= one
    assert "Page 1 of 2" in words(visitor(ana).get(PAGE))
    assert words(visitor(ana).get(f"{PAGE}?page=2")).count("Dr Kofi Osei") == 5
