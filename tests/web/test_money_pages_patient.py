"""What a patient is told of their money, wherever it is, and what they are offered."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from clinicall.booking.models import Appointment
from clinicall.booking.withdrawing import withdraw_day
from clinicall.jobs.tidy import tidy
from clinicall.payments import refunds
from clinicall.payments.models import Payment, Refund, RefundState, Trouble
from clinicall.people.models import Doctor, Patient
from clinicall.schedule.models import Slot
from tests.clinic_clock import ClinicClock
from tests.conftest import WEDNESDAY, booked
from tests.web.test_appointment_pages import address, choose
from tests.web.test_booking_page import typed
from tests.web.visitor import DETAILS, Answer, links, visitor, words

pytestmark = pytest.mark.django_db

SECONDS = timedelta(seconds=1)
HOLD_AGAIN = "Hold this time again"


@pytest.fixture
def held(slots: list[Slot], ana: Patient) -> Appointment:
    doctor = slots[0].doctor
    doctor.clinic.phone = "+94112000000"
    doctor.clinic.save()
    return booked(slots[0], ana)


def page_of(appointment: Appointment, patient: Patient) -> Answer:
    return visitor(patient).get(address(appointment))


def press_again(appointment: Appointment, patient: Patient) -> Answer:
    return visitor(patient).post(address(appointment, "again"))


def watched(answer: Answer) -> str | None:
    found = re.search(r"<payment-watch ([^>]*)>", answer.content.decode())
    return found and found[1]


def test_while_the_bank_works_there_is_nothing_more_to_pay(held: Appointment, ana: Patient) -> None:
    assert held.payment
    before = page_of(held, ana)
    assert watched(before) == 'standing="pending"'
    choose(held, "slow")
    page = page_of(held, ana)
    assert "Your bank is still working on your payment" in words(page)
    assert "there is nothing more to pay. This time stays held for you until 12:10pm" in words(page)
    assert held.payment.checkout_url not in links(page)
    assert watched(page) == 'standing="pending under way" patient'
    dashboard = visitor(ana).get("/appointments/")
    assert "Waiting for the bank held until 12:10pm" in words(dashboard)
    assert held.payment.checkout_url not in links(dashboard)
    assert "If the money arrives, all of it comes back by itself." in words(
        visitor(ana).get(address(held, "cancel"))
    )


def test_late_money_for_a_time_still_free_is_told_as_what_it_is(
    held: Appointment, ana: Patient, clock: ClinicClock
) -> None:
    choose(held, "late")
    clock.set(held.held_until)
    page = page_of(held, ana)
    assert "This time is no longer held for you" in words(page)
    # Money is on its way already: nobody is asked to send more.
    assert HOLD_AGAIN not in words(page)
    assert watched(page) == 'standing="cancelled"'
    clock.move(10 * SECONDS)
    assert (
        "Appointment confirmed Your payment arrived after this time was no longer held for you,"
        " but it was still free and is yours." in words(page_of(held, ana))
    )


def test_money_in_time_is_not_called_late(held: Appointment, ana: Patient) -> None:
    choose(held, "succeed")
    assert "Appointment confirmed Your payment has arrived. You" in words(page_of(held, ana))


def test_late_money_for_a_time_given_away_is_followed_until_it_is_back(
    held: Appointment, slots: list[Slot], ana: Patient, ben: Patient, clock: ClinicClock
) -> None:
    choose(held, "late")
    clock.set(held.held_until)
    booked(slots[0], ben)
    clock.move(10 * SECONDS)
    page = page_of(held, ana)
    assert "Your payment came too late: someone else has this time now" in words(page)
    assert "LKR 2,500.00 is on its way back to you, the way you paid. You have no appointment." in (
        words(page)
    )
    assert HOLD_AGAIN not in words(page)
    Refund.objects.update(state=RefundState.PENDING)
    assert "LKR 2,500.00 is on its way back to you" in words(page_of(held, ana))
    Refund.objects.update(state=RefundState.NEEDS_HUMAN, trouble=Trouble.REFUSED)
    page = page_of(held, ana)
    assert "LKR 2,500.00 is owed back. The clinic is seeing to it by hand; you can ask on" in words(
        page
    )
    assert "tel:+94112000000" in links(page)
    refunds.try_again(Refund.objects.get().pk)
    tidy()
    assert "LKR 2,500.00 was paid back." in words(page_of(held, ana))


def test_late_money_for_a_time_that_is_withdrawn_names_nobody_else(
    held: Appointment, ana: Patient, dr_osei: Doctor, clock: ClinicClock
) -> None:
    choose(held, "late")
    clock.set(held.held_until)
    withdraw_day(dr_osei, WEDNESDAY, now=held.held_until)
    clock.move(10 * SECONDS)
    assert "Your payment came too late: this time could not be kept for you" in words(
        page_of(held, ana)
    )


@pytest.mark.parametrize(
    ("trouble", "told"),
    [
        (Trouble.MISMATCH, "tells us of another payment than the LKR 2,500.00 we asked for"),
        (Trouble.NO_ANSWER, "has not told us what became of your payment"),
    ],
)
def test_a_payment_in_trouble_is_the_clinics_to_sort_out_and_asks_for_no_second_one(
    held: Appointment, ana: Patient, clock: ClinicClock, trouble: str, told: str
) -> None:
    assert held.payment
    url = held.payment.checkout_url
    choose(held, "late")
    Payment.objects.update(trouble=trouble)
    for instant in (held.created_at, held.held_until):
        clock.set(instant)
        page = page_of(held, ana)
        assert told in words(page)
        assert "Please do not pay again" in words(page)
        assert f"your reference is {held.reference}" in words(page)
        assert "tel:+94112000000" in links(page)
        assert url not in links(page)
        assert HOLD_AGAIN not in words(page)


def test_whoever_lets_go_of_a_time_whose_money_is_under_way_is_not_told_of_a_visit(
    held: Appointment, ana: Patient, clock: ClinicClock
) -> None:
    choose(held, "slow")
    visitor(ana).post(address(held, "cancel"))
    page = words(page_of(held, ana))
    assert (
        "You cancelled this appointment If money of yours still arrives for it, all of it comes"
        " back by itself." in page
    )
    clock.move(10 * SECONDS)
    assert "You cancelled this appointment LKR 2,500.00 is on its way back" in words(
        page_of(held, ana)
    )


# --- Holding again ---


def again_of(appointment: Appointment) -> Appointment:
    newer = Appointment.objects.exclude(pk=appointment.pk).select_related("payment")
    return newer.latest("created_at")


@pytest.mark.parametrize("outcome", ["decline", "cancel"])
def test_a_failed_payment_is_one_press_away_from_the_next(
    held: Appointment, ana: Patient, outcome: str
) -> None:
    choose(held, outcome)
    page = page_of(held, ana)
    assert "Nothing was charged. The same time is still free" in words(page)
    assert HOLD_AGAIN in words(page)
    answer = press_again(held, ana)
    new = again_of(held)
    assert new.payment
    assert answer["Location"] == new.payment.checkout_url
    assert (new.status, new.slot_id, new.held_until) == ("pending", held.slot_id, held.held_until)
    for name in ("first_name", "last_name", "email", "phone", "nic", "reason"):
        assert getattr(new, name) == getattr(held, name)
    choose(new, "succeed")
    assert "Appointment confirmed" in words(page_of(new, ana))


def test_a_hold_whose_time_ran_out_is_held_again_by_one_press(
    held: Appointment, ana: Patient, clock: ClinicClock
) -> None:
    clock.set(held.held_until)
    page = page_of(held, ana)
    assert "The time to pay has run out Nothing was charged." in words(page)
    assert HOLD_AGAIN in words(page)
    press_again(held, ana)
    assert again_of(held).held_until == held.held_until + timedelta(minutes=10)


def test_the_same_press_twice_holds_once(held: Appointment, ana: Patient) -> None:
    choose(held, "decline")
    first, second = press_again(held, ana), press_again(held, ana)
    assert first["Location"] == second["Location"]
    assert Appointment.objects.count() == 2


def test_a_time_that_went_meanwhile_brings_the_filled_form_with_other_times(
    held: Appointment, slots: list[Slot], ana: Patient, ben: Patient
) -> None:
    choose(held, "decline")
    booked(slots[0], ben)
    answer = press_again(held, ana)
    assert answer.status_code == 409
    assert "Someone else has just taken this time" in words(answer)
    filled = typed(answer)
    assert (filled["last_name"], filled["nic"]) == ("Perera", "199012345678")
    assert filled["reason"] == "Cough for two weeks"
    assert reverse("book", args=[held.doctor_id, slots[1].pk]) in answer.content.decode()


def test_a_time_withdrawn_meanwhile_keeps_what_is_then_typed(
    held: Appointment, ana: Patient, dr_osei: Doctor, clock: ClinicClock
) -> None:
    choose(held, "decline")
    withdraw_day(dr_osei, WEDNESDAY, now=held.created_at)
    answer = press_again(held, ana)
    assert answer.status_code == 404
    assert "This time is no longer offered" in words(answer)
    assert typed(answer)["reason"] == "Cough for two weeks"
    sent = visitor(ana).post(address(held, "again"), {**DETAILS, "reason": "Another reason"})
    assert sent.status_code == 404
    assert typed(sent)["reason"] == "Another reason"


def test_only_what_came_to_nothing_is_held_again(
    held: Appointment, ana: Patient, cleo: Patient
) -> None:
    assert press_again(held, ana)["Location"] == address(held)
    assert press_again(held, cleo).status_code == 404
    assert visitor(ana).get(address(held, "again")).status_code == 405
    choose(held, "succeed")
    assert press_again(held, ana)["Location"] == address(held)
    assert Appointment.objects.count() == 1


# --- The rule, before one pays and before one cancels ---


def test_the_rule_of_the_clinic_is_told_before_paying_and_before_cancelling(
    slots: list[Slot], ana: Patient
) -> None:
    clinic = slots[0].doctor.clinic
    clinic.refund_hours, clinic.refund_percent = 24, 50
    clinic.save()
    rule = "At least 1 day before the start you get 50 % of the fee back."
    form = visitor(ana).get(reverse("book", args=[slots[0].doctor_id, slots[0].pk]))
    assert rule in words(form)
    held = booked(slots[0], ana)
    clinic.refund_hours, clinic.refund_percent = 0, 100
    clinic.save()
    assert rule in words(page_of(held, ana))
    choose(held, "succeed")
    assert rule in words(page_of(held, ana))
    assert rule in words(visitor(ana).get(address(held, "cancel")))


# --- What whoever cancels has to say ---


def test_a_note_reaches_the_other_one(held: Appointment, ana: Patient, dr_osei: Doctor) -> None:
    choose(held, "succeed")
    assert "A note for the patient (optional)" in words(
        visitor(dr_osei).get(address(held, "cancel"))
    )
    visitor(dr_osei).post(address(held, "cancel"), {"note": "I am <ill>\nuntil Friday"})
    assert "Dr Kofi Osei wrote: “I am <ill>until Friday”" in words(page_of(held, ana))
    assert "You wrote: “I am" in words(visitor(dr_osei).get(address(held)))


def test_a_patients_note_is_for_the_doctor(
    held: Appointment, ana: Patient, dr_osei: Doctor
) -> None:
    choose(held, "succeed")
    assert "A note for Dr Kofi Osei (optional)" in words(visitor(ana).get(address(held, "cancel")))
    visitor(ana).post(address(held, "cancel"), {"note": "I am well again"})
    assert "The patient cancelled this appointment The patient wrote: “I am well again”" in words(
        visitor(dr_osei).get(address(held))
    )


def test_a_note_too_long_comes_back_and_cancels_nothing(held: Appointment, ana: Patient) -> None:
    choose(held, "succeed")
    answer = visitor(ana).post(address(held, "cancel"), {"note": "x" * 2001})
    assert answer.status_code == 422
    assert "Use at most 2,000 characters." in words(answer)
    assert "x" * 2001 in answer.content.decode()
    held.refresh_from_db()
    assert held.status == "confirmed"


def test_nobody_writes_a_note_about_a_hold(held: Appointment, ana: Patient) -> None:
    assert "A note for" not in words(visitor(ana).get(address(held, "cancel")))


def test_refunds_are_told_as_sent(held: Appointment, ana: Patient) -> None:
    choose(held, "succeed")
    visitor(ana).post(address(held, "cancel"))
    tidy()
    assert "LKR 2,500.00 was paid back." in words(page_of(held, ana))


def test_money_that_is_not_what_we_asked_for_is_never_called_nothing(
    held: Appointment, ana: Patient
) -> None:
    choose(held, "cancel")
    assert "Nothing was charged" in words(page_of(held, ana))
    Payment.objects.update(trouble=Trouble.MISMATCH)
    page = words(page_of(held, ana))
    assert "Nothing was charged" not in page
    assert "Please do not pay again" in page
    assert HOLD_AGAIN not in page
