"""On the page of their visit a patient waits for an earlier time, and answers when one is offered."""

import pytest
from django.urls import reverse

from clinicall.booking import waitlist
from clinicall.booking.models import Appointment, WaitlistEntry
from clinicall.people.models import Patient
from clinicall.schedule.models import Slot
from tests.booking.test_ending import cancel, paid
from tests.clinic_clock import ClinicClock
from tests.conftest import booked
from tests.web.visitor import visitor, words


@pytest.fixture
def visit(free_slots: list[Slot], ana: Patient, ben: Patient) -> Appointment:
    """Ana's, the second of four times; Ben has the first."""
    booked(free_slots[0], ben)
    return booked(free_slots[1], ana)


def page(visit: Appointment) -> str:
    return words(visitor(visit.patient).get(reverse("appointment", args=[visit.pk])))


def press(visit: Appointment, name: str, *, of: Appointment | None = None) -> str:
    """What the page says then."""
    ids = [visit.pk, of.pk] if of else [visit.pk]
    return words(visitor(visit.patient).post(reverse(name, args=ids), follow=True))


def offered(visit: Appointment) -> Appointment:
    """Ben does not come, and his time goes to Ana."""
    waitlist.wait(visit.pk, by=visit.patient.user)
    others = Appointment.objects.get(slot__starts_at__lt=visit.starts_at)
    cancel(others, others.patient.user)
    waitlist.offer_times()
    return visit.offers.get()


def test_who_wants_an_earlier_time_waits_and_stops_waiting(visit: Appointment) -> None:
    assert "Want an earlier time?" in page(visit)
    assert "You are waiting for an earlier time" in press(visit, "wait")
    assert "Want an earlier time?" in press(visit, "stop_waiting")
    assert not WaitlistEntry.objects.exists()


def test_who_could_have_one_at_once_is_led_there(free_slots: list[Slot], ana: Patient) -> None:
    said = page(booked(free_slots[2], ana))
    assert "has earlier times, the first of them Wednesday 25 November 2026, 9:00am." in said
    assert "Wait for an earlier time" not in said


def test_an_offer_is_taken(visit: Appointment, free_slots: list[Slot]) -> None:
    offer = offered(visit)
    said = page(visit)
    assert "An earlier time is held for you" in said
    assert "you keep the time you have: Wednesday 25 November 2026, 9:15am" in said
    assert "Your appointment is moved to Wednesday 25 November 2026, 9:00am." in press(
        visit, "take_offer", of=offer
    )


def test_an_offer_is_declined(visit: Appointment) -> None:
    offer = offered(visit)
    assert "You keep your time" in press(visit, "decline_offer", of=offer)
    visit.refresh_from_db()
    assert visit.slot != offer.slot


def test_who_answers_too_late_is_told_so_and_keeps_their_time(
    visit: Appointment, clock: ClinicClock
) -> None:
    offer = offered(visit)
    clock.set(offer.held_until)
    assert "An earlier time is held for you" not in page(visit)
    said = press(visit, "take_offer", of=offer)
    assert "This time is no longer held for you." in said
    assert "your appointment stays on Wednesday 25 November 2026, 9:15am" in said


def test_who_can_no_longer_move_is_told_why(visit: Appointment, clock: ClinicClock) -> None:
    clock.set(visit.starts_at)
    assert "earlier time" not in page(visit)
    assert "It is too late to move this appointment here" in press(visit, "wait")


def test_an_offer_is_nobody_elses(visit: Appointment, slots: list[Slot], cleo: Patient) -> None:
    offer, theirs = offered(visit), paid(slots[3], cleo)
    for of in (visit, theirs):
        address = reverse("take_offer", args=[of.pk, offer.pk])
        assert visitor(cleo).post(address).status_code == 404
    assert visitor(visit.patient).get(reverse("appointment", args=[offer.pk])).status_code == 404
