"""Who is told what, by which step, and what is no longer told once it is not true."""

from datetime import time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.db import transaction

from clinicall import wiring
from clinicall.booking import ending, moving
from clinicall.booking.models import Appointment, Delivery, Message
from clinicall.booking.states import CancelReason, Kind, Status
from clinicall.messages import sending
from clinicall.messages.composing import letter_for
from clinicall.messages.reminding import BEFORE, quiet_until, remind
from clinicall.people.models import Doctor, Patient, User
from clinicall.schedule.models import Slot
from tests.booking.test_checkout import news, pays
from tests.clinic_clock import ClinicClock
from tests.conftest import booked


def cancel(visit: Appointment, *, by: User) -> None:
    ending.cancel(visit.pk, by=by, gateway_for=wiring.payment_gateway, line=wiring.video_line())


@pytest.fixture
def visit(free_slots: list[Slot], ana: Patient) -> Appointment:
    """Confirmed, for Wednesday 09:00 in Colombo."""
    return booked(free_slots[0], ana)


def told() -> list[tuple[str, str]]:
    """What has been written down so far: what, and to whom."""
    messages = Message.objects.order_by("written_at", "kind", "to__role")
    return [(message.kind, message.to.role) for message in messages]


def test_a_confirmed_patient_is_told_in_the_same_commit(visit: Appointment) -> None:
    assert told() == [(Kind.CONFIRMED, "patient")]
    sending.send_due(texts=None)
    [letter] = mail.outbox
    assert letter.to == ["ana@clinic.example"]
    assert letter.subject == "Appointment confirmed: Wed 25 Nov, 9:00am"
    assert "Wednesday 25 November 2026\n9:00am to 9:15am\nColombo time (GMT+5:30)" in letter.body
    assert "\n\n\n" not in letter.body


def test_a_step_that_is_rolled_back_tells_nobody(visit: Appointment) -> None:
    with transaction.atomic():
        cancel(visit, by=visit.patient.user)
        transaction.set_rollback(True)
    assert told() == [(Kind.CONFIRMED, "patient")]


def test_patient_and_doctor_hear_of_a_move_and_of_a_cancelling(
    visit: Appointment, free_slots: list[Slot], clock: ClinicClock
) -> None:
    clock.move(timedelta(minutes=1))
    moving.move(visit.pk, free_slots[2].pk, by=visit.patient.user, line=wiring.video_line())
    clock.move(timedelta(minutes=1))
    cancel(visit, by=visit.patient.user)
    assert told() == [
        (Kind.CONFIRMED, "patient"),
        (Kind.MOVED, "doctor"),
        (Kind.MOVED, "patient"),
        (Kind.CANCELLED, "doctor"),
        (Kind.CANCELLED, "patient"),
    ]
    sending.send_due(texts=None)
    # Nobody is told any more of a time that it is not.
    assert [letter.subject for letter in mail.outbox] == [
        "Appointment cancelled: Wed 25 Nov, 9:30am"
    ] * 2
    assert Message.objects.filter(state=Delivery.DROPPED).count() == 3


def test_a_patient_is_reminded_a_day_and_an_hour_before_and_each_once(
    visit: Appointment, clock: ClinicClock
) -> None:
    sending.send_due(texts=None)
    for before in (
        timedelta(hours=24),
        timedelta(hours=23),
        timedelta(hours=1),
        timedelta(minutes=30),
    ):
        clock.set(visit.starts_at - before)
        remind()
        remind()
    kinds = [kind for kind, _ in told()]
    assert kinds == [Kind.CONFIRMED, Kind.REMINDER_DAY, Kind.DEVICE_CHECK, Kind.REMINDER_HOUR]


def test_no_reminder_goes_out_after_a_cancelling(visit: Appointment, clock: ClinicClock) -> None:
    sending.send_due(texts=None)
    clock.set(visit.starts_at - timedelta(hours=24))
    remind()
    cancel(visit, by=visit.doctor.user)
    sending.send_due(texts=None)
    assert [letter.subject[:21] for letter in mail.outbox] == [
        "Appointment confirmed",
        "Appointment cancelled",
    ]
    remind()
    assert Message.objects.filter(kind=Kind.REMINDER_DAY, state=Delivery.SENT).count() == 0


def test_who_booked_an_hour_ago_is_not_reminded_a_day_before(
    dr_silva: Doctor, free_slots: list[Slot], ana: Patient, clock: ClinicClock
) -> None:
    clock.set(free_slots[0].starts_at - timedelta(hours=20))
    booked(free_slots[0], ana)
    remind()
    assert told() == [(Kind.CONFIRMED, "patient")]


def test_a_reminder_in_the_quiet_hours_waits_for_their_end(
    visit: Appointment, clock: ClinicClock
) -> None:
    visit.doctor.clinic.__class__.objects.update(quiet_from="08:00", quiet_until="10:30")
    clock.set(visit.starts_at - timedelta(hours=24))  # 9:00
    remind()
    reminder = Message.objects.get(kind=Kind.REMINDER_DAY)
    assert reminder.next_try_at == clock.now + timedelta(minutes=90)


def test_quiet_hours_that_end_as_they_begin_are_none(
    visit: Appointment, clock: ClinicClock
) -> None:
    clinic = visit.doctor.clinic
    clinic.quiet_from = clinic.quiet_until = time(9)
    assert quiet_until(clock.now, ZoneInfo("Asia/Colombo"), clinic) == clock.now


@pytest.mark.parametrize("kind", [Kind.REMINDER_DAY, Kind.REMINDER_HOUR])
def test_who_wants_no_reminder_or_whose_clinic_sends_none_gets_none(
    visit: Appointment, clock: ClinicClock, kind: Kind
) -> None:
    sending.send_due(texts=None)
    clock.set(visit.starts_at - BEFORE[kind])
    remind()
    patient, clinic = visit.patient, visit.doctor.clinic
    for row in (patient, clinic):
        setattr(row, f"remind_{kind.removeprefix('reminder_')}_before", False)
        row.save()
        message = Message.objects.select_related(*sending.WITH_ALL).get(kind=kind)
        assert letter_for(message, now=clock.now) is None
        setattr(row, f"remind_{kind.removeprefix('reminder_')}_before", True)
        row.save()


@pytest.mark.parametrize(
    ("reason", "says"),
    [
        (CancelReason.BY_PATIENT, "You have cancelled"),
        (CancelReason.BY_DOCTOR, "Your doctor has cancelled"),
    ],
)
def test_a_cancelling_says_by_whom(visit: Appointment, reason: CancelReason, says: str) -> None:
    sending.send_due(texts=None)
    by = visit.patient.user if reason == CancelReason.BY_PATIENT else visit.doctor.user
    cancel(visit, by=by)
    sending.send_due(texts=None)
    to_ana = [letter for letter in mail.outbox if letter.to == ["ana@clinic.example"]]
    assert says in to_ana[-1].body


def test_who_paid_for_a_time_that_is_gone_hears_that_the_money_comes_back(
    slots: list[Slot], ana: Patient, ben: Patient, clock: ClinicClock
) -> None:
    hold = booked(slots[0], ana)
    pays(hold, "late")
    clock.move(timedelta(minutes=11))
    others = booked(slots[0], ben)
    news(hold)
    assert others.status == Status.PENDING
    sending.send_due(texts=None)
    [letter] = mail.outbox
    assert letter.to == ["ana@clinic.example"]
    assert letter.subject == "LKR 2,500.00 goes back to you"


def test_a_cancelling_says_what_is_given_back(slots: list[Slot], ana: Patient) -> None:
    visit = booked(slots[0], ana)
    pays(visit, "succeed")
    news(visit)
    cancel(visit, by=ana.user)
    sending.send_due(texts=None)
    [to_ana] = [letter for letter in mail.outbox if letter.to == ["ana@clinic.example"]]
    assert "LKR 2,500.00 of the LKR 2,500.00 you paid goes back" in to_ana.body


def test_a_mail_names_the_language_of_whoever_reads_it(visit: Appointment) -> None:
    User.objects.filter(pk=visit.patient_id).update(language="de")
    sending.send_due(texts=None)
    [letter] = mail.outbox
    assert letter.extra_headers["Content-Language"] == "de"
    assert isinstance(letter, EmailMultiAlternatives)
    sheet, _kind = letter.alternatives[0]
    assert '<html lang="de" dir="ltr">' in str(sheet)
