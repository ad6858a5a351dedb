"""What comes to a patient's calendar with a mail: one entry that is made, moved and taken away again."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage, MIMEPart
from pathlib import Path
from typing import Any

import icalendar
import pytest
import vobject
from django.core import mail

from clinicall import wiring
from clinicall.booking import ending, moving
from clinicall.booking.models import Appointment, Message
from clinicall.booking.states import Outcome
from clinicall.messages import sending
from clinicall.people.models import Doctor, Patient
from clinicall.schedule.models import Slot
from tests.clinic_clock import NOON, ClinicClock
from tests.conftest import booked

DOCUMENT = Path(__file__).parents[2] / "docs" / "calendars.md"
A_MINUTE = timedelta(minutes=1)
IN_SINHALA = "වෛද්‍ය අමරා සිල්වා, හෘද; රෝග"
IN_TAMIL = "ஏரிக்கரை மருத்துவமனை"


@dataclass(frozen=True)
class Said:
    """What a calendar takes from an invite."""

    method: str
    uid: str
    sequence: int
    status: str
    starts_at: datetime
    ends_at: datetime
    stamp: datetime
    summary: str
    url: str
    private: bool
    organizer: str
    attendee: str
    alarm: timedelta | None


def read_by_icalendar(body: bytes) -> Said:
    calendar: Any = icalendar.Calendar.from_ical(body)
    [event] = calendar.walk("VEVENT")
    alarms = event.walk("VALARM")
    assert not event.errors
    return Said(
        method=str(calendar["METHOD"]),
        uid=str(event["UID"]),
        sequence=int(event["SEQUENCE"]),
        status=str(event["STATUS"]),
        starts_at=event["DTSTART"].dt,
        ends_at=event["DTEND"].dt,
        stamp=event["DTSTAMP"].dt,
        summary=str(event["SUMMARY"]),
        url=str(event["URL"]),
        private=event["CLASS"] == "PRIVATE",
        organizer=str(event["ORGANIZER"]),
        attendee=str(event["ATTENDEE"]),
        alarm=alarms[0]["TRIGGER"].dt if alarms else None,
    )


def read_by_vobject(body: bytes) -> Said:
    calendar: Any = vobject.readOne(body.decode(), validate=True)
    event = calendar.vevent
    return Said(
        method=calendar.method.value,
        uid=event.uid.value,
        sequence=int(event.sequence.value),
        status=event.status.value,
        starts_at=event.dtstart.value.astimezone(UTC),
        ends_at=event.dtend.value.astimezone(UTC),
        stamp=event.dtstamp.value.astimezone(UTC),
        summary=event.summary.value,
        url=event.url.value,
        private=event.contents["class"][0].value == "PRIVATE",
        organizer=event.organizer.value,
        attendee=event.attendee.value,
        alarm=event.valarm.trigger.value if "valarm" in event.contents else None,
    )


@dataclass(frozen=True)
class Mail:
    """A mail as it goes over the wire."""

    whole: EmailMessage
    alternatives: list[MIMEPart]
    files: list[MIMEPart]

    @property
    def part(self) -> MIMEPart:
        return self.alternatives[-1]

    @property
    def body(self) -> bytes:
        body = self.part.get_payload(decode=True)
        assert isinstance(body, bytes)
        return body

    @property
    def said(self) -> Said:
        return read_by_icalendar(self.body)


def on_the_wire(letter: mail.EmailMessage) -> Mail:
    made: Any = letter.message()
    whole = message_from_bytes(made.as_bytes(linesep="\r\n"), policy=policy.SMTP)
    assert isinstance(whole, EmailMessage)
    [alternative] = [p for p in whole.walk() if p.get_content_type() == "multipart/alternative"]
    return Mail(whole, list(alternative.iter_parts()), list(whole.iter_attachments()))


@dataclass(frozen=True)
class Mails:
    """Of one visit, to its patient."""

    confirmed: Mail
    moved: Mail
    cancelled: Mail

    def __iter__(self) -> Iterator[Mail]:
        return iter((self.confirmed, self.moved, self.cancelled))


def newest() -> Mail:
    sending.send_due(texts=None)
    [letter] = [one for one in mail.outbox if one.to == ["ana@clinic.example"]]
    mail.outbox.clear()
    return on_the_wire(letter)


@pytest.fixture
def visit(free_slots: list[Slot], ana: Patient) -> Appointment:
    """Confirmed, for Wednesday 09:00 in Colombo."""
    return booked(free_slots[0], ana)


@pytest.fixture
def mails(visit: Appointment, free_slots: list[Slot], clock: ClinicClock) -> Mails:
    """By minutes: confirmed, moved to half past nine, cancelled."""
    confirmed = newest()
    clock.move(A_MINUTE)
    moving.move(visit.pk, free_slots[2].pk, by=visit.patient.user, line=wiring.video_line())
    moved = newest()
    clock.move(A_MINUTE)
    cancel(visit)
    return Mails(confirmed, moved, newest())


def cancel(visit: Appointment) -> None:
    by, line = visit.patient.user, wiring.video_line()
    ending.cancel(visit.pk, by=by, gateway_for=wiring.payment_gateway, line=line)


def test_two_parsers_read_the_same_visit_made_moved_and_cancelled(
    visit: Appointment, mails: Mails
) -> None:
    first = Said(
        method="REQUEST",
        uid=f"appt-{visit.pk}@127.0.0.1",
        sequence=0,
        status="CONFIRMED",
        starts_at=datetime(2026, 11, 25, 3, 30, tzinfo=UTC),
        ends_at=datetime(2026, 11, 25, 3, 45, tzinfo=UTC),
        stamp=NOON,
        summary="Video appointment with Dr Nimal Silva",
        url=f"http://127.0.0.1:8000/appointments/{visit.pk}/",
        private=True,
        organizer="mailto:no-reply@127.0.0.1",
        attendee="mailto:ana@clinic.example",
        alarm=-timedelta(minutes=15),
    )
    half_an_hour = timedelta(minutes=30)
    second = replace(
        first,
        sequence=1,
        starts_at=first.starts_at + half_an_hour,
        ends_at=first.ends_at + half_an_hour,
        stamp=NOON + A_MINUTE,
    )
    third = replace(
        second,
        method="CANCEL",
        status="CANCELLED",
        sequence=2,
        stamp=NOON + 2 * A_MINUTE,
        alarm=None,
    )
    for read in (read_by_icalendar, read_by_vobject):
        assert [read(one.body) for one in mails] == [first, second, third]


def test_names_in_any_script_survive_folding_and_both_parsers(
    dr_silva: Doctor, visit: Appointment, settings: Any
) -> None:
    Doctor.objects.filter(pk=dr_silva.pk).update(name=IN_SINHALA)
    settings.DEFAULT_FROM_EMAIL = f'"{IN_TAMIL}" <no-reply@127.0.0.1>'
    body = newest().body
    for read in (read_by_icalendar, read_by_vobject):
        assert read(body).summary == f"Video appointment with {IN_SINHALA}"
    on_the_wire = [each.decode() for each in body.split(b"\r\n")]  # no letter is cut in two
    assert any(each.startswith(" ") for each in on_the_wire)
    assert f"CN={IN_TAMIL}" in re.sub(r"\r\n ", "", body.decode()).replace('"', "")


def test_lines_end_as_the_protocol_says(mails: Mails) -> None:
    for one in mails:
        assert one.body.endswith(b"END:VCALENDAR\r\n")
        assert one.body.count(b"\n") == one.body.count(b"\r\n") == one.body.count(b"\r")


def test_a_mail_that_is_sent_once_more_says_the_same(
    visit: Appointment, clock: ClinicClock
) -> None:
    first = newest()
    clock.move(A_MINUTE)
    Message.objects.update(state="waiting", next_try_at=clock.now, sent_at=None)
    again = newest()
    assert replace(again.said, stamp=first.said.stamp) == first.said
    assert again.whole["Message-ID"] == first.whole["Message-ID"]


def test_what_was_completed_and_taken_back_has_not_become_older(
    visit: Appointment, clock: ClinicClock
) -> None:
    """The doctor ends a visit by mistake, takes that back and calls it off."""
    newest()
    clock.set(visit.starts_at + A_MINUTE)
    ending.complete(visit.pk, Outcome.ATTENDED, by=visit.doctor.user)
    ending.reopen(visit.pk, by=visit.doctor.user)
    by, line = visit.doctor.user, wiring.video_line()
    ending.cancel(visit.pk, by=by, gateway_for=wiring.payment_gateway, line=line)
    assert newest().said.sequence == 3


def test_a_doctors_mails_bring_none(visit: Appointment) -> None:
    cancel(visit)
    sending.send_due(texts=None)
    [letter] = [one for one in mail.outbox if one.to == [visit.doctor.user.email]]
    assert b"text/calendar" not in letter.message().as_bytes()


def test_an_invite_tells_neither_why_nor_what_kind_of_doctor(mails: Mails) -> None:
    for one in mails:
        text = one.body.decode()
        assert not re.search("Cough|General practice|Perera|1990|112345678", text)


# --- What programs ask for: docs/calendars.md ---


def lines(body: bytes) -> list[str]:
    return body.decode().replace("\r\n ", "").split("\r\n")


def line(body: bytes, name: str) -> str:
    """The visit's own; its alarm comes after it."""
    return next(one for one in lines(body) if re.split("[;:]", one)[0] == name)


ASKED: dict[str, Callable[[Mails], bool]] = {
    "the method in the header of the part": lambda mails: (
        [one.part.get_param("method") for one in mails] == ["REQUEST", "REQUEST", "CANCEL"]
    ),
    "METHOD beside the visit, not in it": lambda mails: all(
        lines(one.body).index(f"METHOD:{one.said.method}") < lines(one.body).index("BEGIN:VEVENT")
        for one in mails
    ),
    "the invite among the alternatives": lambda mails: all(
        [part.get_content_type() for part in one.alternatives]
        == ["text/plain", "text/html", "text/calendar"]
        for one in mails
    ),
    "one method, said twice": lambda mails: all(
        one.part.get_param("method") == one.said.method for one in mails
    ),
    "an organizer": lambda mails: all(
        one.said.organizer.removeprefix("mailto:") in one.whole["From"] for one in mails
    ),
    "whom a cancelling is for": lambda mails: (
        line(mails.cancelled.body, "ATTENDEE") == line(mails.confirmed.body, "ATTENDEE")
    ),
    "a cancelling that is newer": lambda mails: (
        mails.cancelled.said.status == "CANCELLED"
        and mails.cancelled.said.sequence > mails.moved.said.sequence
    ),
    "one zone that it knows": lambda mails: all(
        re.fullmatch(r"DTSTART:\d{8}T\d{6}Z", line(one.body, "DTSTART"))
        and "TZID" not in one.body.decode()
        for one in mails
    ),
    "short lines": lambda mails: all(
        len(each) <= 75 for one in mails for each in one.body.split(b"\r\n")
    ),
    "one UID for ever": lambda mails: len({one.said.uid for one in mails}) == 1,
    "no question that nobody reads": lambda mails: all(
        {"RSVP=FALSE", "PARTSTAT=ACCEPTED"} <= set(re.split("[;:]", line(one.body, "ATTENDEE")))
        for one in mails
    ),
    "what is newer": lambda mails: (
        [one.said.sequence for one in mails] == [0, 1, 2]
        and mails.confirmed.said.stamp < mails.moved.said.stamp < mails.cancelled.said.stamp
    ),
    "the link where it is seen": lambda mails: all(
        one.said.url in line(one.body, "DESCRIPTION") for one in mails
    ),
    "a file that ends in .ics": lambda mails: all(
        [(file.get_filename(), file.get_content()) for file in one.files]
        == [("invite.ics", one.body)]
        for one in mails
    ),
    "one invite, not two": lambda mails: all(
        [part.get_content_type() for part in one.whole.walk()].count("text/calendar") == 1
        and [file.get_content_type() for file in one.files] == ["application/ics"]
        for one in mails
    ),
    "no alarm of what is off": lambda mails: (
        ["BEGIN:VALARM" in lines(one.body) for one in mails] == [True, True, False]
    ),
    "text that is not ASCII": lambda mails: all(
        one.part.get_content_charset() == "utf-8" for one in mails
    ),
}


def asked_for() -> list[str]:
    """The second column of the document's table."""
    rows = [row for row in DOCUMENT.read_text().splitlines() if row.startswith("| ")]
    return [row.split("|")[2].strip() for row in rows[1:]]


def test_every_program_is_sent_what_it_asks_for(mails: Mails) -> None:
    assert sorted(asked_for()) == sorted(ASKED)
    assert [asked for asked in asked_for() if not ASKED[asked](mails)] == []
