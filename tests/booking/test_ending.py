from datetime import timedelta

import pytest

from clinicall import wiring
from clinicall.booking import ending
from clinicall.booking.ending import NotPossibleNow
from clinicall.booking.holds import TooLate
from clinicall.booking.models import Appointment
from clinicall.booking.openings import open_slots
from clinicall.booking.states import Outcome, Status
from clinicall.core.refusals import TryAgain
from clinicall.jobs.tidy import tidy
from clinicall.payments.models import Payment, PaymentState, Refund
from clinicall.people.models import Doctor, Patient, User
from clinicall.schedule.models import Slot
from tests.booking.test_checkout import news, pays
from tests.clinic_clock import ClinicClock
from tests.conftest import booked


def paid(slot: Slot, patient: Patient) -> Appointment:
    hold = booked(slot, patient)
    pays(hold, "succeed")
    return news(hold)


def cancel(appointment: Appointment, by: User, *, offer_again: bool = False) -> Appointment:
    ending.cancel(
        appointment.pk,
        by=by,
        gateway_for=wiring.payment_gateway,
        line=wiring.video_line(),
        offer_again=offer_again,
    )
    return Appointment.objects.get(pk=appointment.pk)


def test_a_patient_lets_a_hold_go_and_nobody_can_pay_for_it(
    slots: list[Slot], ana: Patient
) -> None:
    hold = booked(slots[0], ana)
    cancelled = cancel(hold, ana.user)
    assert (cancelled.status, cancelled.cancel_reason) == (Status.CANCELLED, "by_patient")
    assert cancelled.payment
    assert cancelled.payment.state == PaymentState.CANCELLED
    assert slots[0] in open_slots()
    assert not Refund.objects.exists()


def test_a_hold_cancelled_while_its_money_arrives_is_paid_back(
    slots: list[Slot], ana: Patient
) -> None:
    hold = booked(slots[0], ana)
    pays(hold, "succeed")
    cancelled = cancel(hold, ana.user)
    assert cancelled.status == Status.CANCELLED
    assert Refund.objects.get().amount == 250_000


def test_a_patient_cancels_in_time_and_is_owed_the_whole(slots: list[Slot], ana: Patient) -> None:
    cancelled = cancel(paid(slots[0], ana), ana.user)
    assert (cancelled.status, cancelled.token) == (Status.CANCELLED, "")
    assert Refund.objects.get().amount == 250_000
    assert slots[0] in open_slots()
    assert cancel(cancelled, ana.user) == cancelled  # again changes nothing
    assert Refund.objects.count() == 1


def test_the_policy_is_the_one_that_was_agreed_when_booking(
    slots: list[Slot], ana: Patient, dr_osei: Doctor
) -> None:
    dr_osei.clinic.refund_percent = 50
    dr_osei.clinic.save()
    visit = paid(slots[0], ana)
    dr_osei.clinic.refund_percent = 0
    dr_osei.clinic.save()
    cancel(visit, ana.user)
    assert Refund.objects.get().amount == 125_000


def test_within_two_hours_of_the_start_a_patient_can_no_longer_cancel(
    slots: list[Slot], ana: Patient, clock: ClinicClock
) -> None:
    visit = paid(slots[0], ana)
    clock.set(slots[0].starts_at - timedelta(minutes=120))
    with pytest.raises(TooLate):
        cancel(visit, ana.user)


@pytest.mark.parametrize("offer_again", [False, True])
def test_a_doctor_cancels_until_the_room_closes_and_all_is_owed_back(
    slots: list[Slot], ana: Patient, dr_osei: Doctor, clock: ClinicClock, offer_again: bool
) -> None:
    visit = paid(slots[0], ana)
    clock.set(slots[0].starts_at - timedelta(minutes=1))
    cancelled = cancel(visit, dr_osei.user, offer_again=offer_again)
    assert (cancelled.status, cancelled.cancel_reason) == (Status.CANCELLED, "by_doctor")
    assert Refund.objects.get().amount == 250_000
    assert (slots[0] in open_slots()) is offer_again
    assert (cancelled.slot_id is None) is not offer_again


def test_a_doctor_cannot_cancel_once_the_room_has_closed(
    slots: list[Slot], ana: Patient, dr_osei: Doctor, clock: ClinicClock
) -> None:
    visit = paid(slots[0], ana)
    clock.set(slots[0].ends_at + timedelta(minutes=15))
    with pytest.raises(TooLate):
        cancel(visit, dr_osei.user)


def test_a_visit_is_completed_from_its_start_on_and_only_once(
    slots: list[Slot], ana: Patient, dr_osei: Doctor, clock: ClinicClock
) -> None:
    visit = paid(slots[0], ana)
    with pytest.raises(NotPossibleNow):
        ending.complete(visit.pk, Outcome.ATTENDED, by=dr_osei.user)
    clock.set(slots[0].starts_at)
    ending.complete(visit.pk, Outcome.ATTENDED, by=dr_osei.user)
    ending.complete(visit.pk, Outcome.ATTENDED, by=dr_osei.user)
    visit.refresh_from_db()
    assert (visit.status, visit.outcome) == (Status.COMPLETED, Outcome.ATTENDED)
    with pytest.raises(NotPossibleNow):
        ending.complete(visit.pk, Outcome.NO_SHOW_PATIENT, by=dr_osei.user)
    with pytest.raises(NotPossibleNow):
        cancel(visit, dr_osei.user)


def test_marking_ends_a_day_after_the_visit(
    slots: list[Slot], ana: Patient, dr_osei: Doctor, clock: ClinicClock
) -> None:
    visit = paid(slots[0], ana)
    clock.set(slots[0].ends_at + timedelta(hours=24))
    with pytest.raises(TooLate):
        ending.complete(visit.pk, Outcome.ATTENDED, by=dr_osei.user)


def test_ending_a_visit_is_undone_within_ten_minutes(
    slots: list[Slot], ana: Patient, dr_osei: Doctor, clock: ClinicClock
) -> None:
    visit = paid(slots[0], ana)
    clock.set(slots[0].starts_at + timedelta(minutes=1))
    ending.complete(visit.pk, Outcome.ATTENDED, by=dr_osei.user)
    clock.move(timedelta(minutes=9))
    ending.reopen(visit.pk, by=dr_osei.user)
    ending.reopen(visit.pk, by=dr_osei.user)
    visit.refresh_from_db()
    assert (visit.status, visit.outcome, visit.ended_at) == (Status.CONFIRMED, "", None)
    ending.complete(visit.pk, Outcome.ATTENDED, by=dr_osei.user)
    clock.move(timedelta(minutes=10))
    with pytest.raises(TooLate):
        ending.reopen(visit.pk, by=dr_osei.user)


def test_who_has_cancelled_is_not_told_that_nothing_was_changed(
    slots: list[Slot], ana: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold = booked(slots[0], ana)

    def two_deadlocks(*_: object, **__: object) -> None:
        raise TryAgain

    monkeypatch.setattr(ending, "record", two_deadlocks)
    assert cancel(hold, ana.user).status == Status.CANCELLED
    tidy()
    assert Payment.objects.get().state == PaymentState.CANCELLED
