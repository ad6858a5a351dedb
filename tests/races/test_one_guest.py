"""A guest's hold is claimed, while it is claimed once more, lapses or is let go, or others are claimed."""

from datetime import timedelta
from functools import partial

import pytest

from clinicall.booking.guests import claim_hold, hold_as_guest, let_go
from clinicall.booking.holds import ANYWHERE, Once, lapse
from clinicall.booking.models import Appointment
from clinicall.booking.openings import open_slots
from clinicall.booking.states import Status
from clinicall.people.models import Patient
from clinicall.schedule.models import Slot
from tests.clinic_clock import NOON, ClinicClock
from tests.conftest import wish_for
from tests.races.books import check_books, start_over
from tests.races.conftest import MustGoWrong
from tests.races.racing import (
    NO_LOCKS,
    Act,
    Staging,
    all_at_once,
    meeting,
    overtaken,
    race,
    weakened,
    without,
)

pytestmark = pytest.mark.django_db(transaction=True)
GIVES = "update booking_appointment set patient_id"
WHATEVER_IT_IS = (r"and patient_id = %\(guest\)s and status = %\(status\)s", "")


def held(slot: Slot) -> Appointment:
    made = hold_as_guest(wish_for(slot), provider="sandbox", once=Once(f"form {slot.pk}", b""))
    return Appointment.objects.get(pk=made)


def claim(hold: Appointment, patient: Patient) -> Act:
    return partial(claim_hold, hold.pk, by=patient.user)


# --- Twice ---


def claim_twice(slot: Slot, patient: Patient) -> None:
    """Both find it a guest's, and one is through before the other writes."""
    start_over()
    hold = held(slot)
    assert race(overtaken(claim(hold, patient), GIVES, claim(hold, patient))) == ["won", "won"]
    hold.refresh_from_db()
    # Given again, it would stand in the way of itself, and take the second place.
    assert (hold.patient_id, hold.status, hold.hold_place) == (patient.pk, Status.PENDING, 1)
    check_books()


def test_a_hold_claimed_twice_at_once_is_given_once(
    slot: Slot, ana: Patient, rounds: range
) -> None:
    for _ in rounds:
        claim_twice(slot, ana)


def test_without_locks_and_condition_it_is_given_again(
    slot: Slot, ana: Patient, must_go_wrong: MustGoWrong
) -> None:
    with weakened(NO_LOCKS, WHATEVER_IT_IS):
        must_go_wrong(lambda: claim_twice(slot, ana))


# --- It lapses ---


def claim_or_lapse(slot: Slot, patient: Patient, clock: ClinicClock) -> None:
    """The claim has found a live hold, and has written nothing yet."""
    start_over()
    clock.set(NOON)
    hold = held(slot)

    def time_passes() -> None:
        clock.move(timedelta(minutes=10))
        lapse(ANYWHERE)

    assert set(race(overtaken(claim(hold, patient), GIVES, time_passes))) == {"won"}
    hold.refresh_from_db()
    assert (hold.patient_id, hold.cancel_reason) == (patient.pk, "hold_expired")
    check_books()


def test_a_hold_that_lapses_while_it_is_claimed_is_its_owners_and_off(
    slot: Slot, ana: Patient, clock: ClinicClock, rounds: range
) -> None:
    for _ in rounds:
        claim_or_lapse(slot, ana, clock)


def test_without_locks_its_owner_would_be_told_to_try_again(
    slot: Slot, ana: Patient, clock: ClinicClock, must_go_wrong: MustGoWrong
) -> None:
    with weakened(NO_LOCKS):
        must_go_wrong(lambda: claim_or_lapse(slot, ana, clock))


# --- It is let go ---


def let_go_in_between(claim: Act, let_go: Act) -> list[Act]:
    return overtaken(claim, GIVES, let_go)


def claim_or_let_go(staging: Staging, slot: Slot, patient: Patient) -> None:
    start_over()
    hold = held(slot)
    results = race(staging(claim(hold, patient), partial(let_go, hold.pk)))
    hold.refresh_from_db()
    is_theirs = hold.patient_id == patient.pk
    assert set(results[::2]) <= ({"won"} if is_theirs else {"not_found"})
    assert hold.status == (Status.PENDING if is_theirs else Status.CANCELLED)
    assert (slot in open_slots()) != is_theirs
    check_books()


@pytest.mark.parametrize("staging", [all_at_once, let_go_in_between])
def test_a_hold_is_claimed_or_let_go_but_never_both(
    slot: Slot, ana: Patient, clock: ClinicClock, staging: Staging, rounds: range
) -> None:
    for _ in rounds:
        claim_or_let_go(staging, slot, ana)


def test_without_locks_and_condition_it_is_both(
    slot: Slot, ana: Patient, clock: ClinicClock, must_go_wrong: MustGoWrong
) -> None:
    with weakened(NO_LOCKS, WHATEVER_IT_IS):
        must_go_wrong(lambda: claim_or_let_go(let_go_in_between, slot, ana))


# --- Several of one owner's ---


def claim_all(slots: list[Slot], patient: Patient) -> None:
    start_over()
    holds = [held(slot) for slot in slots]
    results = race(meeting(GIVES, [claim(hold, patient) for hold in holds]))
    assert sorted(results) == [*["too_many_holds"] * (len(slots) - 2), "won", "won"]
    mine = Appointment.objects.filter(patient=patient)
    assert set(mine.values_list("status", "hold_place")) == {("pending", 1), ("pending", 2)}
    assert open_slots().count() == len(slots) - 2
    check_books()


def test_of_all_holds_that_one_patient_claims_at_once_they_have_two(
    slots: list[Slot], ana: Patient, rounds: range
) -> None:
    for _ in rounds:
        claim_all(slots, ana)


def test_without_locks_and_constraint_they_have_more(
    slots: list[Slot], ana: Patient, must_go_wrong: MustGoWrong
) -> None:
    with without("booking_appointment", "a_patient_holds_two_at_most"), weakened(NO_LOCKS):
        must_go_wrong(lambda: claim_all(slots, ana))


def claim_both(one: Slot, other: Slot, patient: Patient) -> None:
    """At the same time with two doctors."""
    start_over()
    acts = [claim(held(slot), patient) for slot in (one, other)]
    assert sorted(race(meeting(GIVES, acts))) == ["patient_busy", "won"]
    assert Appointment.objects.filter(patient=patient).count() == 1
    check_books()


def test_of_two_at_the_same_time_they_have_one(
    slots: list[Slot], free_slots: list[Slot], ana: Patient, rounds: range
) -> None:
    for _ in rounds:
        claim_both(slots[0], free_slots[0], ana)


def test_without_locks_and_constraint_they_have_both(
    slots: list[Slot], free_slots: list[Slot], ana: Patient, must_go_wrong: MustGoWrong
) -> None:
    with (
        without("booking_appointment", "a_patient_is_in_one_place_at_a_time"),
        weakened(NO_LOCKS),
    ):
        must_go_wrong(lambda: claim_both(slots[0], free_slots[0], ana))
