from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from allauth.account.models import EmailAddress

from clinicall import wiring
from clinicall.booking import checkout
from clinicall.booking.guests import claim_hold, forgotten, hold_as_guest, let_go
from clinicall.booking.holds import (
    ANYWHERE,
    Once,
    PatientBusy,
    SlotTaken,
    TooManyHolds,
    Wish,
    lapse,
)
from clinicall.booking.models import Appointment
from clinicall.booking.openings import open_slots
from clinicall.booking.states import Status
from clinicall.core.refusals import NotFound, WrongRole
from clinicall.jobs.tidy import tidy
from clinicall.payments.models import PaymentState
from clinicall.people.models import Clinic, Doctor, Patient, Role, User
from clinicall.records.models import IdempotencyKey
from clinicall.schedule.models import Slot
from tests.clinic_clock import ClinicClock
from tests.conftest import booked, wish_for

pytestmark = pytest.mark.django_db
A_FORM = Once("a-form", b"what stands in it")


def held_by_guest(slot: Slot, once: Once = A_FORM, wish: Wish | None = None) -> Appointment:
    """Somebody who says that they are Ana sends the form."""
    made = hold_as_guest(wish or wish_for(slot), provider="sandbox", once=once)
    return Appointment.objects.select_related("patient__user").get(pk=made)


def claims(hold: Appointment, by: Patient | Doctor) -> Appointment:
    claim_hold(hold.pk, by=by.user)
    return Appointment.objects.select_related("payment").get(pk=hold.pk)


def goes_on(hold: Appointment) -> Appointment:
    gateway, line = wiring.payment_gateway(), wiring.video_line()
    checkout.go_on(hold.pk, gateway=gateway, line=line)
    return Appointment.objects.select_related("payment").get(pk=hold.pk)


def test_a_guest_holds_the_time_for_ten_minutes_as_somebody_unknown(
    slots: list[Slot], ana: Patient, clock: ClinicClock
) -> None:
    hold = held_by_guest(slots[0])
    assert (hold.status, hold.held_until) == (Status.PENDING, clock.now + timedelta(minutes=10))
    assert slots[0] not in open_slots()
    assert hold.patient.guest
    somebody = hold.patient.user
    assert somebody.email == f"{somebody.pk}@guest.invalid"
    assert not somebody.is_active
    assert not somebody.has_usable_password()
    assert not EmailAddress.objects.filter(user=somebody).exists()


def test_the_same_form_sent_twice_holds_once_and_another_is_refused(slots: list[Slot]) -> None:
    assert held_by_guest(slots[0]) == held_by_guest(slots[0])
    with pytest.raises(SlotTaken):
        held_by_guest(slots[0], once=Once("a-form", b"something else stands in it"))


def test_nobody_is_shown_what_a_guest_holds(
    slots: list[Slot], ana: Patient, dr_osei: Doctor, clinic: Clinic
) -> None:
    hold = held_by_guest(slots[0])
    staff = User.objects.create_user("desk@clinic.example", role=Role.STAFF, clinic=clinic)
    admin = User.objects.create_user("admin@clinic.example", role=Role.ADMIN)
    for person in (ana.user, dr_osei.user):
        assert not Appointment.objects.visible_to(person).exists()
    for person in (staff, admin):
        assert not Appointment.objects.overseen_by(person).exists()
    claims(hold, by=ana)
    assert Appointment.objects.visible_to(ana.user).get() == hold
    assert Appointment.objects.overseen_by(staff).get() == hold


def test_a_guests_hold_waits_for_its_claim_and_lapses_without_one(
    slots: list[Slot], free_slots: list[Slot], clock: ClinicClock
) -> None:
    to_pay = held_by_guest(slots[0])
    free = held_by_guest(free_slots[0], once=Once("another", b""))
    for hold in (to_pay, free):
        assert goes_on(hold).status == Status.PENDING
    clock.move(timedelta(minutes=5))
    tidy()  # asks about the payment that is due
    to_pay = goes_on(to_pay)
    assert to_pay.payment
    assert (to_pay.payment.state, to_pay.payment.checkout_url) == (PaymentState.CREATED, "")
    clock.move(timedelta(minutes=5))
    tidy()
    to_pay.refresh_from_db()
    free.refresh_from_db()
    assert to_pay.cancel_reason == free.cancel_reason == "hold_expired"
    to_pay.payment.refresh_from_db()
    assert to_pay.payment.state == PaymentState.CANCELLED


def test_whoever_has_proven_the_address_claims_the_hold_and_pays(
    slots: list[Slot], ana: Patient, clock: ClinicClock
) -> None:
    hold = held_by_guest(slots[0])
    until = hold.held_until
    clock.move(timedelta(minutes=3))
    mine = goes_on(claims(hold, by=ana))
    assert (mine.patient_id, mine.status, mine.held_until) == (ana.pk, Status.PENDING, until)
    assert mine.payment
    assert "/sandbox/" in mine.payment.checkout_url
    assert claims(mine, by=ana) == mine


def test_a_free_visit_is_confirmed_only_when_it_is_claimed(
    free_slots: list[Slot], ana: Patient
) -> None:
    hold = held_by_guest(free_slots[0])
    assert goes_on(claims(hold, by=ana)).status == Status.CONFIRMED


def test_the_form_sent_once_more_by_whoever_has_claimed_it_finds_their_hold(
    slots: list[Slot], ana: Patient
) -> None:
    mine = claims(held_by_guest(slots[0]), by=ana)
    again = checkout.book(
        wish_for(slots[0]),
        ana,
        gateway=wiring.payment_gateway(),
        line=wiring.video_line(),
        once=A_FORM,
    )
    assert again == mine.pk
    assert IdempotencyKey.objects.get().user_id == ana.pk


def test_a_key_that_the_patient_has_used_before_stays_theirs(
    slots: list[Slot], free_slots: list[Slot], ana: Patient
) -> None:
    gateway, line = wiring.payment_gateway(), wiring.video_line()
    mine = checkout.book(wish_for(free_slots[2]), ana, gateway=gateway, line=line, once=A_FORM)
    claims(held_by_guest(slots[0]), by=ana)
    assert IdempotencyKey.objects.get().made == mine


@pytest.mark.parametrize("address", ["Ana@clinic.example", "ana@CLINIC.example"])
def test_an_address_is_the_same_in_capitals(slots: list[Slot], ana: Patient, address: str) -> None:
    hold = held_by_guest(slots[0], wish=replace(wish_for(slots[0]), email=address))
    assert claims(hold, by=ana).patient_id == ana.pk


def test_nobody_else_claims_it_nor_whoever_has_not_proven_the_address(
    slots: list[Slot], ana: Patient, ben: Patient
) -> None:
    hold = held_by_guest(slots[0])
    EmailAddress.objects.filter(user=ana.user).update(verified=False)
    for person in (ana, ben):
        with pytest.raises(NotFound):
            claims(hold, by=person)
    hold.refresh_from_db()
    assert hold.status == Status.PENDING
    assert hold.patient.guest


def test_a_patients_own_hold_is_claimed_by_nobody(
    slots: list[Slot], ana: Patient, ben: Patient
) -> None:
    mine = booked(slots[0], ben)  # written with Ana's address
    with pytest.raises(NotFound):
        claims(mine, by=ana)


def test_a_hold_that_never_was_cannot_be_claimed(ana: Patient) -> None:
    with pytest.raises(NotFound):
        claim_hold(ana.pk, by=ana.user)


def test_a_patient_who_is_busy_is_told_and_the_time_is_free_again(
    slots: list[Slot], free_slots: list[Slot], ana: Patient
) -> None:
    booked(free_slots[0], ana)
    hold = held_by_guest(slots[0])
    with pytest.raises(PatientBusy):
        claims(hold, by=ana)
    assert slots[0] in open_slots()
    hold.refresh_from_db()
    assert (hold.status, hold.cancel_reason) == (Status.CANCELLED, "by_patient")
    tidy()
    assert hold.payment
    assert hold.payment.state == PaymentState.CANCELLED


def test_a_third_hold_is_refused_and_the_time_is_free_again(
    slots: list[Slot], ana: Patient, clock: ClinicClock
) -> None:
    booked(slots[0], ana)
    booked(slots[1], ana)
    with pytest.raises(TooManyHolds):
        claims(held_by_guest(slots[2]), by=ana)
    assert slots[2] in open_slots()


def test_holds_of_the_patient_that_have_lapsed_are_not_in_the_way(
    slots: list[Slot], free_slots: list[Slot], ana: Patient, clock: ClinicClock
) -> None:
    lapsed = [booked(slots[0], ana), booked(slots[1], ana)]
    clock.move(timedelta(minutes=10))
    hold = held_by_guest(free_slots[0])  # at the time of one of them
    assert claims(hold, by=ana).hold_place == 1
    assert {Appointment.objects.get(pk=one.pk).cancel_reason for one in lapsed} == {"hold_expired"}


def test_a_doctors_account_cannot_book_in_this_way_either(
    slots: list[Slot], dr_silva: Doctor
) -> None:
    wish = replace(wish_for(slots[0]), email=dr_silva.user.email)
    with pytest.raises(WrongRole):
        claims(held_by_guest(slots[0], wish=wish), by=dr_silva)
    assert slots[0] in open_slots()


@pytest.mark.parametrize("tidied", [True, False])
def test_a_hold_that_has_lapsed_is_theirs_to_try_again(
    slots: list[Slot], ana: Patient, clock: ClinicClock, *, tidied: bool
) -> None:
    hold = held_by_guest(slots[0])
    clock.move(timedelta(minutes=10))
    if tidied:
        lapse(ANYWHERE)
    mine = claims(hold, by=ana)
    assert (mine.patient_id, mine.cancel_reason) == (ana.pk, "hold_expired")
    assert slots[0] in open_slots()
    assert Appointment.objects.visible_to(ana.user).get() == mine


def test_a_guest_lets_their_time_go_and_nobody_elses(slots: list[Slot], ana: Patient) -> None:
    mine, hold = booked(slots[0], ana), held_by_guest(slots[1])
    for one in (mine, hold, hold):
        let_go(one.pk)
    assert slots[1] in open_slots()
    mine.refresh_from_db()
    assert mine.status == Status.PENDING
    with pytest.raises(NotFound):
        claims(hold, by=ana)


def test_guests_are_forgotten_some_time_after_they_hold_nothing_any_more(
    slots: list[Slot], ana: Patient, clock: ClinicClock
) -> None:
    claimed, lapsed = held_by_guest(slots[0]), held_by_guest(slots[1], Once("lapsed", b""))
    claims(claimed, by=ana)
    later = datetime.now(UTC) + timedelta(days=1)
    assert set(forgotten(later)) == {claimed.patient}
    clock.move(timedelta(minutes=10))
    lapse(ANYWHERE)
    assert set(forgotten(later)) == {claimed.patient, lapsed.patient}
    assert not forgotten(datetime.now(UTC) - timedelta(days=1)).exists()
