import re
from datetime import timedelta

import pytest
from django.urls import reverse

from clinicall.booking import ending
from clinicall.booking.models import Appointment
from clinicall.booking.states import Outcome
from clinicall.consultation.attending import read_ticket
from clinicall.consultation.models import Place, Side
from clinicall.people.models import Doctor, Patient
from clinicall.schedule.models import Slot
from tests.clinic_clock import ClinicClock
from tests.conftest import booked
from tests.web.visitor import Answer, links, visitor, words

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def visit(free_slots: list[Slot], ana: Patient) -> Appointment:
    return booked(free_slots[0], ana)


def enters(person: Patient | Doctor, visit: Appointment) -> Answer:
    return visitor(person).get(reverse("room", args=[visit.pk]))


def attributes(page: Answer) -> dict[str, str]:
    element = re.search(r"<waiting-room ([^>]*)>", page.content.decode())
    assert element
    return dict(re.findall(r'([\w-]+)="([^"]*)"', element[1]))


def is_here(visit: Appointment, side: Side, clock: ClinicClock, place: Place) -> None:
    since = clock.now - 4 * MINUTE
    visit.presence.create(side=side, place=place, since=since, until=clock.now)


def test_the_waiting_room_is_there_from_one_hour_before_until_the_door_opens(
    visit: Appointment, ana: Patient, clock: ClinicClock
) -> None:
    clock.set(visit.starts_at - HOUR - timedelta(seconds=1))
    assert "The room is not open yet" in words(enters(ana, visit))
    clock.set(visit.starts_at - HOUR)
    page = enters(ana, visit)
    assert "<waiting-room" in page.content.decode()
    assert "You can join from 8:50am" in words(page)
    clock.set(visit.opens_at)
    assert "<consultation-room" in enters(ana, visit).content.decode()


def test_both_wait_under_their_own_ticket(
    visit: Appointment, ana: Patient, dr_silva: Doctor, clock: ClinicClock
) -> None:
    clock.set(visit.opens_at - MINUTE)
    for person, side, other in (
        (ana, Side.PATIENT, "Dr Nimal Silva"),
        (dr_silva, Side.DOCTOR, "Ana Perera"),
    ):
        page = enters(person, visit)
        told = attributes(page)
        ticket = read_ticket(told["ticket"])
        assert (ticket.appointment, ticket.side) == (visit.pk, side)
        assert (told["viewer"], told["other"]) == (side, other)
        assert told["starts-at"] == "2026-11-25T03:30:00Z"
        assert told["opens-at"] == "2026-11-25T03:20:00Z"
        assert told["server-now"] == "2026-11-25T03:19:00Z"
        assert "no-store" in page["Cache-Control"]


def test_nobody_else_may_wait_there(
    visit: Appointment, ben: Patient, dr_osei: Doctor, clock: ClinicClock
) -> None:
    clock.set(visit.opens_at - MINUTE)
    assert enters(ben, visit).status_code == 404
    assert enters(dr_osei, visit).status_code == 404


def test_without_script_it_says_who_is_here_and_looks_again_by_itself(
    visit: Appointment, ana: Patient, dr_silva: Doctor, clock: ClinicClock
) -> None:
    clock.set(visit.opens_at - MINUTE)
    page = enters(ana, visit)
    assert "Dr Nimal Silva Not here yet" in words(page)
    assert '<noscript><meta http-equiv="refresh" content="60">' in page.content.decode()
    is_here(visit, Side.DOCTOR, clock, Place.WAITING_ROOM)
    is_here(visit, Side.PATIENT, clock, Place.WAITING_ROOM)
    assert "Dr Nimal Silva Here since 8:45am" in words(enters(ana, visit))
    assert "Ana Perera Here since 8:45am" in words(enters(dr_silva, visit))


def test_the_waiting_room_leads_to_the_device_check_and_back_to_the_appointment(
    visit: Appointment, ana: Patient, clock: ClinicClock
) -> None:
    clock.set(visit.opens_at - MINUTE)
    page = enters(ana, visit)
    assert reverse("device_check") in links(page)
    assert reverse("appointment", args=[visit.pk]) in links(page)
    assert "camera=()" in page["Permissions-Policy"]


def test_a_cancelled_visit_has_no_waiting_room(
    visit: Appointment, ana: Patient, dr_silva: Doctor, clock: ClinicClock
) -> None:
    clock.set(visit.opens_at - MINUTE)
    visitor(dr_silva).post(reverse("cancel", args=[visit.pk]))
    assert "This appointment is cancelled" in words(enters(ana, visit))


@pytest.mark.parametrize("address", ["/appointments/", "/appointments/{}/"])
def test_the_patients_pages_say_that_the_doctor_is_ready(
    visit: Appointment, ana: Patient, clock: ClinicClock, address: str
) -> None:
    address = address.format(visit.pk)
    clock.set(visit.opens_at)
    page = visitor(ana).get(address)
    assert "Join video appointment" in words(page)
    assert re.search(r'<live-part [^>]*every="15"', page.content.decode())
    is_here(visit, Side.DOCTOR, clock, Place.ROOM)
    page = visitor(ana).get(address)
    assert "Dr Nimal Silva is ready – Join" in words(page)
    assert 'data-announce="Dr Nimal Silva is ready"' in page.content.decode()


def test_pages_of_visits_far_away_do_not_ask_again_and_again(
    visit: Appointment, ana: Patient
) -> None:
    assert 'every="' not in visitor(ana).get("/appointments/").content.decode()


def test_after_a_visit_the_doctor_is_led_to_the_next_patient(
    visit: Appointment,
    free_slots: list[Slot],
    ana: Patient,
    ben: Patient,
    dr_silva: Doctor,
    clock: ClinicClock,
) -> None:
    following = booked(free_slots[1], ben)
    clock.set(visit.ends_at)
    ending.complete(visit.pk, Outcome.ATTENDED, by=dr_silva.user)
    is_here(following, Side.PATIENT, clock, Place.ROOM)
    page = enters(dr_silva, visit)
    assert "Your next patient" in words(page)
    assert "Your patient Ana Perera is ready – Join" in words(
        page
    )  # every form of the cast says so
    assert reverse("room", args=[following.pk]) in links(page)
    assert "next patient" not in words(enters(ana, visit))


def test_after_a_visit_the_patient_may_book_again(
    visit: Appointment, ana: Patient, dr_silva: Doctor, clock: ClinicClock
) -> None:
    clock.set(visit.starts_at)
    ending.complete(visit.pk, Outcome.ATTENDED, by=dr_silva.user)
    page = visitor(ana).get(reverse("appointment", args=[visit.pk]))
    assert "Book again with Dr Nimal Silva" in words(page)
