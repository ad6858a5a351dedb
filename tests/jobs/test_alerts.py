"""Money that needs a person is told to people."""

import logging
from datetime import timedelta

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from pytest_django import Settings

from clinicall.booking import settling
from clinicall.booking.models import Appointment
from clinicall.jobs.alerts import alert, alert_of_kept_money
from clinicall.payments import refunds
from clinicall.payments.models import Event, Payment, Refund, RefundState, Trouble
from clinicall.people.models import Clinic, Patient, User
from clinicall.schedule.models import Slot
from tests.booking.test_checkout import pays
from tests.booking.test_ending import cancel, paid
from tests.booking.test_unsettled import an_admin, set_aside, staff_of
from tests.clinic_clock import ClinicClock
from tests.conftest import booked


@pytest.fixture
def staff(clinic: Clinic) -> User:
    return staff_of(clinic)


@pytest.fixture
def refused(slots: list[Slot], ana: Patient) -> Refund:
    cancel(paid(slots[0], ana), ana.user)
    Refund.objects.update(state=RefundState.NEEDS_HUMAN, trouble=Trouble.REFUSED, next_try_at=None)
    return Refund.objects.get()


@pytest.fixture
def unclear(slots: list[Slot], ben: Patient) -> Payment:
    hold = booked(slots[1], ben)
    pays(hold, "slow")
    Payment.objects.filter(appointment=hold).update(trouble=Trouble.MISMATCH, next_look_at=None)
    return Payment.objects.get(appointment=hold)


def told() -> dict[str, list[str]]:
    """By whom the mails since the last time are read; each goes to one person alone."""
    mails: dict[str, list[str]] = {}
    for one in mail.outbox:
        assert one.recipients() == one.to
        (reader,) = one.to
        mails.setdefault(reader, []).append(str(one.subject))
    mail.outbox.clear()
    return mails


def test_a_quiet_clinic_gets_no_mail(slots: list[Slot], ana: Patient, staff: User) -> None:
    cancel(paid(slots[0], ana), ana.user)
    alert()
    assert told() == {}


def test_staff_and_admins_are_told_once_of_all_that_needs_a_person(
    refused: Refund, unclear: Payment, staff: User
) -> None:
    set_aside()
    admin = an_admin()
    alert()
    subject = "3 things on the Money page need a person"
    assert told() == {staff.email: [subject], admin.email: [subject]}
    alert()
    assert told() == {}


def test_the_mail_leads_to_the_page_and_names_nobody(
    refused: Refund, staff: User, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.SITE_URL = "https://clinic.example"
    with caplog.at_level(logging.ERROR):
        alert()
    (one,) = mail.outbox
    assert one.subject == "1 thing on the Money page needs a person"
    assert "https://clinic.example/money/" in one.body
    assert f"refund {refused.pk} needs a person" in caplog.text
    visit = Appointment.objects.get()
    for text in (one.subject + str(one.body), caplog.text):
        for private in ("Ana", "Perera", "Cough", visit.email, visit.reference, "2,500"):
            assert private not in text


def test_what_comes_later_is_told_with_what_still_waits(
    refused: Refund, slots: list[Slot], staff: User
) -> None:
    alert()
    told()
    set_aside()
    alert()
    assert told() == {staff.email: ["2 things on the Money page need a person"]}


def test_trouble_that_comes_back_is_told_again(
    refused: Refund, unclear: Payment, staff: User
) -> None:
    alert()
    told()
    refunds.try_again(refused.pk)
    settling.ask_again(unclear.pk)
    alert()
    assert told() == {}
    Refund.objects.update(
        state=RefundState.NEEDS_HUMAN, trouble=Trouble.REFUSED, alerted_at=None
    )  # as refunds.give_back writes it
    Payment.objects.filter(pk=unclear.pk).update(trouble=Trouble.MISMATCH)
    alert()
    assert told() == {staff.email: ["2 things on the Money page need a person"]}


def test_who_has_seen_it_already_needs_no_mail(staff: User) -> None:
    event = set_aside()
    settling.mark_seen(event.pk, by=staff.pk)
    alert()
    assert told() == {}


def test_other_clinics_and_those_who_left_are_not_told(refused: Refund, staff: User) -> None:
    elsewhere = Clinic.objects.create(name="Hilltop", timezone="Asia/Colombo", currency="LKR")
    staff_of(elsewhere, "other")
    gone = staff_of(staff_clinic(staff), "gone")
    gone.is_active = False
    gone.save()
    alert()
    assert list(told()) == [staff.email]


def staff_clinic(staff: User) -> Clinic:
    assert staff.clinic
    return staff.clinic


class Deaf(EmailBackend):
    """A mail server that knows nobody."""

    def send_messages(self, messages: object) -> int:
        raise ConnectionRefusedError


def test_a_mail_that_could_not_be_sent_is_sent_later_and_the_address_is_not_logged(
    refused: Refund, staff: User, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    working = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = f"{__name__}.Deaf"
    alert()
    assert f"account {staff.pk} cannot be mailed: ConnectionRefusedError" in caplog.text
    assert staff.email not in caplog.text
    settings.EMAIL_BACKEND = working
    alert()
    assert list(told()) == [staff.email]


def test_with_nobody_to_tell_the_log_says_it_once(
    refused: Refund, caplog: pytest.LogCaptureFixture
) -> None:
    alert()
    assert f"refund {refused.pk} needs a person" in caplog.text
    caplog.clear()
    alert()
    assert caplog.text == ""


@pytest.mark.breaks_rules  # that is what is told
def test_money_kept_for_nothing_is_told_too(
    slots: list[Slot], ana: Patient, staff: User, clock: ClinicClock
) -> None:
    cancel(paid(slots[0], ana), ana.user)
    Refund.objects.all().delete()
    clock.move(timedelta(minutes=1))
    alert_of_kept_money()
    assert told() == {staff.email: ["1 thing on the Money page needs a person"]}
    assert Payment.objects.get().alerted_at == clock.now
    assert not Event.objects.exists()
