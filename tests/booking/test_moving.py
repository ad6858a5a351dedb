"""A confirmed visit moves; if it cannot, it stays where it is."""

from collections.abc import Callable
from datetime import time, timedelta

import pytest
from pytest_django import Settings

from clinicall import wiring
from clinicall.booking import moving
from clinicall.booking.ending import NotPossibleNow
from clinicall.booking.holds import PatientBusy, SlotTaken, TooLate
from clinicall.booking.models import Appointment
from clinicall.booking.openings import open_slots
from clinicall.booking.states import Status
from clinicall.booking.withdrawing import SlotsInUse, withdraw_day
from clinicall.core.refusals import Refusal, SlotGone
from clinicall.payments.models import Payment, Refund
from clinicall.people.models import Doctor, Patient
from clinicall.schedule.models import Slot
from clinicall.schedule.publish import publish
from clinicall.schedule.slotting import Window
from tests.booking.test_ending import cancel, paid
from tests.clinic_clock import ClinicClock
from tests.conftest import WEDNESDAY, booked


def move(visit: Appointment, slot: Slot) -> Appointment:
    moving.move(visit.pk, slot.pk, by=visit.patient.user, line=wiring.video_line())
    return Appointment.objects.get(pk=visit.pk)


def test_a_visit_moves_with_its_price_id_and_channel(slots: list[Slot], ana: Patient) -> None:
    visit = paid(slots[0], ana)
    moved = move(visit, slots[2])
    assert (moved.slot, moved.starts_at, moved.ends_at) == (
        slots[2],
        slots[2].starts_at,
        slots[2].ends_at,
    )
    assert (moved.status, moved.channel_name) == (Status.CONFIRMED, visit.channel_name)
    assert moved.reference == visit.reference
    assert slots[0] in open_slots()
    assert slots[2] not in open_slots()
    assert Payment.objects.count() == 1
    assert not Refund.objects.exists()
    step = moved.transitions.latest("id")
    assert (step.from_status, step.to_status, step.why) == ("confirmed", "confirmed", "moved")
    assert (step.actor, step.actor_id) == ("patient", ana.pk)


def test_its_pass_never_outlives_the_room_it_moved_to(
    slots: list[Slot], ana: Patient, clock: ClinicClock
) -> None:
    visit = paid(slots[3], ana)
    clock.set(slots[0].starts_at - timedelta(hours=3))
    moved = move(visit, slots[0])
    assert moved.token
    assert moved.token_expires_at
    assert moved.token_expires_at <= moved.closes_at


def test_moving_to_where_it_is_changes_nothing(slots: list[Slot], ana: Patient) -> None:
    visit = paid(slots[0], ana)
    before = visit.transitions.count()
    assert move(visit, slots[0]) == visit
    assert visit.transitions.count() == before


def test_a_lapsed_hold_does_not_stand_in_the_way(
    slots: list[Slot], ana: Patient, ben: Patient, clock: ClinicClock
) -> None:
    visit = paid(slots[0], ana)
    booked(slots[1], ben)
    clock.move(timedelta(minutes=10))
    assert move(visit, slots[1]).slot == slots[1]


Stands = Callable[[list[Slot], Patient], None]


def held_by_another(slots: list[Slot], other: Patient) -> None:
    booked(slots[1], other)


def visited_by_another(slots: list[Slot], other: Patient) -> None:
    paid(slots[1], other)


@pytest.mark.parametrize("occupy", [held_by_another, visited_by_another])
def test_a_taken_time_is_refused_with_others_and_the_visit_stays(
    slots: list[Slot], ana: Patient, ben: Patient, occupy: Stands
) -> None:
    visit = paid(slots[0], ana)
    occupy(slots, ben)
    with pytest.raises(SlotTaken) as refused:
        move(visit, slots[1])
    assert refused.value.facts["alternatives"] == slots[2:]
    visit.refresh_from_db()
    assert (visit.slot, visit.status) == (slots[0], Status.CONFIRMED)


def test_nobody_moves_into_another_appointment_of_their_own(
    slots: list[Slot], free_slots: list[Slot], ana: Patient
) -> None:
    visit = paid(slots[0], ana)
    booked(free_slots[1], ana)  # the same quarter of an hour as slots[1]
    with pytest.raises(PatientBusy):
        move(visit, slots[1])


def test_another_doctors_time_does_not_exist_here(
    slots: list[Slot], free_slots: list[Slot], ana: Patient
) -> None:
    with pytest.raises(SlotGone):
        move(paid(slots[0], ana), free_slots[2])


def test_a_withdrawn_time_is_gone_and_the_visit_stays(
    slots: list[Slot], ana: Patient, dr_osei: Doctor, clock: ClinicClock
) -> None:
    visit = paid(slots[0], ana)
    with pytest.raises(SlotsInUse):
        withdraw_day(dr_osei, WEDNESDAY, now=clock.now)
    gone = Slot(pk=slots[3].pk)
    cancel(paid(slots[3], ana), dr_osei.user)
    with pytest.raises(SlotGone):
        move(visit, gone)


def refused(visit: Appointment, slot: Slot, refusal: type[Refusal]) -> None:
    with pytest.raises(refusal):
        move(visit, slot)


def test_only_a_confirmed_visit_moves(slots: list[Slot], ana: Patient) -> None:
    hold = booked(slots[0], ana)
    refused(hold, slots[1], NotPossibleNow)
    cancel(hold, ana.user)
    refused(hold, slots[1], NotPossibleNow)


def test_within_two_hours_of_its_start_it_stays(
    slots: list[Slot], ana: Patient, clock: ClinicClock
) -> None:
    visit = paid(slots[0], ana)
    clock.set(slots[0].starts_at - timedelta(hours=2))
    refused(visit, slots[3], TooLate)


def test_once_the_room_is_open_it_stays(
    slots: list[Slot], ana: Patient, clock: ClinicClock, settings: Settings
) -> None:
    settings.CANCEL_UNTIL_MINUTES = 0
    visit = paid(slots[0], ana)
    clock.set(slots[0].starts_at - timedelta(minutes=10))
    refused(visit, slots[3], TooLate)


def test_nobody_moves_to_a_time_that_has_begun(
    slots: list[Slot], ana: Patient, dr_osei: Doctor, clock: ClinicClock
) -> None:
    publish(dr_osei, [Window(WEDNESDAY, time(14), time(15), 15)], now=clock.now)
    afternoon = Slot.objects.latest("starts_at")
    visit = paid(afternoon, ana)
    clock.set(slots[3].starts_at)
    assert move(visit, afternoon).slot == afternoon
    refused(visit, slots[3], TooLate)


def test_a_time_that_is_gone_is_said_before_how_the_visit_stands(
    slots: list[Slot], ana: Patient, clock: ClinicClock
) -> None:
    held = booked(slots[0], ana)
    with pytest.raises(SlotGone):
        moving.move(held.pk, slots[-1].pk + 1, by=ana.user, line=wiring.video_line())
    visit = paid(slots[2], ana)
    clock.set(visit.starts_at)
    with pytest.raises(SlotGone):
        moving.move(visit.pk, slots[-1].pk + 1, by=ana.user, line=wiring.video_line())
