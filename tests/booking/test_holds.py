from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from clinicall.booking.holds import (
    Once,
    PatientBusy,
    SlotTaken,
    TooLate,
    TooManyHolds,
    hold_slot,
)
from clinicall.booking.models import Appointment
from clinicall.booking.openings import open_slots
from clinicall.booking.states import Status
from clinicall.core.refusals import IdempotencyKeyReused, SlotGone
from clinicall.people.models import Doctor, DoctorState, Patient
from clinicall.schedule.models import Slot
from tests.clinic_clock import ClinicClock
from tests.conftest import booked, wish_for


@contextmanager
def as_if_committed() -> Iterator[None]:
    """Django's own foreign keys wait for the commit, which a test does not reach."""
    with transaction.atomic():
        yield
        connection.check_constraints()


def held(slot: Slot, patient: Patient, once: Once | None = None) -> Appointment:
    made = hold_slot(wish_for(slot), patient, provider="sandbox", once=once)
    return Appointment.objects.get(pk=made)


def test_a_hold_takes_the_slot_for_ten_minutes_at_the_price_of_now(
    slots: list[Slot], ana: Patient, clock: ClinicClock, dr_osei: Doctor
) -> None:
    hold = held(slots[0], ana)
    dr_osei.fee_amount = 1
    dr_osei.save()
    hold.refresh_from_db()
    assert hold.status == Status.PENDING
    assert hold.held_until == clock.now + timedelta(minutes=10)
    assert (hold.price.amount, hold.payment and hold.payment.amount) == (250_000, 250_000)
    assert [step.to_status for step in hold.transitions.all()] == [Status.PENDING]


def test_a_hold_never_outlives_the_start(
    slots: list[Slot], ana: Patient, clock: ClinicClock
) -> None:
    clock.set(slots[0].starts_at - timedelta(minutes=3))
    assert held(slots[0], ana).held_until == slots[0].starts_at


def test_a_second_patient_is_told_and_offered_the_next_times(
    slots: list[Slot], ana: Patient, ben: Patient
) -> None:
    held(slots[0], ana)
    with pytest.raises(SlotTaken) as refused:
        held(slots[0], ben)
    assert refused.value.facts["alternatives"] == slots[1:]


def test_a_lapsed_hold_gives_the_slot_to_the_next_patient(
    slots: list[Slot], ana: Patient, ben: Patient, clock: ClinicClock
) -> None:
    first = held(slots[0], ana)
    clock.move(timedelta(minutes=10))
    second = held(slots[0], ben)
    first.refresh_from_db()
    assert (first.status, first.cancel_reason) == (Status.CANCELLED, "hold_expired")
    assert second.status == Status.PENDING
    assert [step.actor for step in first.transitions.order_by("id")] == ["patient", "clock"]


def test_a_hold_lapsed_in_one_instant(
    slots: list[Slot], ana: Patient, ben: Patient, clock: ClinicClock
) -> None:
    hold = held(slots[0], ana)
    clock.move(timedelta(minutes=10))
    clock.run()
    held(slots[0], ben)
    hold.refresh_from_db()
    assert hold.ended_at == hold.transitions.latest("pk").at


def test_a_lapsed_hold_reads_as_cancelled_and_open_before_anyone_tidies(
    slots: list[Slot], ana: Patient, clock: ClinicClock
) -> None:
    hold = held(slots[0], ana)
    assert slots[0] not in open_slots()
    clock.move(timedelta(minutes=10))
    assert slots[0] in open_slots()
    assert hold.status_at(clock.now) == (Status.CANCELLED, "hold_expired")


def test_a_patient_holds_two_times_at_most_and_a_lapsed_one_does_not_count(
    slots: list[Slot], ana: Patient, clock: ClinicClock
) -> None:
    held(slots[0], ana)
    held(slots[1], ana)
    with pytest.raises(TooManyHolds):
        held(slots[2], ana)
    clock.move(timedelta(minutes=10))
    assert held(slots[2], ana).status == Status.PENDING


def test_a_patient_is_in_one_place_at_a_time(
    slots: list[Slot], free_slots: list[Slot], ana: Patient
) -> None:
    held(slots[0], ana)
    with pytest.raises(PatientBusy):
        held(free_slots[0], ana)


def test_a_time_that_has_begun_cannot_be_held(
    slots: list[Slot], ana: Patient, clock: ClinicClock
) -> None:
    clock.set(slots[0].starts_at)
    with pytest.raises(TooLate):
        held(slots[0], ana)


def test_an_unknown_slot_is_gone(slots: list[Slot], ana: Patient) -> None:
    slots[0].pk = 10**12
    with pytest.raises(SlotGone):
        held(slots[0], ana)


def test_the_slots_of_a_doctor_who_has_left_are_gone(
    slots: list[Slot], ana: Patient, dr_osei: Doctor
) -> None:
    dr_osei.state = DoctorState.SUSPENDED
    dr_osei.save()
    with pytest.raises(SlotGone):
        held(slots[0], ana)


def test_a_doctors_account_cannot_book(slots: list[Slot], dr_silva: Doctor) -> None:
    with pytest.raises(IntegrityError), as_if_committed():
        hold_slot(wish_for(slots[0]), Patient(user=dr_silva.user), provider="sandbox")


def test_a_repeated_request_answers_the_same_appointment(slots: list[Slot], ana: Patient) -> None:
    once = Once("a-key", b"body")
    assert held(slots[0], ana, once) == held(slots[0], ana, once)
    with pytest.raises(IdempotencyKeyReused):
        held(slots[1], ana, Once("a-key", b"another body"))


def test_a_refused_request_leaves_its_key_free(
    slots: list[Slot], ana: Patient, ben: Patient, clock: ClinicClock
) -> None:
    held(slots[0], ben)
    once = Once("a-key", b"body")
    with pytest.raises(SlotTaken):
        held(slots[0], ana, once)
    clock.move(timedelta(minutes=10))
    assert held(slots[0], ana, once).status == Status.PENDING


def test_a_key_is_remembered_for_a_day(
    free_slots: list[Slot], ana: Patient, clock: ClinicClock
) -> None:
    first = held(free_slots[0], ana, Once("a-key", b"body"))
    clock.move(timedelta(hours=24, seconds=1))
    again = held(free_slots[1], ana, Once("a-key", b"another body"))
    assert again != first


def test_health_data_is_sealed_in_the_row_and_bound_to_it(
    slots: list[Slot], ana: Patient, ben: Patient
) -> None:
    hold, other = held(slots[0], ana), held(slots[1], ben)
    assert (hold.nic, hold.phone, hold.reason) == (
        "199012345678",
        "+94112345678",
        "Cough for two weeks",
    )
    row = Appointment.objects.filter(pk=hold.pk).values().get()
    assert not any("1990123" in str(value) or "Cough" in str(value) for value in row.values())
    other.nic_sealed = hold.nic_sealed
    with pytest.raises(Exception, match="nic"):
        _ = other.nic


def test_a_free_visit_is_confirmed_at_once(free_slots: list[Slot], ana: Patient) -> None:
    visit = booked(free_slots[0], ana)
    assert (visit.status, visit.payment) == (Status.CONFIRMED, None)
    assert visit.channel_name == f"appt_{visit.pk}"
    assert visit.token
