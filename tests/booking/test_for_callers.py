"""The clinic books for somebody on the phone: the same hold, for the patient with that e-mail."""

from smtplib import SMTPException

import pytest
from allauth.account.models import EmailAddress
from django.core import mail

from clinicall import wiring
from clinicall.booking.checkout import book
from clinicall.booking.holds import Once, PatientBusy
from clinicall.booking.models import Appointment
from clinicall.booking.states import Status
from clinicall.core.refusals import IdempotencyKeyReused
from clinicall.messages.for_callers import mail_way_to_pay
from clinicall.people.models import Clinic, Doctor, Patient, Role, User
from clinicall.people.unproven import NotAPatient, patient_at
from clinicall.records.models import AuditEntry
from clinicall.schedule.models import Slot
from tests.booking.test_checkout import news, pays
from tests.booking.test_unsettled import an_admin, staff_of
from tests.conftest import wish_for


@pytest.fixture
def staff(clinic: Clinic) -> User:
    return staff_of(clinic)


def held_for(patient: Patient, slot: Slot, by: User, once: Once | None = None) -> Appointment:
    made = book(
        wish_for(slot),
        patient,
        gateway=wiring.payment_gateway(),
        line=wiring.video_line(),
        once=once,
        by=by,
    )
    return Appointment.objects.get(pk=made)


def test_a_hold_for_a_caller_is_the_patients_and_its_first_step_is_the_clinics(
    slots: list[Slot], ana: Patient, staff: User
) -> None:
    hold = held_for(ana, slots[0], staff)
    assert (hold.status, hold.patient) == (Status.PENDING, ana)
    step = hold.transitions.get()
    assert (step.actor, step.actor_id) == ("staff", staff.pk)
    assert hold.payment
    assert hold.payment.checkout_url
    pays(hold, "succeed")
    assert news(hold).status == Status.CONFIRMED


def test_a_free_visit_is_confirmed_at_once_by_the_clinic(
    free_slots: list[Slot], ana: Patient, staff: User
) -> None:
    visit = held_for(ana, free_slots[0], staff)
    assert visit.status == Status.CONFIRMED
    assert [step.actor for step in visit.transitions.order_by("id")] == ["staff", "staff"]


def test_a_hold_for_a_caller_is_in_the_audit_and_ones_own_is_not(
    slots: list[Slot], ana: Patient, ben: Patient, staff: User
) -> None:
    hold = held_for(ana, slots[0], staff)
    book(wish_for(slots[1]), ben, gateway=wiring.payment_gateway(), line=wiring.video_line())
    entry = AuditEntry.objects.get()
    assert (entry.actor_id, entry.actor_role, entry.action) == (staff.pk, "staff", "changed")
    assert (entry.subjects, entry.objects_seen) == ([ana.pk], [hold.pk])


def test_a_form_that_comes_twice_holds_once_and_never_for_two_people(
    slots: list[Slot], ana: Patient, ben: Patient, staff: User
) -> None:
    once = Once("one form", b"for Ana")
    first = held_for(ana, slots[0], staff, once)
    assert held_for(ana, slots[0], staff, once) == first
    assert AuditEntry.objects.count() == 1
    with pytest.raises(IdempotencyKeyReused):
        held_for(ben, slots[1], staff, Once("one form", b"for Ben"))


def test_two_of_the_clinic_may_use_the_same_key(
    slots: list[Slot], ana: Patient, staff: User, clinic: Clinic
) -> None:
    first = held_for(ana, slots[0], staff, Once("one", b"this"))
    second = held_for(ana, slots[1], staff_of(clinic, "second"), Once("one", b"that"))
    assert first != second


def test_the_rules_of_a_hold_hold_for_callers_too(
    slots: list[Slot], free_slots: list[Slot], ana: Patient, staff: User
) -> None:
    held_for(ana, slots[0], staff)
    with pytest.raises(PatientBusy):
        held_for(ana, free_slots[0], staff)  # another doctor, the same time


def test_a_caller_who_has_an_account_is_found_however_the_address_is_written(ana: Patient) -> None:
    assert patient_at("Ana@Clinic.example") == ana


def test_a_new_caller_gets_an_account_that_proves_nothing_yet(clinic: Clinic) -> None:
    patient = patient_at("new@clinic.example")
    assert patient.user.role == Role.PATIENT
    assert not patient.user.has_usable_password()
    assert EmailAddress.objects.get(user=patient.user).verified is False
    assert patient_at("New@clinic.example") == patient


def test_an_address_counts_for_whoever_has_proven_it(ana: Patient) -> None:
    EmailAddress.objects.create(user=ana.user, email="other@clinic.example", verified=True)
    assert patient_at("other@clinic.example") == ana


def test_the_clinics_own_people_and_closed_accounts_are_no_callers(
    staff: User, dr_osei: Doctor, ben: Patient
) -> None:
    User.objects.filter(pk=ben.pk).update(is_active=False)
    for user in (staff, dr_osei.user, an_admin(), ben.user):
        with pytest.raises(NotAPatient):
            patient_at(user.email)


def test_the_mail_says_until_when_and_where_to_pay_and_nothing_of_why(
    slots: list[Slot], ana: Patient, staff: User
) -> None:
    hold = held_for(ana, slots[0], staff)
    assert mail_way_to_pay(hold.pk, by=staff, once="one-form")
    (sent,) = mail.outbox
    assert sent.to == [ana.user.email]
    assert sent.subject == "Pay until 12:10pm for your appointment: Wed 25 Nov, 9:00am"
    body = str(sent.body)
    assert "You asked Lakeside for a video appointment" in body
    assert "Wednesday 25 November 2026, 9:00am (Colombo time (GMT+5:30))" in body
    assert f"/appointments/{hold.pk}/\n" in body
    assert "pay LKR 2,500.00 here" in body
    for private in ("Ana", "Perera", "Osei", "Cardiology", "Cough", "1990", "/sandbox/"):
        assert private not in body + sent.subject


def test_one_press_mails_once_and_another_press_again(
    slots: list[Slot], ana: Patient, staff: User
) -> None:
    hold = held_for(ana, slots[0], staff)
    for once in ("one-form", "one-form", "again"):
        assert mail_way_to_pay(hold.pk, by=staff, once=once)
    assert len(mail.outbox) == 2


def test_a_mail_that_cannot_be_sent_is_told_and_logged_without_the_address(
    slots: list[Slot],
    ana: Patient,
    staff: User,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def refused(*sent: object) -> None:
        raise SMTPException(ana.user.email)

    monkeypatch.setattr("django.core.mail.EmailMultiAlternatives.send", refused)
    hold = held_for(ana, slots[0], staff)
    assert mail_way_to_pay(hold.pk, by=staff, once="one-form") is False
    assert str(hold.pk) in caplog.text
    assert ana.user.email not in caplog.text
    monkeypatch.undo()
    assert mail_way_to_pay(hold.pk, by=staff, once="one-form")
    assert len(mail.outbox) == 1
