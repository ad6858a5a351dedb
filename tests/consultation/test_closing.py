"""A visit whose room has closed without a word from its doctor."""

from datetime import datetime, timedelta

import pytest

from clinicall.booking.ending import complete, reopen
from clinicall.booking.models import Appointment
from clinicall.booking.states import Outcome, Status
from clinicall.consultation.closing import close_visits
from clinicall.consultation.hearing import hear
from clinicall.consultation.models import ChannelNotice, Place, Presence, Side
from clinicall.payments.models import Refund
from clinicall.people.models import Patient
from clinicall.schedule.models import Slot
from clinicall.video.provider import Notice
from tests.booking.test_ending import paid
from tests.clinic_clock import ClinicClock
from tests.conftest import booked

MINUTE = timedelta(minutes=1)
CLOSED = timedelta(minutes=17)  # after the end: 15 for the room, and 2 for late word of it
A_DAY = timedelta(hours=24)


@pytest.fixture
def visit(slots: list[Slot], ana: Patient) -> Appointment:
    return paid(slots[0], ana)


def was_there(visit: Appointment, side: Side, since: float, until: float) -> None:
    """In minutes after the start."""
    Presence.objects.create(
        appointment=visit,
        side=side,
        place=Place.ROOM,
        since=visit.starts_at + since * MINUTE,
        until=visit.starts_at + until * MINUTE,
        gone=True,
    )


def closed(visit: Appointment, clock: ClinicClock, at: datetime) -> Appointment:
    clock.set(at)
    close_visits()
    return Appointment.objects.get(pk=visit.pk)


def test_who_met_and_left_had_their_visit(visit: Appointment, clock: ClinicClock) -> None:
    was_there(visit, Side.DOCTOR, 0, 8)
    was_there(visit, Side.PATIENT, -5, 7)
    before = closed(visit, clock, visit.ends_at + CLOSED - MINUTE)
    assert before.status == Status.CONFIRMED
    after = closed(visit, clock, visit.ends_at + CLOSED)
    assert (after.status, after.outcome) == (Status.COMPLETED, "attended")
    assert not Refund.objects.exists()
    step = after.transitions.latest("id")
    assert (step.actor, step.actor_id, step.why) == ("clock", None, "attended")


def test_a_patient_who_never_came_has_missed_it(visit: Appointment, clock: ClinicClock) -> None:
    was_there(visit, Side.DOCTOR, -1, 8)
    after = closed(visit, clock, visit.ends_at + CLOSED)
    assert (after.status, after.outcome) == (Status.COMPLETED, "no_show_patient")
    assert not Refund.objects.exists()


def test_a_doctor_who_never_came_gives_the_whole_back(
    visit: Appointment, clock: ClinicClock
) -> None:
    was_there(visit, Side.PATIENT, -5, 2)
    after = closed(visit, clock, visit.ends_at + CLOSED)
    assert (after.status, after.cancel_reason) == (Status.CANCELLED, "doctor_no_show")
    assert Refund.objects.get().amount == 250_000


def test_a_free_visit_that_the_doctor_missed_owes_nothing(
    free_slots: list[Slot], ana: Patient, clock: ClinicClock
) -> None:
    visit = booked(free_slots[0], ana)
    was_there(visit, Side.PATIENT, 0, 5)
    assert closed(visit, clock, visit.ends_at + CLOSED).cancel_reason == "doctor_no_show"
    assert not Refund.objects.exists()


def test_what_is_unclear_waits_a_day_for_its_doctor(visit: Appointment, clock: ClinicClock) -> None:
    assert closed(visit, clock, visit.ends_at + CLOSED).status == Status.CONFIRMED
    assert closed(visit, clock, visit.ends_at + A_DAY - MINUTE).status == Status.CONFIRMED
    after = closed(visit, clock, visit.ends_at + A_DAY)
    assert (after.status, after.cancel_reason) == (Status.CANCELLED, "not_held")
    assert Refund.objects.get().amount == 250_000
    close_visits()
    assert Refund.objects.count() == 1


def test_late_word_still_counts(visit: Appointment, clock: ClinicClock) -> None:
    was_there(visit, Side.DOCTOR, 0, 8)
    was_there(visit, Side.PATIENT, 9, 9.5)
    assert closed(visit, clock, visit.ends_at + CLOSED).status == Status.CONFIRMED
    was_there(visit, Side.PATIENT, 2, 8)
    assert closed(visit, clock, visit.ends_at + 2 * CLOSED).status == Status.COMPLETED


def test_the_doctors_word_stands(visit: Appointment, clock: ClinicClock) -> None:
    was_there(visit, Side.DOCTOR, 0, 8)
    clock.set(visit.ends_at)
    complete(visit.pk, Outcome.ATTENDED, by=visit.doctor.user)
    assert closed(visit, clock, visit.ends_at + CLOSED).outcome == "attended"


def test_a_visit_that_was_undone_is_closed_by_the_evidence(
    visit: Appointment, clock: ClinicClock
) -> None:
    was_there(visit, Side.DOCTOR, 0, 8)
    clock.set(visit.ends_at)
    complete(visit.pk, Outcome.ATTENDED, by=visit.doctor.user)
    reopen(visit.pk, by=visit.doctor.user)
    assert closed(visit, clock, visit.ends_at + CLOSED).outcome == "no_show_patient"


def notice(visit: Appointment, uid: int, minute: int, *, came: bool, channel: str = "") -> Notice:
    return Notice(
        f"{uid} {minute}",
        103 if came else 104,
        channel or visit.channel_name,
        uid,
        minute,
        visit.starts_at + minute * MINUTE,
        came=came,
        stayed=None,
    )


def test_the_providers_word_is_evidence_too(visit: Appointment, clock: ClinicClock) -> None:
    for uid in (1, 2):
        for minute, came in ((9, False), (1, True)):
            hear(notice(visit, uid, minute, came=came))
            hear(notice(visit, uid, minute, came=came))
    assert ChannelNotice.objects.count() == 4
    assert closed(visit, clock, visit.ends_at + CLOSED).outcome == "attended"


@pytest.mark.parametrize("channel", ["test_webhook", "appt_1", "appt_", "appt_" + "0" * 32, "\0"])
def test_word_of_a_call_that_is_not_ours_is_dropped(visit: Appointment, channel: str) -> None:
    hear(notice(visit, 1, 0, came=True, channel=channel))
    hear(notice(visit, 12121212, 0, came=True))
    assert not ChannelNotice.objects.exists()
