"""A time becomes free: those who wait for it, strangers, and the clock all reach for it."""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial

import pytest

from clinicall import wiring
from clinicall.booking import waitlist
from clinicall.booking.holds import hold_slot
from clinicall.booking.models import Appointment, WaitlistEntry
from clinicall.booking.states import LIVE, Status
from clinicall.people.models import Patient
from clinicall.schedule.models import Slot
from tests.booking.test_ending import cancel
from tests.clinic_clock import NOON, ClinicClock
from tests.conftest import booked, wish_for
from tests.races.books import check_books, start_over
from tests.races.conftest import MustGoWrong
from tests.races.racing import (
    NO_LOCKS,
    WRITES_THE_APPOINTMENT,
    Act,
    overtaken,
    race,
    weakened,
    without,
)

pytestmark = pytest.mark.django_db(transaction=True)
MAKES_AN_OFFER = 'insert into "booking_appointment"'
THE_REFEREES = [
    "a_slot_is_given_once",
    "a_doctor_sees_one_patient_at_a_time",
    "a_visit_has_one_offer_at_a_time",
]


def waits(slot: Slot, patient: Patient) -> Appointment:
    visit = booked(slot, patient)
    waitlist.wait(visit.pk, by=patient.user)
    return visit


def claim(slot: Slot, stranger: Patient) -> Act:
    return partial(hold_slot, wish_for(slot), stranger, provider="sandbox")


# --- Two wait, and strangers claim ---


def offer_or_claim(slots: Sequence[Slot], people: Sequence[Patient]) -> None:
    """The second and the third of three times are given, and the first of them is free."""
    start_over()
    ana, ben, *strangers = people
    waits(slots[1], ana)
    waits(slots[2], ben)
    claims = [claim(slots[0], stranger) for stranger in strangers]
    workers: list[Act] = [waitlist.offer_times] * 4
    results = race([*workers, *claims])[len(workers) :]
    live = list(Appointment.objects.filter(slot=slots[0], status__in=LIVE))
    assert len(live) == 1
    there, won = live[0], results.count("won")
    assert (won, there.offer_for is None) in [(1, True), (0, False)]
    assert there.patient == (strangers[results.index("won")] if won else ana)
    check_books()


@pytest.fixture
def people(crowd: list[Patient]) -> list[Patient]:
    return crowd[:8]


def test_a_time_is_offered_to_one_or_claimed_by_one(
    free_slots: list[Slot], people: list[Patient], rounds: range
) -> None:
    for _ in rounds:
        offer_or_claim(free_slots, people)


def test_without_the_constraints_it_is_both(
    free_slots: list[Slot], people: list[Patient], must_go_wrong: MustGoWrong
) -> None:
    with without("booking_appointment", *THE_REFEREES):
        must_go_wrong(lambda: offer_or_claim(free_slots, people))


# --- Taken at the last moment ---


def take_or_lapse(slots: Sequence[Slot], people: Sequence[Patient], clock: ClinicClock) -> None:
    """Who has pressed in time has it, though the clock strikes before it is written."""
    start_over()
    clock.set(NOON)
    ana, stranger, *_ = people
    visit = waits(slots[1], ana)
    waitlist.offer_times()
    offer = visit.offers.get()
    take = partial(waitlist.take, offer.pk, by=ana.user, line=wiring.video_line())

    def claim_once_it_has_lapsed() -> None:
        clock.move(timedelta(minutes=15))
        claim(slots[0], stranger)()

    results = race(overtaken(take, WRITES_THE_APPOINTMENT, claim_once_it_has_lapsed))
    assert results == ["won", "slot_taken"]
    visit.refresh_from_db()
    assert visit.slot == slots[0]
    check_books()


def test_who_takes_it_in_time_has_it(
    free_slots: list[Slot], people: list[Patient], clock: ClinicClock, rounds: range
) -> None:
    for _ in rounds:
        take_or_lapse(free_slots, people, clock)


def test_without_locks_a_stranger_has_it(
    free_slots: list[Slot], people: list[Patient], clock: ClinicClock, must_go_wrong: MustGoWrong
) -> None:
    with weakened(NO_LOCKS):
        must_go_wrong(lambda: take_or_lapse(free_slots, people, clock))


# --- The visit is cancelled while a time is offered for it ---


def offer_or_cancel(slots: Sequence[Slot], people: Sequence[Patient]) -> None:
    start_over()
    ana = people[0]
    visit = waits(slots[1], ana)
    stop = partial(cancel, visit, ana.user)
    assert set(race(overtaken(waitlist.offer_times, MAKES_AN_OFFER, stop))) == {"won"}
    assert not Appointment.objects.filter(status=Status.PENDING).exists()
    assert not WaitlistEntry.objects.exists()
    check_books()


def test_nothing_is_held_for_a_visit_that_is_off(
    free_slots: list[Slot], people: list[Patient], rounds: range
) -> None:
    for _ in rounds:
        offer_or_cancel(free_slots, people)


def test_without_locks_it_is(
    free_slots: list[Slot], people: list[Patient], must_go_wrong: MustGoWrong
) -> None:
    with weakened(NO_LOCKS):
        must_go_wrong(lambda: offer_or_cancel(free_slots, people))
