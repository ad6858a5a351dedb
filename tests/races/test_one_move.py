"""Visits move, while others move, claim, cancel and withdraw."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import time, timedelta
from functools import partial
from itertools import cycle

import pytest

from clinicall import wiring
from clinicall.booking import moving
from clinicall.booking.holds import hold_slot
from clinicall.booking.models import Appointment
from clinicall.booking.openings import open_slots
from clinicall.booking.states import LIVE, Status
from clinicall.booking.withdrawing import withdraw_day
from clinicall.people.models import Doctor, Patient, User
from clinicall.schedule.models import Availability, Slot
from clinicall.schedule.publish import publish
from clinicall.schedule.slotting import Window
from tests import cast
from tests.booking.test_ending import cancel, paid
from tests.clinic_clock import NOON, ClinicClock
from tests.conftest import WEDNESDAY, booked, four_slots, wish_for
from tests.races.books import check_books, start_over
from tests.races.conftest import FIFTY, STAGINGS, MustGoWrong, a_crowd
from tests.races.racing import (
    FROM_ANY_STATUS,
    NO_LOCKS,
    WITH_ITS_KEY,
    WRITES_THE_APPOINTMENT,
    Act,
    Staging,
    meeting,
    overtaken,
    race,
    rewritten,
    the_second_in_between,
    weakened,
    without,
)

pytestmark = pytest.mark.django_db(transaction=True)
THURSDAY = WEDNESDAY + timedelta(days=1)
THE_REFEREES = ["a_slot_is_given_once", "a_doctor_sees_one_patient_at_a_time"]


def move(visit: Appointment, slot: Slot | None) -> None:
    assert slot
    moving.move(visit.pk, slot.pk, by=visit.patient.user, line=wiring.video_line())


def where() -> dict[object, object]:
    return dict(Appointment.objects.filter(status=Status.CONFIRMED).values_list("pk", "slot_id"))


def visits_of(doctor: Doctor, size: int) -> list[Appointment]:
    """From 06:00 on Wednesday, and more than fifty times after them that nobody has."""
    publish(doctor, [Window(WEDNESDAY, time(6), time(14, 20), 5)], now=NOON)
    slots = Slot.objects.order_by("starts_at")
    return [booked(*pair) for pair in zip(slots, a_crowd(size), strict=False)]


@pytest.fixture
def visits(dr_silva: Doctor) -> list[Appointment]:
    return visits_of(dr_silva, FIFTY)


@pytest.fixture
def neighbours(dr_silva: Doctor) -> list[Appointment]:
    return visits_of(dr_silva, 2)


# --- All to one time ---


def all_to_one(visits: Sequence[Appointment]) -> None:
    before, target = where(), open_slots().order_by("-starts_at")[0]
    results = race([partial(move, visit, target) for visit in visits])
    assert Counter(results) == {"won": 1, "slot_taken": len(visits) - 1}
    winner = visits[results.index("won")]
    assert where() == before | {winner.pk: target.pk}
    check_books()


def test_of_fifty_who_move_to_one_time_one_does_and_the_others_stay(
    visits: list[Appointment], rounds: range
) -> None:
    for _ in rounds:
        all_to_one(visits)


def test_without_the_constraints_all_of_them_do(
    visits: list[Appointment], must_go_wrong: MustGoWrong
) -> None:
    with without("booking_appointment", *THE_REFEREES):
        must_go_wrong(lambda: all_to_one(visits))


# --- Everybody to somebody else's ---


def as_it_is(act: Act) -> Act:
    return act


def swap(visits: Sequence[Appointment], back: Callable[[Act], Act] = as_it_is) -> None:
    """Nobody can, as nobody goes first; but nobody waits in a circle either."""
    before = where()
    acts: list[Act] = []
    for one, other in zip(visits[::2], visits[1::2], strict=True):
        acts += [partial(move, one, other.slot), back(partial(move, other, one.slot))]
    assert set(race(meeting("select .* for no key update", acts))) == {"slot_taken"}
    assert where() == before
    check_books()


def test_two_who_swap_their_times_never_wait_for_each_other(
    visits: list[Appointment], rounds: range
) -> None:
    for _ in rounds:
        swap(visits)


def rotate(visits: Sequence[Appointment]) -> None:
    """Each to the next one's time, and the last to one that nobody has."""
    before = {visit.pk: visit.slot_id for visit in visits}
    targets = [*(visit.slot for visit in visits[1:]), open_slots().order_by("starts_at")[0]]
    moves = list(zip(visits, targets, strict=True))
    results = race([partial(move, visit, slot) for visit, slot in moves])
    assert results[-1] == "won"
    assert set(results) <= {"won", "slot_taken"}
    after = where()
    for (visit, slot), result in zip(moves, results, strict=True):
        there = slot.pk if slot and result == "won" else before[visit.pk]
        assert after[visit.pk] == there
    check_books()


def test_many_who_move_into_each_others_times_do_so_one_by_one(
    visits: list[Appointment], rounds: range
) -> None:
    for _ in rounds:
        rotate([Appointment.objects.get(pk=visit.pk) for visit in visits])


# A moment for somebody else, after one slot is locked and before the other is.
SLOWLY = (
    r'FROM "schedule_slot" (WHERE "schedule_slot"."id" IN .* FOR NO KEY UPDATE)',
    r', pg_sleep(0.1) FROM "schedule_slot" \1',
)


def test_locking_one_slot_after_the_other_changes_nothing(
    neighbours: list[Appointment], rounds: range
) -> None:
    with weakened(SLOWLY):
        for _ in rounds:
            swap(neighbours)


def test_were_ones_own_slot_locked_first_two_would_wait_for_each_other(
    neighbours: list[Appointment], must_go_wrong: MustGoWrong
) -> None:
    def own_first(act: Act) -> Act:
        return partial(rewritten, act, '"id" ASC FOR', '"id" DESC FOR')

    with weakened(SLOWLY):
        must_go_wrong(lambda: swap(neighbours, back=own_first))


# --- Somebody claims the time ---


def moves_and_claims(moves: Sequence[Act], claims: Sequence[Act]) -> list[Act]:
    return [*moves, *claims]


def claims_in_between(moves: Sequence[Act], claims: Sequence[Act]) -> list[Act]:
    """Somebody who moves has found nobody in their way, and has not moved yet."""
    return overtaken(moves[0], WRITES_THE_APPOINTMENT, *claims)


Claiming = Callable[[Sequence[Act], Sequence[Act]], list[Act]]


def move_or_claim(
    staging: Claiming,
    visits: Sequence[Appointment],
    others: Sequence[Patient],
    clock: ClinicClock,
) -> None:
    clock.move(timedelta(minutes=10))  # in which the last round's hold lapses
    before, target = where(), open_slots().order_by("-starts_at")[0]
    moves = [partial(move, visit, target) for visit in visits]
    claims = [partial(hold_slot, wish_for(target), other, provider="sandbox") for other in others]
    results = race(staging(moves, claims))
    assert Counter(results) == {"won": 1, "slot_taken": len(results) - 1}
    there = Appointment.objects.filter(slot=target, status__in=LIVE).get()
    moved = {there.pk: target.pk} if there.status == Status.CONFIRMED else {}
    assert where() == before | moved
    check_books()


@pytest.fixture
def others(clock: ClinicClock) -> list[Patient]:
    return [cast.a_patient(f"Rival{n}") for n in range(FIFTY // 2)]


@pytest.mark.parametrize("staging", [moves_and_claims, claims_in_between])
def test_a_time_is_moved_to_or_claimed_but_never_both(
    dr_silva: Doctor,
    others: list[Patient],
    clock: ClinicClock,
    staging: Claiming,
    rounds: range,
) -> None:
    visits = visits_of(dr_silva, FIFTY // 2)
    for _ in rounds:
        move_or_claim(staging, visits, others, clock)


def test_without_the_constraints_it_is_both(
    neighbours: list[Appointment],
    others: list[Patient],
    clock: ClinicClock,
    must_go_wrong: MustGoWrong,
) -> None:
    with without("booking_appointment", *THE_REFEREES):
        must_go_wrong(lambda: move_or_claim(moves_and_claims, neighbours, others, clock))


def test_did_a_move_lock_the_slots_key_a_claim_would_wait_for_it_in_a_circle(
    neighbours: list[Appointment],
    others: list[Patient],
    clock: ClinicClock,
    must_go_wrong: MustGoWrong,
) -> None:
    with weakened(WITH_ITS_KEY):
        must_go_wrong(lambda: move_or_claim(claims_in_between, neighbours, others[:1], clock))


# --- The doctor takes the day back ---


def all_of(withdraw: Act, moves: Sequence[Act]) -> list[Act]:
    return [withdraw, *moves]


def a_move_in_between(withdraw: Act, moves: Sequence[Act]) -> list[Act]:
    """The doctor has seen that nobody is booked, and has taken nothing back yet."""
    return overtaken(withdraw, WRITES_THE_APPOINTMENT, moves[0])


Moving = Callable[[Act, Sequence[Act]], list[Act]]


def move_or_withdraw(
    staging: Moving, visits: Sequence[Appointment], doctor: Doctor, clock: ClinicClock
) -> None:
    thursday = a_thursday(visits, doctor)
    before = where()
    moves = [partial(move, visit, slot) for visit, slot in zip(visits, cycle(thursday))]
    withdraw = partial(withdraw_day, doctor, THURSDAY, now=clock.now)
    withdrawn, *moved = race(staging(withdraw, moves))
    left = Slot.objects.filter(availability__date=THURSDAY).count()
    if withdrawn == "won":
        assert (set(moved), left) == ({"slot_gone"}, 0)
        assert where() == before
    else:
        assert withdrawn == "slots_in_use"
        assert (moved.count("won"), left) == (min(len(moved), len(thursday)), len(thursday))
        assert set(moved) <= {"won", "slot_taken"}
    check_books()


def a_thursday(visits: Sequence[Appointment], doctor: Doctor) -> list[Slot]:
    """Four times that nobody has; everybody is back where they were on Wednesday."""
    for visit in visits:
        there = Appointment.objects.filter(pk=visit.pk).exclude(slot=visit.slot)
        there.update(slot=visit.slot, starts_at=visit.starts_at, ends_at=visit.ends_at)
    Slot.objects.filter(availability__date=THURSDAY).delete()
    Availability.objects.filter(date=THURSDAY).delete()
    publish(doctor, [Window(THURSDAY, time(9), time(10), 15)], now=NOON)
    return list(Slot.objects.filter(availability__date=THURSDAY))


@pytest.mark.parametrize("staging", [all_of, a_move_in_between])
def test_a_day_is_moved_to_or_withdrawn_but_never_both(
    visits: list[Appointment],
    dr_silva: Doctor,
    clock: ClinicClock,
    staging: Moving,
    rounds: range,
) -> None:
    for _ in rounds:
        move_or_withdraw(staging, visits, dr_silva, clock)


def test_without_lock_and_foreign_key_a_visit_is_at_a_time_that_is_gone(
    neighbours: list[Appointment], dr_silva: Doctor, clock: ClinicClock, must_go_wrong: MustGoWrong
) -> None:
    with (
        without("booking_appointment", "an_appointment_is_for_a_slot_that_stands"),
        weakened(NO_LOCKS),
    ):
        must_go_wrong(lambda: move_or_withdraw(a_move_in_between, neighbours, dr_silva, clock))


# --- It is cancelled ---


def move_or_cancel(staging: Staging, doctor: Doctor, patient: Patient, by: User) -> None:
    start_over()
    Slot.objects.all().delete()
    Availability.objects.all().delete()
    slots = four_slots(doctor)
    visit = paid(slots[0], patient)
    results = race(staging(partial(move, visit, slots[1]), partial(cancel, visit, by)))
    moved, cancelled = set(results[::2]), set(results[1::2])
    assert moved <= {"won", "not_possible_now"}
    assert cancelled == {"won"}
    visit.refresh_from_db()
    assert visit.status == Status.CANCELLED
    offered = set(open_slots())
    if by == patient.user:
        assert offered == set(slots)
    else:  # who cancels, takes back the time that it had then
        assert visit.slot_id is None
        assert offered == {slot for slot in slots if slot.starts_at != visit.starts_at}
    check_books()


@STAGINGS
def test_a_visit_cancelled_while_it_moves_is_off_and_paid_back(
    dr_osei: Doctor, ana: Patient, staging: Staging, rounds: range
) -> None:
    for _ in rounds:
        move_or_cancel(staging, dr_osei, ana, ana.user)
        move_or_cancel(staging, dr_osei, ana, dr_osei.user)


def test_without_lock_and_condition_it_stands_and_is_paid_back(
    dr_osei: Doctor, ana: Patient, must_go_wrong: MustGoWrong
) -> None:
    with weakened(NO_LOCKS, FROM_ANY_STATUS):
        must_go_wrong(lambda: move_or_cancel(the_second_in_between, dr_osei, ana, ana.user))
