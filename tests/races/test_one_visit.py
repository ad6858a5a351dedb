"""A doctor marks a visit, undoes that and cancels it, in two windows at once."""

from functools import partial

import pytest

from clinicall.booking import ending
from clinicall.booking.models import Appointment
from clinicall.booking.states import Kind, Outcome, Status
from clinicall.consultation import running_late
from clinicall.people.models import Doctor, Patient
from clinicall.schedule.models import Slot
from tests.booking.test_ending import cancel, paid
from tests.clinic_clock import NOON, ClinicClock
from tests.races.books import check_books, start_over
from tests.races.conftest import STAGINGS, MustGoWrong
from tests.races.racing import (
    FROM_ANY_STATUS,
    NO_LOCKS,
    WRITES_THE_APPOINTMENT,
    Act,
    Staging,
    all_at_once,
    meeting,
    race,
    the_second_in_between,
    weakened,
)

pytestmark = pytest.mark.django_db(transaction=True)


def a_visit_begins(slot: Slot, patient: Patient, clock: ClinicClock) -> Appointment:
    start_over()
    clock.set(NOON)
    visit = paid(slot, patient)
    clock.set(slot.starts_at)
    return visit


def complete_or_cancel(staging: Staging, visit: Appointment, doctor: Doctor) -> None:
    results = race(
        staging(
            partial(ending.complete, visit.pk, Outcome.ATTENDED, by=doctor.user),
            partial(cancel, visit, doctor.user, offer_again=True),
        )
    )
    visit.refresh_from_db()
    completed, cancelled = set(results[::2]), set(results[1::2])
    if visit.status == Status.COMPLETED:
        assert (completed, cancelled) == ({"won"}, {"not_possible_now"})
    else:
        assert (completed, cancelled) == ({"not_possible_now"}, {"won"})
        assert (visit.status, visit.cancel_reason) == (Status.CANCELLED, "by_doctor")
    check_books()


@STAGINGS
def test_a_visit_is_completed_or_cancelled_but_never_both(
    slot: Slot, ana: Patient, dr_osei: Doctor, clock: ClinicClock, staging: Staging, rounds: range
) -> None:
    for _ in rounds:
        complete_or_cancel(staging, a_visit_begins(slot, ana, clock), dr_osei)


def test_without_lock_and_condition_it_is_both(
    slot: Slot, ana: Patient, dr_osei: Doctor, clock: ClinicClock, must_go_wrong: MustGoWrong
) -> None:
    def one_round() -> None:
        complete_or_cancel(the_second_in_between, a_visit_begins(slot, ana, clock), dr_osei)

    with weakened(NO_LOCKS, FROM_ANY_STATUS):
        must_go_wrong(one_round)


def mark_twice(staging: Staging, visit: Appointment, doctor: Doctor) -> None:
    acts = [partial(ending.complete, visit.pk, outcome, by=doctor.user) for outcome in Outcome]
    results = race(staging(*acts))
    visit.refresh_from_db()
    assert visit.status == Status.COMPLETED
    told = dict(zip(Outcome, (set(results[::2]), set(results[1::2])), strict=True))
    assert told.pop(Outcome(visit.outcome)) == {"won"}
    assert list(told.values()) == [{"not_possible_now"}]
    assert visit.transitions.filter(to_status=Status.COMPLETED).count() == 1
    check_books()


@STAGINGS
def test_a_visit_marked_in_two_ways_at_once_has_gone_one_way(
    slot: Slot, ana: Patient, dr_osei: Doctor, clock: ClinicClock, staging: Staging, rounds: range
) -> None:
    for _ in rounds:
        mark_twice(staging, a_visit_begins(slot, ana, clock), dr_osei)


def test_without_lock_and_condition_it_has_gone_both(
    slot: Slot, ana: Patient, dr_osei: Doctor, clock: ClinicClock, must_go_wrong: MustGoWrong
) -> None:
    def one_round() -> None:
        mark_twice(the_second_in_between, a_visit_begins(slot, ana, clock), dr_osei)

    with weakened(NO_LOCKS, FROM_ANY_STATUS):
        must_go_wrong(one_round)


def late_twice(staging: Staging, visit: Appointment, doctor: Doctor) -> None:
    says_so = partial(running_late.say, doctor, 20)
    assert set(race(staging(says_so, says_so))) == {"won"}
    visit.refresh_from_db()
    assert visit.delay_minutes == 20
    assert visit.messages.filter(kind=Kind.RUNNING_LATE).count() == 1
    check_books()


@STAGINGS
def test_who_says_twice_at_once_that_they_are_late_tells_it_once(
    slot: Slot, ana: Patient, dr_osei: Doctor, clock: ClinicClock, staging: Staging, rounds: range
) -> None:
    for _ in rounds:
        late_twice(staging, a_visit_begins(slot, ana, clock), dr_osei)


def test_without_lock_it_is_told_twice(
    slot: Slot, ana: Patient, dr_osei: Doctor, clock: ClinicClock, must_go_wrong: MustGoWrong
) -> None:
    def one_round() -> None:
        late_twice(the_second_in_between, a_visit_begins(slot, ana, clock), dr_osei)

    with weakened(NO_LOCKS):
        must_go_wrong(one_round)


def all_before_one_writes(one: Act, other: Act) -> list[Act]:
    return meeting(WRITES_THE_APPOINTMENT, all_at_once(one, other))


def undo_and_mark(staging: Staging, visit: Appointment, doctor: Doctor) -> None:
    """It was attended; that is undone in many windows, and in some of them marked anew."""
    ending.complete(visit.pk, Outcome.ATTENDED, by=doctor.user)

    def mark_anew() -> None:
        ending.reopen(visit.pk, by=doctor.user)
        ending.complete(visit.pk, Outcome.NO_SHOW_PATIENT, by=doctor.user)

    results = race(staging(partial(ending.reopen, visit.pk, by=doctor.user), mark_anew))
    assert set(results) == {"won"}
    visit.refresh_from_db()
    assert (visit.outcome or "reopened") == visit.transitions.latest("pk").why
    check_books()


@pytest.mark.parametrize("staging", [all_at_once, all_before_one_writes])
def test_undoing_and_marking_at_once_leave_a_story_without_a_gap(
    slot: Slot, ana: Patient, dr_osei: Doctor, clock: ClinicClock, staging: Staging, rounds: range
) -> None:
    for _ in rounds:
        undo_and_mark(staging, a_visit_begins(slot, ana, clock), dr_osei)


def test_without_lock_and_condition_one_mark_is_undone_many_times(
    slot: Slot, ana: Patient, dr_osei: Doctor, clock: ClinicClock, must_go_wrong: MustGoWrong
) -> None:
    def one_round() -> None:
        undo_and_mark(all_before_one_writes, a_visit_begins(slot, ana, clock), dr_osei)

    with weakened(NO_LOCKS, FROM_ANY_STATUS):
        must_go_wrong(one_round)
