"""A doctor leaves in the same millisecond in which patients take times of theirs, and pay for them."""

from collections.abc import Callable, Sequence
from datetime import time
from functools import partial

import pytest

from clinicall.booking import leaving
from clinicall.booking.holds import hold_slot
from clinicall.booking.models import Appointment
from clinicall.booking.states import LIVE
from clinicall.jobs.departures import see_off
from clinicall.payments.models import Refund
from clinicall.people.models import Clinic, Doctor, DoctorState, Patient, User
from clinicall.schedule.models import Availability, Slot
from clinicall.schedule.publish import publish
from clinicall.schedule.slotting import Window
from tests.booking.test_checkout import news, pays
from tests.booking.test_ending import paid
from tests.booking.test_leaving import leave, state_of
from tests.booking.test_unsettled import staff_of
from tests.clinic_clock import NOON, ClinicClock
from tests.conftest import WEDNESDAY, booked, four_slots, wish_for
from tests.races.books import check_books, start_over
from tests.races.racing import Act, overtaken, race

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 5
AFTERNOON = time(14), time(15), 15


@pytest.fixture
def staff(clinic: Clinic) -> User:
    return staff_of(clinic)


def comes_anew(doctor: Doctor) -> list[Slot]:
    """Wednesday's four slots, given to nobody, and a doctor who is there."""
    start_over()
    Slot.objects.all().delete()
    Availability.objects.all().delete()
    Doctor.objects.update(state=DoctorState.ACTIVE)
    User.objects.update(is_active=True)
    return four_slots(doctor)


def all_of(leaving: Act, others: Sequence[Act]) -> list[Act]:
    return [leaving, *others]


def others_before_times_go(leaving: Act, others: Sequence[Act]) -> list[Act]:
    """The doctor is leaving already, and still has all their times."""
    return overtaken(leaving, 'select "schedule_slot"', *others)


def leaving_before_a_claim(leaving: Act, others: Sequence[Act]) -> list[Act]:
    """The first patient has begun to claim a time, and goes on when the doctor has left."""
    first, *rest = others
    return [*overtaken(first, "with held as", leaving), *rest]


@pytest.mark.parametrize("staging", [all_of, others_before_times_go, leaving_before_a_claim])
def test_who_takes_a_time_of_a_doctor_who_leaves_is_told_or_called_off(
    dr_osei: Doctor,
    ana: Patient,
    ben: Patient,
    staff: User,
    clock: ClinicClock,
    staging: Callable[[Act, Sequence[Act]], list[Act]],
) -> None:
    for _ in range(ROUNDS):
        slots = comes_anew(dr_osei)
        holds = [
            partial(hold_slot, wish_for(slot), patient, provider="sandbox")
            for slot, patient in zip(slots, (ana, ben), strict=False)
        ]
        results = race(staging(partial(leave, dr_osei, staff, call_off=True), holds))
        assert set(results) <= {"won", "slot_gone"}
        see_off()
        assert state_of(dr_osei) == DoctorState.LEFT
        assert not Appointment.objects.filter(status__in=LIVE).exists()
        check_books()


def test_who_pays_meanwhile_has_a_visit_or_the_money_back(
    dr_osei: Doctor, ana: Patient, ben: Patient, staff: User, clock: ClinicClock
) -> None:
    for _ in range(ROUNDS):
        slots = comes_anew(dr_osei)
        clock.set(NOON)
        held = [booked(slot, patient) for slot, patient in zip(slots, (ana, ben), strict=False)]
        for hold in held:
            pays(hold, "succeed")
        paying = [partial(news, hold) for hold in held]
        assert set(race([partial(leave, dr_osei, staff, call_off=True), *paying])) == {"won"}
        for hold in held:
            news(hold)
        see_off()
        assert state_of(dr_osei) == DoctorState.LEFT
        check_books()


def test_a_departure_that_two_go_on_with_comes_to_one_end(
    dr_osei: Doctor, ana: Patient, ben: Patient, staff: User, clock: ClinicClock
) -> None:
    for _ in range(ROUNDS):
        slots = comes_anew(dr_osei)
        for slot, patient in zip(slots, (ana, ben), strict=False):
            paid(slot, patient)
        pressed = partial(leave, dr_osei, staff, call_off=True)
        leaving.begin(dr_osei.pk, call_off=True, by=staff)
        assert set(race([pressed, see_off, see_off])) <= {"won", "not_possible_now"}
        see_off()
        assert state_of(dr_osei) == DoctorState.LEFT
        assert Refund.objects.count() == 2
        check_books()


def test_hours_published_meanwhile_are_withdrawn_or_refused(
    dr_osei: Doctor, staff: User, clock: ClinicClock
) -> None:
    for _ in range(ROUNDS):
        comes_anew(dr_osei)
        more = partial(publish, dr_osei, [Window(WEDNESDAY, *AFTERNOON)], now=clock.now)
        left, published = race([partial(leave, dr_osei, staff, call_off=False), more])
        assert left == "won"
        assert published in ("won", "invalid")
        see_off()
        assert state_of(dr_osei) == DoctorState.LEFT
        assert not Slot.objects.exists()
        check_books()
