from collections import Counter
from datetime import timedelta
from functools import partial

import pytest
from django.db.models import Count

from clinicall.booking.holds import Once, hold_slot
from clinicall.booking.models import Appointment
from clinicall.booking.states import LIVE, Status
from clinicall.booking.withdrawing import withdraw_day
from clinicall.people.models import Doctor, Patient
from clinicall.schedule.models import Slot
from tests import cast
from tests.clinic_clock import ClinicClock
from tests.conftest import WEDNESDAY, four_slots, wish_for
from tests.races.racing import race, without

pytestmark = pytest.mark.django_db(transaction=True)
CONTENDERS = 30
ROUNDS = 8


@pytest.fixture
def crowd(clock: ClinicClock) -> list[Patient]:
    return [cast.a_patient(f"Contender{i}") for i in range(CONTENDERS)]


def hold(slot: Slot, patient: Patient, once: Once | None = None) -> object:
    return hold_slot(wish_for(slot), patient, provider="sandbox", once=once)


def given_twice() -> int:
    return (
        Appointment.objects.filter(status__in=LIVE)
        .values("slot")
        .annotate(patients=Count("id"))
        .filter(patients__gt=1)
        .count()
    )


@pytest.mark.breaks_rules  # each round is cleared by hand
def test_of_many_patients_who_want_one_time_exactly_one_gets_it(
    slots: list[Slot], crowd: list[Patient]
) -> None:
    for _ in range(ROUNDS):
        results = Counter(race([partial(hold, slots[0], p) for p in crowd]))
        assert results == {"won": 1, "slot_taken": CONTENDERS - 1}
        Appointment.objects.all().update(
            status=Status.CANCELLED, cancel_reason="by_patient", hold_place=None
        )


def test_a_lapsed_hold_is_inherited_by_exactly_one(
    slots: list[Slot], crowd: list[Patient], clock: ClinicClock, ana: Patient
) -> None:
    for _ in range(ROUNDS):
        hold(slots[0], ana)
        clock.move(timedelta(minutes=10))
        results = Counter(race([partial(hold, slots[0], p) for p in crowd]))
        assert results == {"won": 1, "slot_taken": CONTENDERS - 1}
        clock.move(timedelta(minutes=10))


@pytest.mark.breaks_rules
def test_without_the_constraints_the_same_race_gives_one_time_to_many(
    slots: list[Slot], crowd: list[Patient]
) -> None:
    with without(
        "booking_appointment", "a_slot_is_given_once", "a_doctor_sees_one_patient_at_a_time"
    ):
        race([partial(hold, slots[0], p) for p in crowd])
        assert given_twice() == 1


@pytest.mark.breaks_rules  # each round is cleared by hand
def test_one_patient_in_many_windows_holds_two_times_at_most(
    slots: list[Slot], ana: Patient
) -> None:
    for _ in range(ROUNDS):
        results = Counter(race([partial(hold, s, ana) for s in slots]))
        assert results == {"won": 2, "too_many_holds": 2}
        Appointment.objects.all().update(
            status=Status.CANCELLED, cancel_reason="by_patient", hold_place=None
        )


def test_many_patients_on_different_times_of_one_doctor_all_win(
    slots: list[Slot], crowd: list[Patient]
) -> None:
    pairs = zip(slots, crowd, strict=False)
    assert race([partial(hold, s, p) for s, p in pairs]) == ["won"] * 4


def test_a_request_sent_many_times_at_once_is_done_once(slots: list[Slot], ana: Patient) -> None:
    once = Once("a-key", b"body")
    results = race([partial(hold, slots[0], ana, once) for _ in range(CONTENDERS)])
    assert results == ["won"] * CONTENDERS
    assert Appointment.objects.count() == 1


def test_a_day_is_withdrawn_or_held_but_never_both(
    slots: list[Slot], crowd: list[Patient], dr_osei: Doctor, clock: ClinicClock
) -> None:
    for _ in range(ROUNDS * 2):
        for_all = [partial(hold, s, p) for s, p in zip(slots, crowd, strict=False)]
        withdrawn, *held = race(
            [partial(withdraw_day, dr_osei, WEDNESDAY, now=clock.now), *for_all]
        )
        if withdrawn == "won":
            assert set(held) == {"slot_gone"}
            assert not Slot.objects.exists()
            slots = four_slots(dr_osei)
        else:
            assert withdrawn == "slots_in_use"
            assert "won" in held
            assert Slot.objects.count() == 4
            clock.move(timedelta(minutes=10))
