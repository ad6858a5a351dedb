"""A doctor changes a day in the same millisecond in which a patient takes a time of it."""

import sys
from collections import Counter
from collections.abc import Callable
from datetime import datetime, time
from functools import partial

import pytest
from django.db.models import QuerySet

from clinicall.booking import withdrawing
from clinicall.booking.holds import hold_slot
from clinicall.booking.models import Appointment
from clinicall.booking.states import LIVE, Status
from clinicall.booking.withdrawing import replace_day, withdraw_day
from clinicall.people.models import Doctor, Patient
from clinicall.schedule.models import Availability, Slot
from clinicall.schedule.slotting import Window
from tests.clinic_clock import ClinicClock
from tests.conftest import WEDNESDAY, four_slots, wish_for
from tests.races.racing import race, without

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.breaks_rules,  # each round clears the day by hand
]
ROUNDS, MANY_ROUNDS = 30, 300
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
    Appointment.objects.filter(status__in=LIVE).update(
        status=Status.CANCELLED, cancel_reason="by_patient", hold_place=None
    )
    Appointment.objects.update(slot=None)
    Slot.objects.all().delete()
    Availability.objects.all().delete()
    return four_slots(doctor)


def one_round(
    change: Change, doctor: Doctor, patients: list[Patient], now: datetime
) -> tuple[str, bool]:
    """How the doctor fared, and whether everybody was told what is so.

    That is a day whole and new that nobody holds, or the old one, whole, with all who hold it.
    """
    before = [slot.pk for slot in fresh_day(doctor)]
    holds = [
        partial(hold_slot, wish_for(Slot(pk=pk)), patient, provider="sandbox")
        for pk, patient in zip(before, patients, strict=False)
    ]
    to_the_doctor, *to_patients = race([partial(change, doctor, now), *holds])
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


class Unlocked(QuerySet[Slot]):
    """Slots that anybody may take while a doctor looks at them."""

    def select_for_update(self, *args: object, **options: object) -> "Unlocked":
        return self


@CHANGES
def test_without_lock_and_foreign_key_a_patient_is_left_with_a_time_that_is_gone(
    dr_osei: Doctor,
    ana: Patient,
    clock: ClinicClock,
    change: Change,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(
        withdrawing,
        "_slots_of",
        lambda doctor, day: Unlocked(Slot).filter(
            availability__doctor=doctor, availability__date=day
        ),
    )
    with without("booking_appointment", "an_appointment_is_for_a_slot_that_stands"):
        rounds = (one_round(change, dr_osei, [ana], clock.now) for _ in range(MANY_ROUNDS))
        assert ("won", False) in rounds  # about one in three is; the first one is enough
