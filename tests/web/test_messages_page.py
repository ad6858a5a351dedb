"""What staff see of the messages to patients and doctors, and sending a failed one again."""

from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from clinicall.booking.models import Appointment, Delivery, Message
from clinicall.booking.states import Kind
from clinicall.booking.telling import tell_doctor, tell_of_day
from clinicall.messages import sending
from clinicall.people.models import Clinic, Doctor, Patient
from clinicall.schedule.models import Slot
from clinicall.web.staff.messages import STATES, WHAT
from tests import cast
from tests.booking.test_unsettled import staff_of
from tests.clinic_clock import ClinicClock
from tests.conftest import booked, four_slots
from tests.web.test_money_page import signed_in
from tests.web.visitor import visitor, words

pytestmark = pytest.mark.django_db

PAGE, HOME = "/staff/messages/", "/staff/"


@pytest.fixture
def staff(clinic: Clinic) -> Client:
    return signed_in(staff_of(clinic))


@pytest.fixture
def visit(free_slots: list[Slot], ana: Patient) -> Appointment:
    return booked(free_slots[0], ana)


def failed(visit: Appointment) -> Message:
    Message.objects.filter(appointment=visit, kind=Kind.CONFIRMED).update(
        state=Delivery.FAILED, next_try_at=None, tries=1, trouble="refused [550]"
    )
    return Message.objects.get(appointment=visit, kind=Kind.CONFIRMED)


def test_a_message_is_told_by_what_it_is_and_where_it_stands_and_names_nobody(
    staff: Client, visit: Appointment
) -> None:
    sending.send_due(texts=None)
    page = words(staff.get(PAGE))
    assert f"Confirmation By mail Patient {visit.reference} Sent 1" in page
    assert "Monday 23 November 2026" in page
    for personal in ("Ana", "Perera", "ana@clinic.example"):
        assert personal not in page


def test_whatever_is_told_has_a_name_here() -> None:
    assert set(WHAT) == set(Kind)
    assert set(STATES) == set(Delivery)


def test_what_failed_comes_first_and_then_what_waits_for_long(
    staff: Client, visit: Appointment, clock: ClinicClock
) -> None:
    failed(visit)
    tell_doctor(Kind.PATIENT_WAITING, visit, now=clock.now)
    Message.objects.filter(kind=Kind.PATIENT_WAITING).update(tries=2)
    clock.move(timedelta(minutes=6))
    tell_of_day(visit.doctor_id, clock.now, now=clock.now)
    answer = staff.get(PAGE)
    page = words(answer)
    parts = [page.index(part) for part in ("Confirmation", "Patient waiting", "Visits of the day")]
    assert parts == sorted(parts)
    assert "Last error: refused [550]" in page
    chips = [f'<span class="chip {kind}">' for kind in ("danger", "warn", "info")]
    places = [answer.content.decode().index(chip) for chip in chips]
    assert places == sorted(places)


def test_a_list_is_of_one_state_and_has_pages(
    staff: Client, visit: Appointment, clock: ClinicClock
) -> None:
    failed(visit)
    for minute in range(51):
        tell_of_day(visit.doctor_id, clock.now + timedelta(minutes=minute), now=clock.now)
    assert "Page 1 of 2" in words(staff.get(PAGE, {"state": "waiting"}))
    assert "Confirmation" not in words(staff.get(PAGE, {"state": "waiting", "page": "2"}))
    assert "Confirmation" in words(staff.get(PAGE, {"state": "failed"}))
    assert "No messages" in words(staff.get(PAGE, {"state": "sent"}))
    assert "Page 1 of 2" in words(staff.get(PAGE, {"state": "' or 1=1", "page": "x"}))


def test_a_failed_message_is_sent_again_by_one_press_and_home_says_that_it_failed(
    staff: Client, visit: Appointment
) -> None:
    message = failed(visit)
    assert "1 message not delivered" in words(staff.get(HOME))
    again = reverse("message_again", args=[message.pk])
    back = {"next": reverse("staff_appointment", args=[visit.pk])}
    said = words(staff.post(again, back, follow=True))
    assert "It is sent again now, if it is still true." in said
    assert "Ana Perera" in said  # on the page of its appointment
    assert "Nothing was changed." in words(staff.post(again, back, follow=True))
    sending.send_due(texts=None)
    assert [one.to for one in mail.outbox] == [["ana@clinic.example"]]
    assert "not delivered" not in words(staff.get(HOME))


def test_staff_see_and_send_the_messages_of_their_own_clinic_alone(
    visit: Appointment, clock: ClinicClock
) -> None:
    message = failed(visit)
    hilltop = Clinic.objects.create(name="Hilltop", timezone="Asia/Tokyo", currency="JPY")
    others = signed_in(staff_of(hilltop))
    tell_of_day(visit.doctor_id, clock.now, now=clock.now)
    assert "No messages" in words(others.get(PAGE))
    assert others.post(reverse("message_again", args=[message.pk])).status_code == 404
    far = cast.a_doctor(hilltop, "Dr Eva Ruiz", "Cardiology", fee=0)
    booked(four_slots(far)[0], cast.a_patient("Dora"))
    assert "Confirmation" in words(others.get(PAGE))


def test_neither_doctors_nor_patients_have_that_page(ana: Patient, dr_silva: Doctor) -> None:
    for person in (ana, dr_silva):
        assert visitor(person).get(PAGE).status_code == 403
