"""Where the people who run the clinic begin: what needs a person, and the day in figures."""

from datetime import time, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clinicall.payments.models import Refund, RefundState, Trouble
from clinicall.people.models import Clinic, Doctor, DoctorState, Patient
from clinicall.schedule.models import Slot
from clinicall.schedule.publish import publish
from clinicall.schedule.slotting import Window
from tests import cast
from tests.booking.test_ending import cancel, paid
from tests.booking.test_unsettled import an_admin, staff_of
from tests.clinic_clock import ClinicClock
from tests.conftest import WEDNESDAY, booked
from tests.web.test_money_page import signed_in
from tests.web.visitor import links, visitor, words

pytestmark = pytest.mark.django_db

PAGE = "/staff/"


@pytest.fixture
def staff(clinic: Clinic) -> Client:
    return signed_in(staff_of(clinic))


def hours_next_week(doctor: Doctor, clock: ClinicClock) -> None:
    publish(doctor, [Window(WEDNESDAY + timedelta(days=7), time(9), time(10), 15)], now=clock.now)


def test_staff_and_admins_begin_here_and_nobody_else(
    staff: Client, ana: Patient, dr_osei: Doctor
) -> None:
    admin = signed_in(an_admin())
    for client in (staff, admin):
        assert client.get("/home/")["Location"] == PAGE
        assert client.get(PAGE).status_code == 200
    for other in (ana, dr_osei):
        assert visitor(other).get(PAGE).status_code == 403
    assert visitor().get(PAGE)["Location"].startswith("/account/login/")
    assert "/admin/" in links(admin.get(PAGE))
    assert "/admin/" not in links(staff.get(PAGE))


def test_a_day_without_exceptions_says_so(
    slots: list[Slot], ana: Patient, dr_osei: Doctor, staff: Client, clock: ClinicClock
) -> None:
    hours_next_week(dr_osei, clock)
    paid(slots[0], ana)
    page = staff.get(PAGE)
    assert "Monday 23 November 2026 Lakeside" in words(page)
    assert "No exceptions Everything paid is booked." in words(page)
    assert "no-store" in page["Cache-Control"]


def test_the_day_is_counted_and_each_count_leads_to_its_appointments(
    slots: list[Slot],
    ana: Patient,
    ben: Patient,
    dr_osei: Doctor,
    staff: Client,
    clock: ClinicClock,
) -> None:
    paid(slots[0], ana)
    cancel(paid(slots[1], ben), dr_osei.user)
    booked(slots[2], ben)
    page = words(staff.get(PAGE))
    assert "Today Visits 0 Still to come 0 Completed 0 Cancelled 0" in page
    assert "Times held for a payment at this moment, of any day 1" in page
    clock.set(slots[0].starts_at - timedelta(hours=1))
    answer = staff.get(PAGE)
    page = words(answer)
    assert "Today Visits 1 Still to come 1 Completed 0 Cancelled 1" in page
    assert "at this moment, of any day 0" in page
    for link in links(answer):
        if link.startswith(("/", "?")):
            assert staff.get(link).status_code == 200
    counted = {
        "?day=2026-11-25&status=confirmed": "1 appointment",
        "?day=2026-11-25&status=cancelled": "2 appointments",  # the lapsed hold is one too
    }
    for query, count in counted.items():
        assert f"/staff/appointments/{query}" in links(answer)
        assert count in words(staff.get(f"/staff/appointments/{query}"))


def test_what_needs_a_person_comes_first_and_names_no_patient(
    slots: list[Slot], ana: Patient, ben: Patient, clinic: Clinic, staff: Client, clock: ClinicClock
) -> None:
    cancel(paid(slots[0], ana), ana.user)
    Refund.objects.update(state=RefundState.NEEDS_HUMAN, trouble=Trouble.REFUSED, next_try_at=None)
    paid(slots[1], ben)
    applicant = cast.a_doctor(clinic, "Dr Nadia Fernando", "Dermatology")
    Doctor.objects.filter(pk=applicant.pk).update(state=DoctorState.APPLIED)
    clock.set(slots[1].ends_at + timedelta(hours=1))
    answer = staff.get(PAGE)
    page = words(answer)
    assert "No exceptions" not in page
    assert "1 thing about money Needs a person" in page
    assert "1 visit not marked yet Ask the doctor" in page
    assert "1 doctor applied Waits for you" in page
    assert "1 doctor without hours next week Cannot be booked" in page
    assert "In the week from Monday 30 November: Dr Kofi Osei." in page
    assert page.index("Needs a person") < page.index("Today")
    assert {"/money/", "/staff/appointments/?status=unmarked"} < set(links(answer))
    for private in ("Ana", "Ben", "Perera", "Cough"):
        assert private not in page


def test_another_clinics_day_is_not_ours(
    slots: list[Slot], ana: Patient, dr_osei: Doctor, clock: ClinicClock
) -> None:
    paid(slots[0], ana)
    clock.set(slots[0].ends_at + timedelta(hours=1))
    hilltop = Clinic.objects.create(name="Hilltop", timezone="Asia/Colombo", currency="LKR")
    page = words(signed_in(staff_of(hilltop)).get(PAGE))
    assert "No exceptions" in page
    assert "Today Visits 0" in page
    assert dr_osei.name not in page
    page = words(signed_in(an_admin()).get(PAGE))
    assert "1 visit not marked yet" in page
    assert "Today Visits 1" in page


def test_many_doctors_without_hours_are_counted(clinic: Clinic, staff: Client) -> None:
    for n in range(12):
        cast.a_doctor(clinic, f"Dr No{n:02}", "Cardiology")
    page = words(staff.get(PAGE))
    assert "12 doctors without hours next week" in page
    assert "Dr No09 and 2 more." in page


def test_more_rows_cost_no_more_questions(
    slots: list[Slot], ana: Patient, ben: Patient, clinic: Clinic, staff: Client
) -> None:
    def questions() -> int:
        with CaptureQueriesContext(connection) as asked:
            staff.get(PAGE)
        return len(asked)

    paid(slots[0], ana)
    for_one = questions()
    cast.a_doctor(clinic, "Dr Another", "Cardiology")
    for slot in slots[1:]:
        paid(slot, ben)
    assert questions() == for_one
