"""A doctor changes a day in the same millisecond in which a patient takes a time of it."""

import sys
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, time, timedelta
from functools import partial

import pytest

from clinicall.booking.holds import hold_slot
from clinicall.booking.models import Appointment
from clinicall.booking.states import LIVE, Status
from clinicall.booking.withdrawing import replace_day, withdraw_day
from clinicall.people.models import Doctor, Patient
from clinicall.schedule.models import Availability, Slot
from clinicall.schedule.slotting import Window
from tests.booking.test_checkout import news, pays
from tests.clinic_clock import NOON, ClinicClock
from tests.conftest import WEDNESDAY, booked, four_slots, wish_for
from tests.races.books import check_books, start_over
from tests.races.conftest import STAGINGS, MustGoWrong
from tests.races.racing import (
    NO_LOCKS,
    WRITES_THE_APPOINTMENT,
    Act,
    Staging,
    overtaken,
    race,
    the_second_in_between,
    weakened,
    without,
)

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS, MANY_ROUNDS = 10, 300
# What a doctor may be told, and that it is so.
RIGHT = {("won", True), ("slots_in_use", True)}

Change = Callable[[Doctor, datetime], None]


def replaced(doctor: Doctor, now: datetime) -> None:
    replace_day(doctor, WEDNESDAY, [Window(WEDNESDAY, time(9), time(11), 40)], now=now)


def withdrawn(doctor: Doctor, now: datetime) -> None:
    withdraw_day(doctor, WEDNESDAY, now=now)


SLOTS_AFTER: dict[Change, int] = {replaced: 3, withdrawn: 0}
ONE_OR_TWO = pytest.mark.parametrize("patients", [1, 2])
CHANGES = pytest.mark.parametrize("change", [replaced, withdrawn])


def fresh_day(doctor: Doctor) -> list[Slot]:
    """Wednesday's four slots, given to nobody."""
    start_over()
    Slot.objects.all().delete()
    Availability.objects.all().delete()
    return four_slots(doctor)


Holding = Callable[[Act, Sequence[Act]], list[Act]]


def all_of(change: Act, holds: Sequence[Act]) -> list[Act]:
    return [change, *holds]


def a_hold_in_between(change: Act, holds: Sequence[Act]) -> list[Act]:
    """The doctor's change has seen that nobody has a time, and has taken none back yet."""
    return overtaken(change, WRITES_THE_APPOINTMENT, *holds)


def one_round(
    change: Change,
    doctor: Doctor,
    patients: list[Patient],
    now: datetime,
    staging: Holding = all_of,
) -> tuple[str, bool]:
    """How the doctor fared, and whether everybody was told what is so.

    That is a day whole and new that nobody holds, or the old one, whole, with all who hold it.
    """
    before = [slot.pk for slot in fresh_day(doctor)]
    holds = [
        partial(hold_slot, wish_for(Slot(pk=pk)), patient, provider="sandbox")
        for pk, patient in zip(before, patients, strict=False)
    ]
    to_the_doctor, *to_patients = race(staging(partial(change, doctor, now), holds))
    after = list(Slot.objects.order_by("starts_at").values_list("pk", flat=True))
    held = set(Appointment.objects.filter(status__in=LIVE).values_list("slot_id", flat=True))
    changed = (
        set(to_patients) == {"slot_gone"}
        and not held
        and len(after) == SLOTS_AFTER[change]
        and not set(after) & set(before)
        and Availability.objects.count() == (1 if after else 0)
    )
    stayed = (
        set(to_patients) == {"won"} and held == set(before[: len(patients)]) and after == before
    )
    return to_the_doctor, {"won": changed, "slots_in_use": stayed}.get(to_the_doctor, False)


@CHANGES
@ONE_OR_TWO
def test_a_day_is_changed_whole_or_stays_whole_with_its_patients(
    dr_osei: Doctor,
    ana: Patient,
    ben: Patient,
    clock: ClinicClock,
    change: Change,
    patients: int,
) -> None:
    for _ in range(ROUNDS):
        assert one_round(change, dr_osei, [ana, ben][:patients], clock.now) in RIGHT


@pytest.mark.deep
@CHANGES
@ONE_OR_TWO
def test_so_it_is_as_often_as_one_likes_whoever_comes_first(
    dr_osei: Doctor,
    ana: Patient,
    ben: Patient,
    clock: ClinicClock,
    change: Change,
    patients: int,
    capsys: pytest.CaptureFixture[str],
) -> None:
    seen = Counter(
        one_round(change, dr_osei, [ana, ben][:patients], clock.now) for _ in range(MANY_ROUNDS)
    )
    with capsys.disabled():
        sys.stdout.write(f"\n{change.__name__}, holds: {patients}, rounds: {dict(seen)}\n")
    assert set(seen) == RIGHT


@CHANGES
def test_a_patient_between_the_doctors_look_and_change_waits_for_it(
    dr_osei: Doctor, ana: Patient, clock: ClinicClock, change: Change, rounds: range
) -> None:
    for _ in rounds:
        told = one_round(change, dr_osei, [ana], clock.now, a_hold_in_between)
        assert told == ("won", True)


@CHANGES
def test_without_lock_and_foreign_key_a_patient_is_left_with_a_time_that_is_gone(
    dr_osei: Doctor,
    ana: Patient,
    clock: ClinicClock,
    change: Change,
    must_go_wrong: MustGoWrong,
) -> None:
    def check() -> None:
        assert one_round(change, dr_osei, [ana], clock.now, a_hold_in_between) in RIGHT

    with (
        without("booking_appointment", "an_appointment_is_for_a_slot_that_stands"),
        weakened(NO_LOCKS),
    ):
        must_go_wrong(check)


# --- Late money ---


def change_or_confirm(
    staging: Staging, change: Change, doctor: Doctor, patient: Patient, clock: ClinicClock
) -> None:
    """The hold has lapsed, and its money arrives while the doctor changes the day."""
    clock.set(NOON)
    hold = booked(fresh_day(doctor)[0], patient)
    pays(hold, "succeed")
    clock.move(timedelta(minutes=10))
    results = race(staging(partial(change, doctor, clock.now), partial(news, hold)))
    to_the_doctor, to_the_patient = set(results[::2]), set(results[1::2])
    assert to_the_patient == {"won"}
    hold.refresh_from_db()
    if to_the_doctor == {"slots_in_use"}:
        assert hold.status == Status.CONFIRMED
        assert Slot.objects.count() == 4
    else:
        assert "won" in to_the_doctor
        assert to_the_doctor <= {"won", "not_found"}  # a day is withdrawn once
        assert (hold.status, hold.slot_id) == (Status.CANCELLED, None)
        assert Slot.objects.count() == SLOTS_AFTER[change]
    check_books()


@CHANGES
@STAGINGS
def test_late_money_is_a_visit_on_the_day_as_it_was_or_goes_back(
    dr_osei: Doctor,
    ana: Patient,
    clock: ClinicClock,
    change: Change,
    staging: Staging,
    rounds: range,
) -> None:
    for _ in rounds:
        change_or_confirm(staging, change, dr_osei, ana, clock)


@CHANGES
def test_without_lock_and_foreign_key_it_is_a_visit_at_a_time_that_is_gone(
    dr_osei: Doctor,
    ana: Patient,
    clock: ClinicClock,
    change: Change,
    must_go_wrong: MustGoWrong,
) -> None:
    with (
        without("booking_appointment", "an_appointment_is_for_a_slot_that_stands"),
        weakened(NO_LOCKS),
    ):
        must_go_wrong(lambda: change_or_confirm(the_second_in_between, change, dr_osei, ana, clock))
