"""What the clock tells a doctor: their day in the morning, and that a patient waits for them."""

from datetime import datetime, timedelta

import pytest
from django.core import mail

from clinicall import wiring
from clinicall.booking import ending
from clinicall.booking.models import Appointment, Delivery, Message
from clinicall.booking.states import Kind
from clinicall.consultation.models import Place, Presence, Side
from clinicall.messages import sending
from clinicall.messages.for_doctors import list_days, tell_who_waits
from clinicall.people.models import Doctor, Patient
from clinicall.schedule.models import Slot
from tests.clinic_clock import ClinicClock
from tests.conftest import booked

MINUTE = timedelta(minutes=1)
SIX = datetime.fromisoformat("2026-11-25T06:00+05:30")
AGENDA = """This is who comes to you today.

Wednesday 25 November 2026
2 visits
9:00am: AP, reference {}
9:30am: AP, reference {}
Colombo time (GMT+5:30)

Open your agenda:
"""


@pytest.fixture
def visits(free_slots: list[Slot], ana: Patient, ben: Patient) -> list[Appointment]:
    """On Wednesday in Colombo, at 9:00 and at 9:30."""
    return [booked(free_slots[0], ana), booked(free_slots[2], ben)]


@pytest.fixture
def visit(visits: list[Appointment]) -> Appointment:
    return visits[0]


def told(kind: Kind) -> list[Message]:
    return list(Message.objects.filter(kind=kind))


def sent_to_doctor() -> list[str]:
    sending.send_due(texts=None)
    return [str(one.body) for one in mail.outbox if one.to == ["silva@clinic.example"]]


def is_there(
    visit: Appointment, side: Side, clock: ClinicClock, *, since: timedelta = timedelta()
) -> Presence:
    """Now, and for as long as this."""
    return Presence.objects.create(
        appointment=visit,
        side=side,
        place=Place.WAITING_ROOM,
        since=clock.now - since,
        until=clock.now,
    )


def test_a_doctor_reads_their_day_at_six_in_the_morning_and_once(
    visits: list[Appointment], clock: ClinicClock
) -> None:
    clock.set(SIX - MINUTE)
    list_days()
    assert not told(Kind.DAY_LIST)
    for at in (SIX, SIX + MINUTE, SIX + 60 * MINUTE):
        clock.set(at)
        list_days()
    [message] = told(Kind.DAY_LIST)
    assert message.about == SIX - timedelta(hours=6)
    [body] = sent_to_doctor()
    assert body.startswith(AGENDA.format(*(visit.reference for visit in visits)))
    assert "Perera" not in body
    assert "Cough" not in body
    assert mail.outbox[-1].subject == "Wed 25 Nov: 2 visits"


def test_six_in_the_morning_is_the_doctors_own(visit: Appointment, clock: ClinicClock) -> None:
    Doctor.objects.filter(pk=visit.doctor_id).update(timezone="Asia/Dubai")
    clock.set(SIX)  # half past four in Dubai
    list_days()
    assert not told(Kind.DAY_LIST)
    clock.move(90 * MINUTE)
    list_days()
    assert len(told(Kind.DAY_LIST)) == 1


def test_a_day_without_visits_has_no_list(visit: Appointment, clock: ClinicClock) -> None:
    clock.set(SIX - timedelta(days=1))
    list_days()
    assert not told(Kind.DAY_LIST)


def test_a_list_that_nobody_could_send_all_day_or_that_has_emptied_is_dropped(
    visits: list[Appointment], clock: ClinicClock
) -> None:
    clock.set(SIX)
    list_days()
    for visit in visits:
        ending.cancel(
            visit.pk,
            by=visit.doctor.user,
            gateway_for=wiring.payment_gateway,
            line=wiring.video_line(),
        )
    assert not sent_to_doctor()
    assert told(Kind.DAY_LIST)[0].state == Delivery.DROPPED


def test_a_doctor_is_mailed_once_that_their_patient_waits(
    visit: Appointment, clock: ClinicClock
) -> None:
    clock.set(visit.starts_at - 3 * MINUTE)
    waiting = is_there(visit, Side.PATIENT, clock, since=5 * MINUTE)
    tell_who_waits()
    assert not told(Kind.PATIENT_WAITING)
    for _ in range(3):
        clock.move(MINUTE)
        Presence.objects.filter(pk=waiting.pk).update(until=clock.now)
        tell_who_waits()
    assert len(told(Kind.PATIENT_WAITING)) == 1
    [body] = sent_to_doctor()
    assert body.startswith("Your patient has come to this visit and waits for you.")
    assert "Perera" not in body
    assert mail.outbox[-1].subject == "Your patient is waiting: 9:00am, Wed 25 Nov"


def test_who_has_only_just_come_does_not_wait_yet(visit: Appointment, clock: ClinicClock) -> None:
    clock.set(visit.starts_at)
    is_there(visit, Side.PATIENT, clock, since=timedelta(seconds=59))
    tell_who_waits()
    assert not told(Kind.PATIENT_WAITING)


@pytest.mark.parametrize("where", [0, 1])
def test_a_doctor_who_is_there_or_at_another_visit_is_left_in_peace(
    visits: list[Appointment], clock: ClinicClock, where: int
) -> None:
    clock.set(visits[0].starts_at)
    is_there(visits[0], Side.PATIENT, clock, since=2 * MINUTE)
    is_there(visits[where], Side.DOCTOR, clock)
    tell_who_waits()
    assert not told(Kind.PATIENT_WAITING)


def test_a_doctor_who_said_that_they_are_late_is_missed_later(
    visit: Appointment, clock: ClinicClock
) -> None:
    Appointment.objects.filter(pk=visit.pk).update(delay_minutes=20)
    for minutes, written in ((17, 0), (18, 1)):
        clock.set(visit.starts_at + minutes * MINUTE)
        Presence.objects.all().delete()
        is_there(visit, Side.PATIENT, clock, since=9 * MINUTE)
        tell_who_waits()
        assert len(told(Kind.PATIENT_WAITING)) == written


def test_a_doctor_who_came_before_the_mail_went_out_gets_none(
    visit: Appointment, clock: ClinicClock
) -> None:
    clock.set(visit.starts_at)
    is_there(visit, Side.PATIENT, clock, since=2 * MINUTE)
    tell_who_waits()
    is_there(visit, Side.DOCTOR, clock)
    assert not sent_to_doctor()
    assert told(Kind.PATIENT_WAITING)[0].state == Delivery.DROPPED
