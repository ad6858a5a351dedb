"""A doctor who runs late says so in one tap, and everybody who is still to come hears it once."""

from datetime import datetime, time, timedelta

import pytest
from django.core import mail

from clinicall import wiring
from clinicall.booking import ending, moving
from clinicall.booking.ending import cancel_until
from clinicall.booking.leaving import begin, go_on
from clinicall.booking.models import Appointment, Channel, Delivery, Message
from clinicall.booking.overseeing import Stand, standing_at
from clinicall.booking.states import Kind, Outcome, Status
from clinicall.consultation import running_late
from clinicall.consultation.closing import close_visits
from clinicall.consultation.models import Place, Presence, Side
from clinicall.consultation.room import RoomClosed, enter
from clinicall.messages import sending
from clinicall.messages.composing import text_for
from clinicall.people.models import Doctor, DoctorState, Patient
from clinicall.schedule.models import Slot
from clinicall.schedule.publish import publish
from clinicall.schedule.slotting import Window
from tests.clinic_clock import NOON, ClinicClock
from tests.conftest import WEDNESDAY, booked

MINUTE = timedelta(minutes=1)
CLOSED = timedelta(minutes=17)  # after the end: 15 for the room, and 2 for late word of it


@pytest.fixture
def first(free_slots: list[Slot], ana: Patient) -> Appointment:
    """Ana's, on Wednesday from 09:00 to 09:15 in Colombo."""
    return booked(free_slots[0], ana)


@pytest.fixture
def second(free_slots: list[Slot], ben: Patient) -> Appointment:
    """Ben's, from 09:30 to 09:45."""
    return booked(free_slots[2], ben)


def again(visit: Appointment) -> Appointment:
    return Appointment.objects.select_related("doctor", "patient__user").get(pk=visit.pk)


def says(minutes: int, visit: Appointment, clock: ClinicClock, *, at: float) -> None:
    """The doctor, `at` minutes after the start of this visit."""
    clock.set(visit.starts_at + at * MINUTE)
    running_late.say(visit.doctor, minutes)


def was_there(
    visit: Appointment, side: Side, since: float, until: float, place: Place = Place.ROOM
) -> None:
    """In minutes after the start."""
    Presence.objects.create(
        appointment=visit,
        side=side,
        place=place,
        since=visit.starts_at + since * MINUTE,
        until=visit.starts_at + until * MINUTE,
        gone=True,
    )


def delays(*visits: Appointment) -> list[int]:
    return [again(visit).delay_minutes for visit in visits]


def told(visit: Appointment) -> list[int]:
    """The delays that its patient has heard, once all that is due has gone out."""
    sending.send_due(texts=None)
    heard = Message.objects.filter(
        appointment=visit, kind=Kind.RUNNING_LATE, state=Delivery.SENT
    ).order_by("written_at")
    return [message.facts["delay"] for message in heard]


def closed(visit: Appointment, clock: ClinicClock, at: datetime) -> Appointment:
    clock.set(at)
    close_visits()
    return again(visit)


def test_everyone_who_is_still_to_come_today_is_told_once(
    first: Appointment, second: Appointment, clock: ClinicClock
) -> None:
    says(20, first, clock, at=-30)
    assert delays(first, second) == [20, 20]
    assert (told(first), told(second)) == ([], [])
    clock.move(MINUTE)
    running_late.say(first.doctor, 20)
    clock.move(MINUTE)
    assert (told(first), told(second)) == ([20], [20])
    late = [letter for letter in mail.outbox if "later" in letter.subject]
    assert {letter.to[0] for letter in late} == {"ana@clinic.example", "ben@clinic.example"}
    [to_ana] = [letter for letter in late if letter.to == ["ana@clinic.example"]]
    assert to_ana.subject == "Your appointment begins about 20 minutes later"
    assert "Expect to begin at about 9:20am" in to_ana.body
    assert "The room stays open until 9:50am" in to_ana.body


def test_what_is_taken_back_within_a_minute_nobody_hears(
    first: Appointment, clock: ClinicClock
) -> None:
    says(20, first, clock, at=-30)
    clock.move(MINUTE / 2)
    running_late.say(first.doctor, 0)
    clock.move(5 * MINUTE)
    assert delays(first) == [0]
    assert told(first) == []


def test_who_was_told_hears_that_it_is_on_time_after_all_and_nobody_else(
    first: Appointment, free_slots: list[Slot], ben: Patient, clock: ClinicClock
) -> None:
    says(20, first, clock, at=-30)
    clock.move(MINUTE)
    assert told(first) == [20]
    second = booked(free_slots[2], ben)
    running_late.say(first.doctor, 0)
    running_late.say(first.doctor, 0)
    clock.move(MINUTE)
    assert (told(first), told(second)) == ([20, 0], [])
    assert mail.outbox[-1].subject == "Your appointment begins on time after all"


def test_another_number_is_told_and_the_one_that_nobody_heard_is_not(
    first: Appointment, clock: ClinicClock
) -> None:
    says(20, first, clock, at=-30)
    clock.move(MINUTE / 2)
    running_late.say(first.doctor, 45)
    clock.move(MINUTE / 4)
    running_late.say(first.doctor, 20)
    clock.move(MINUTE)
    assert told(first) == [20]
    running_late.say(first.doctor, 30)
    clock.move(MINUTE)
    assert told(first) == [20, 30]


def test_back_to_what_was_heard_is_no_news(first: Appointment, clock: ClinicClock) -> None:
    says(20, first, clock, at=-30)
    clock.move(MINUTE)
    assert told(first) == [20]
    running_late.say(first.doctor, 0)
    clock.move(MINUTE / 2)
    running_late.say(first.doctor, 20)
    clock.move(2 * MINUTE)
    assert told(first) == [20]


def test_a_word_that_is_on_its_way_is_taken_back_aloud(
    first: Appointment, clock: ClinicClock
) -> None:
    """Whoever took it may have handed it over already."""
    says(20, first, clock, at=-30)
    Message.objects.filter(kind=Kind.RUNNING_LATE).update(tries=1)
    running_late.say(first.doctor, 0)
    clock.move(MINUTE)
    # It is not sent now that it is untrue; that it is no longer so, is.
    assert told(first) == [0]


def test_only_the_doctors_own_day_is_late(
    dr_silva: Doctor, first: Appointment, ben: Patient, clock: ClinicClock
) -> None:
    publish(dr_silva, [Window(WEDNESDAY + timedelta(days=1), time(9), time(10), 15)], now=NOON)
    tomorrow = booked(Slot.objects.latest("starts_at"), ben)
    says(20, first, clock, at=-30)
    assert delays(first, tomorrow) == [20, 0]


def test_another_doctors_patients_do_not_wait(
    first: Appointment, dr_osei: Doctor, clock: ClinicClock
) -> None:
    clock.set(first.starts_at)
    assert running_late.say(dr_osei, 20) == []
    assert delays(first) == [0]


def test_a_visit_in_which_the_doctor_is_or_was_is_not_late(
    first: Appointment, second: Appointment, clock: ClinicClock
) -> None:
    was_there(first, Side.DOCTOR, -1, 4)
    says(20, first, clock, at=5)
    assert delays(first, second) == [0, 20]


def test_a_visit_that_has_begun_without_its_doctor_is_late(
    first: Appointment, clock: ClinicClock
) -> None:
    was_there(first, Side.DOCTOR, -9, -5, Place.WAITING_ROOM)
    was_there(first, Side.PATIENT, -5, 20)
    says(20, first, clock, at=20)
    assert delays(first) == [20]
    says(45, first, clock, at=51)  # its room has closed
    assert delays(first) == [20]


def test_the_room_opens_as_ever_and_closes_later(first: Appointment, clock: ClinicClock) -> None:
    before = again(first)
    says(20, first, clock, at=-30)
    late = again(first)
    assert late.opens_at == before.opens_at
    assert late.closes_at == before.closes_at + 20 * MINUTE
    by_patient = cancel_until(late, late.patient.user)
    assert by_patient == cancel_until(before, late.patient.user)


def test_a_pass_ends_with_the_late_room_and_a_room_never_before_its_passes(
    first: Appointment, clock: ClinicClock
) -> None:
    says(20, first, clock, at=-30)
    clock.set(first.ends_at + 10 * MINUTE)
    given = enter(first.pk, first.patient.user, line_for=wiring.video_line, session="s")
    assert given.expires_at == again(first).closes_at
    running_late.say(first.doctor, 0)
    assert delays(first) == [20]
    clock.set(again(first).closes_at)
    with pytest.raises(RoomClosed):
        enter(first.pk, first.patient.user, line_for=wiring.video_line, session="s")


def test_a_smaller_delay_shuts_no_room_at_once(first: Appointment, clock: ClinicClock) -> None:
    says(45, first, clock, at=-30)
    says(10, first, clock, at=41)
    assert delays(first) == [45]


def test_a_late_doctor_who_comes_then_has_held_the_visit(
    first: Appointment, clock: ClinicClock
) -> None:
    says(20, first, clock, at=-5)
    was_there(first, Side.PATIENT, -5, 45)
    assert closed(first, clock, first.ends_at + CLOSED).status == Status.CONFIRMED
    was_there(first, Side.DOCTOR, 33, 45)
    after = closed(first, clock, first.ends_at + 20 * MINUTE + CLOSED)
    assert (after.status, after.outcome) == (Status.COMPLETED, Outcome.ATTENDED)


def test_a_doctor_who_said_so_and_never_came_has_missed_it(
    first: Appointment, clock: ClinicClock
) -> None:
    says(20, first, clock, at=-5)
    was_there(first, Side.PATIENT, -5, 20)
    after = closed(first, clock, first.ends_at + 20 * MINUTE + CLOSED)
    assert (after.status, after.cancel_reason) == (Status.CANCELLED, "doctor_no_show")


def test_a_patient_is_missed_only_from_the_time_that_they_were_told(
    first: Appointment, second: Appointment, clock: ClinicClock
) -> None:
    says(20, first, clock, at=-5)
    was_there(first, Side.DOCTOR, 0, 19)  # sooner than said, and gone again
    was_there(second, Side.DOCTOR, 20, 31)
    over = second.ends_at + 20 * MINUTE + CLOSED
    assert closed(first, clock, over).status == Status.CONFIRMED
    after = closed(second, clock, over)
    assert (after.status, after.outcome) == (Status.COMPLETED, Outcome.NO_SHOW_PATIENT)


def test_a_moved_visit_is_on_time_and_its_pass_ends_with_its_room(
    first: Appointment, free_slots: list[Slot], clock: ClinicClock
) -> None:
    says(20, first, clock, at=-180)
    moving.move(first.pk, free_slots[3].pk, by=first.patient.user, line=wiring.video_line())
    moved = again(first)
    assert moved.delay_minutes == 0
    assert moved.token_expires_at == moved.closes_at
    clock.move(MINUTE)
    assert told(first) == []


def test_whoever_cancels_hears_nothing_more_of_the_delay(
    first: Appointment, clock: ClinicClock
) -> None:
    says(20, first, clock, at=-30)
    ending.cancel(
        first.pk,
        by=first.doctor.user,
        gateway_for=wiring.payment_gateway,
        line=wiring.video_line(),
    )
    clock.move(MINUTE)
    assert told(first) == []


def test_nobody_is_asked_how_a_late_visit_went_while_its_room_is_open(
    first: Appointment, clock: ClinicClock
) -> None:
    says(30, first, clock, at=-5)
    for until_it_closes, asked in ((MINUTE, 0), (timedelta(), 1)):
        clock.set(again(first).closes_at - until_it_closes)
        unmarked = Appointment.objects.filter(standing_at(Stand.UNMARKED, clock.now))
        assert unmarked.count() == asked


def test_who_leaves_the_clinic_stays_while_a_late_visit_may_be_reopened(
    first: Appointment, dr_silva: Doctor, clock: ClinicClock
) -> None:
    says(30, first, clock, at=-5)
    clock.set(first.ends_at + 40 * MINUTE)
    ending.complete(first.pk, Outcome.ATTENDED, by=dr_silva.user)
    begin(dr_silva.pk, call_off=False, by=dr_silva.user)
    for until_it_closes, state in ((MINUTE, DoctorState.LEAVING), (timedelta(), DoctorState.LEFT)):
        clock.set(again(first).closes_at - until_it_closes)
        go_on(dr_silva.pk, gateway_for=wiring.payment_gateway, line=wiring.video_line())
        dr_silva.refresh_from_db()
        assert dr_silva.state == state


@pytest.mark.parametrize(
    ("minutes", "after", "says_so"),
    [
        (20, 0, "Running late: your appointment of 9:00am begins at about 9:20am."),
        (10, 44, "Running late: your appointment of 9:00am begins soon."),
        (0, 0, "On time after all: your appointment begins at 9:00am."),
    ],
)
def test_a_text_says_it_in_one_message(
    first: Appointment, clock: ClinicClock, minutes: int, after: int, says_so: str
) -> None:
    Appointment.objects.filter(pk=first.pk).update(delay_minutes=minutes)
    message = Message(
        kind=Kind.RUNNING_LATE,
        channel=Channel.SMS,
        to=first.patient.user,
        appointment=again(first),
        about=first.starts_at,
        facts={"delay": minutes},
    )
    text = text_for(message, now=first.starts_at - 30 * MINUTE + after * MINUTE)
    assert text is not None
    assert text.startswith(f"Lakeside: {says_so}")
    assert f"/a/{first.reference}/" in text
    assert len(text) <= 160
    assert text.isascii()
