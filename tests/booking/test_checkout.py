from datetime import timedelta

import pytest
from pytest_django import Settings

from clinicall import wiring
from clinicall.booking.checkout import book
from clinicall.booking.holds import Once, hold_slot
from clinicall.booking.models import Appointment
from clinicall.booking.openings import open_slots
from clinicall.booking.settling import settle
from clinicall.booking.states import Status
from clinicall.booking.withdrawing import withdraw_day
from clinicall.jobs.tidy import tidy
from clinicall.payments import sandbox
from clinicall.payments.models import (
    PaymentState,
    Refund,
    RefundState,
    SandboxCheckout,
    SandboxRefund,
)
from clinicall.people.models import Doctor, DoctorState, Patient
from clinicall.schedule.models import Slot
from tests.clinic_clock import ClinicClock
from tests.conftest import WEDNESDAY, booked, found, wish_for

LATE = timedelta(minutes=10, seconds=10)


def pays(appointment: Appointment, choice: str) -> None:
    """The patient decides on the provider's page; nobody has told us yet."""
    assert appointment.payment
    assert appointment.payment.provider_ref
    sandbox.pay(appointment.payment.provider_ref, choice)


def news(appointment: Appointment) -> Appointment:
    """We hear that there is something to hear."""
    assert appointment.payment_id
    settle(appointment.payment_id, gateway_for=wiring.payment_gateway, line=wiring.video_line())
    return Appointment.objects.select_related("payment").get(pk=appointment.pk)


def test_a_hold_has_a_page_to_pay_on(slots: list[Slot], ana: Patient) -> None:
    hold = booked(slots[0], ana)
    assert hold.payment
    assert hold.payment.state == PaymentState.PENDING
    assert "/sandbox/" in hold.payment.checkout_url


def test_money_confirms_once_however_often_it_is_told(slots: list[Slot], ana: Patient) -> None:
    hold = booked(slots[0], ana)
    pays(hold, "succeed")
    visit = news(news(hold))
    assert visit.status == Status.CONFIRMED
    assert visit.channel_name == f"appt_{visit.pk}"
    assert visit.token
    assert visit.payment
    assert visit.payment.state == PaymentState.SUCCEEDED
    assert visit.transitions.count() == 2
    assert not Refund.objects.exists()


def test_a_free_hold_that_lapsed_is_not_confirmed_by_the_same_request_again(
    free_slots: list[Slot], ana: Patient, clock: ClinicClock
) -> None:
    wish, once = wish_for(free_slots[0]), Once("a-key", b"body")
    hold = hold_slot(wish, ana, provider="sandbox", once=once)  # and then the server died
    clock.move(timedelta(minutes=10))
    gateway = wiring.payment_gateway()
    assert book(wish, ana, gateway=gateway, line=wiring.video_line(), once=once) == hold
    assert not Appointment.objects.filter(status=Status.CONFIRMED).exists()
    assert free_slots[0] in open_slots()


def test_news_of_nothing_changes_nothing(slots: list[Slot], ana: Patient) -> None:
    assert news(booked(slots[0], ana)).status == Status.PENDING


@pytest.mark.parametrize(
    ("choice", "state"),
    [("decline", PaymentState.FAILED), ("cancel", PaymentState.CANCELLED)],
)
def test_a_payment_that_can_no_longer_succeed_releases_the_slot_at_once(
    slots: list[Slot], ana: Patient, ben: Patient, choice: str, state: str
) -> None:
    hold = booked(slots[0], ana)
    pays(hold, choice)
    failed = news(hold)
    assert (failed.status, failed.cancel_reason) == (Status.CANCELLED, "payment_failed")
    assert failed.payment
    assert failed.payment.state == state
    assert booked(slots[0], ben).status == Status.PENDING


def test_a_customers_first_choice_counts(slots: list[Slot], ana: Patient) -> None:
    hold = booked(slots[0], ana)
    pays(hold, "succeed")
    pays(hold, "decline")
    assert news(hold).status == Status.CONFIRMED


def test_slow_money_is_heard_of_by_the_poller(
    slots: list[Slot], ana: Patient, clock: ClinicClock
) -> None:
    hold = booked(slots[0], ana)
    pays(hold, "slow")
    tidy()
    assert news(hold).status == Status.PENDING
    clock.move(timedelta(seconds=30))
    tidy()
    hold.refresh_from_db()
    assert hold.status == Status.CONFIRMED


@pytest.mark.breaks_rules  # the provider forgets what it was paid
def test_a_fault_with_one_payment_or_refund_does_not_keep_the_others(
    slots: list[Slot], ana: Patient, ben: Patient, cleo: Patient, clock: ClinicClock
) -> None:
    holds = [booked(*pair) for pair in zip(slots, (ana, ben, cleo), strict=False)]
    for hold in holds:
        pays(hold, "late")
    clock.set(slots[2].starts_at)
    news(holds[1])  # too late, so it is owed back
    unknown = [hold.payment_id for hold in holds[:2] if hold.payment_id]
    SandboxCheckout.objects.filter(reference__in=unknown).delete()
    tidy()
    assert Refund.objects.get(payment=holds[1].payment).state == RefundState.REQUESTED
    assert Refund.objects.get(payment=holds[2].payment).state == RefundState.SUCCEEDED


def test_late_money_confirms_when_the_time_is_still_open(
    slots: list[Slot], ana: Patient, clock: ClinicClock
) -> None:
    hold = booked(slots[0], ana)
    pays(hold, "late")
    clock.move(timedelta(minutes=10))
    tidy()
    hold.refresh_from_db()
    assert (hold.status, hold.cancel_reason) == (Status.CANCELLED, "hold_expired")
    clock.move(timedelta(minutes=20))
    tidy()
    hold.refresh_from_db()
    assert (hold.status, hold.cancel_reason) == (Status.CONFIRMED, "")


def test_late_money_for_a_taken_time_is_owed_back_in_the_same_step(
    slots: list[Slot], ana: Patient, ben: Patient, clock: ClinicClock
) -> None:
    hold = booked(slots[0], ana)
    pays(hold, "late")
    clock.move(LATE)
    winner = booked(slots[0], ben)
    late = news(hold)
    assert late.status == Status.CANCELLED
    assert late.payment
    assert late.payment.state == PaymentState.SUCCEEDED
    refund = Refund.objects.get(payment=late.payment)
    assert (refund.amount, refund.state) == (250_000, RefundState.REQUESTED)
    winner.refresh_from_db()
    assert winner.status == Status.PENDING
    tidy()
    tidy()
    refund.refresh_from_db()
    assert refund.state == RefundState.SUCCEEDED
    assert SandboxRefund.objects.get().amount == 250_000


def test_late_money_for_a_withdrawn_time_is_owed_back(
    slots: list[Slot], ana: Patient, dr_osei: Doctor, clock: ClinicClock
) -> None:
    hold = booked(slots[0], ana)
    pays(hold, "late")
    clock.move(LATE)
    withdraw_day(dr_osei, WEDNESDAY, now=clock.now)
    late = news(hold)
    assert (late.status, late.slot_id) == (Status.CANCELLED, None)
    assert Refund.objects.get().amount == 250_000


def test_late_money_for_a_visit_that_has_begun_is_owed_back(
    slots: list[Slot], ana: Patient, clock: ClinicClock
) -> None:
    hold = booked(slots[0], ana)
    pays(hold, "late")
    clock.set(slots[0].starts_at)
    assert news(hold).status == Status.CANCELLED
    assert Refund.objects.get().amount == 250_000


def test_nobody_can_pay_any_more_once_the_hold_has_lapsed(
    slots: list[Slot], ana: Patient, clock: ClinicClock
) -> None:
    hold = booked(slots[0], ana)
    clock.move(LATE)
    tidy()
    pays(hold, "succeed")
    after = news(hold)
    assert after.status == Status.CANCELLED
    assert after.payment
    assert after.payment.state == PaymentState.CANCELLED
    assert after.payment.next_look_at is None


def test_late_money_for_a_doctor_who_has_left_is_owed_back(
    slots: list[Slot], ana: Patient, dr_osei: Doctor, clock: ClinicClock
) -> None:
    hold = booked(slots[0], ana)
    pays(hold, "late")
    clock.move(LATE)
    dr_osei.state = DoctorState.SUSPENDED
    dr_osei.save()
    assert news(hold).status == Status.CANCELLED
    assert Refund.objects.get().amount == 250_000


def test_a_clinic_that_takes_no_payments_offers_only_what_is_free_of_charge(
    slots: list[Slot], free_slots: list[Slot], dr_silva: Doctor, settings: Settings
) -> None:
    settings.PAYMENT_PROVIDER = "none"
    assert set(open_slots()) == set(free_slots)
    assert found() == [dr_silva]
