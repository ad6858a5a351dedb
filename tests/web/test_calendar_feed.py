"""A doctor's visits in their own calendar, by an address that only they know; a patient's, by a file."""

import io
import logging
import re
from datetime import timedelta
from hashlib import sha256
from typing import Any

import icalendar
import pytest
import vobject
from django.test import Client

from clinicall.booking import ending
from clinicall.booking.models import Appointment
from clinicall.booking.states import Outcome
from clinicall.core.logs import DiscreetFormatter
from clinicall.messages import calendar
from clinicall.people import calendar_feeds
from clinicall.people.models import CalendarFeed, Doctor, DoctorState, Patient
from clinicall.schedule.models import Slot
from tests.booking.test_ending import cancel
from tests.clinic_clock import ClinicClock
from tests.conftest import booked
from tests.web.visitor import Answer, links, visitor, words

PAGE = "/calendar-feed/"


@pytest.fixture
def visit(free_slots: list[Slot], ana: Patient) -> Appointment:
    """Confirmed, for Wednesday 09:00 in Colombo."""
    return booked(free_slots[0], ana)


def made(doctor: Doctor, **ticked: str) -> str:
    """The path of the feed, as its page shows it."""
    answer = visitor(doctor).post(f"{PAGE}renew/", ticked)
    [path] = re.findall(r'value="http://127.0.0.1:8000(/feeds/[^"]+)"', answer.content.decode())
    return str(path)


def read(path: str, **headers: str) -> Answer:
    """As a calendar program, which knows nothing of signing in."""
    return Client().get(path, headers=headers)


def visits_in(answer: Answer) -> list[Any]:
    return icalendar.Calendar.from_ical(answer.content).walk("VEVENT")


def test_a_doctor_makes_a_feed_and_sees_its_address_once(dr_silva: Doctor) -> None:
    assert PAGE in links(visitor(dr_silva).get("/agenda/"))
    path = made(dr_silva, shows_initials="on")
    token = path.removeprefix("/feeds/").removesuffix(".ics")
    assert len(token) == 43
    feed = CalendarFeed.objects.get()
    assert feed.token_hash == sha256(token.encode()).hexdigest()
    again = visitor(dr_silva).get(PAGE)
    assert token not in again.content.decode()
    assert "Make a new address" in words(again)


def test_the_feed_says_initials_and_leads_to_the_agenda(
    visit: Appointment, dr_silva: Doctor
) -> None:
    answer = read(made(dr_silva, shows_initials="on"))
    [event] = visits_in(answer)
    assert event["SUMMARY"] == "Video appointment: A. P."
    assert event["URL"] == "http://127.0.0.1:8000/agenda/?date=2026-11-25"
    assert (event["DTSTART"].dt, event["DTEND"].dt) == (visit.starts_at, visit.ends_at)
    assert event["CLASS"] == "PRIVATE"
    text = answer.content.decode()
    assert "METHOD:PUBLISH" in text
    assert "REFRESH-INTERVAL;VALUE=DURATION:PT15M" in text
    assert "X-PUBLISHED-TTL:PT15M" in text
    assert not re.search("Perera|Ana|Cough|General practice|clinic.example|ATTENDEE", text)
    by_another: Any = vobject.readOne(text)
    assert by_another.vevent.uid.value == str(event["UID"]) == f"appt-{visit.pk}@127.0.0.1"


def test_a_doctor_may_leave_the_initials_out_under_the_same_address(
    visit: Appointment, dr_silva: Doctor
) -> None:
    path = made(dr_silva, shows_initials="on")
    visitor(dr_silva).post(PAGE)
    assert [event["SUMMARY"] for event in visits_in(read(path))] == ["Video appointment"]
    visitor(dr_silva).post(PAGE, {"shows_initials": "on"})
    assert [event["SUMMARY"] for event in visits_in(read(path))] == ["Video appointment: A. P."]


def test_someone_with_a_single_name_has_a_single_initial(
    visit: Appointment, dr_silva: Doctor
) -> None:
    Appointment.objects.update(first_name="අමරා", last_name="–")
    assert [event["SUMMARY"] for event in visits_in(read(made(dr_silva, shows_initials="on")))] == [
        "Video appointment: අ."
    ]


def test_what_was_called_off_is_gone_and_what_took_place_stays_for_a_week(
    visit: Appointment, free_slots: list[Slot], ben: Patient, dr_silva: Doctor, clock: ClinicClock
) -> None:
    path = made(dr_silva)
    off = booked(free_slots[2], ben)
    assert len(visits_in(read(path))) == 2
    cancel(off, ben.user)
    clock.set(visit.starts_at)
    ending.complete(visit.pk, Outcome.ATTENDED, by=dr_silva.user)
    assert [event["DTSTART"].dt for event in visits_in(read(path))] == [visit.starts_at]
    clock.move(timedelta(days=7, seconds=1))
    assert visits_in(read(path)) == []


def test_who_has_it_already_is_told_so_until_something_changes(
    visit: Appointment, dr_silva: Doctor, clock: ClinicClock
) -> None:
    path = made(dr_silva)
    first = read(path)
    assert first["Cache-Control"] == "private, no-cache"
    assert first["Referrer-Policy"] == "no-referrer"
    clock.move(timedelta(minutes=15))
    assert read(path, if_none_match=first["ETag"]).status_code == 304
    cancel(visit, visit.patient.user)
    assert read(path, if_none_match=first["ETag"]).status_code == 200


def test_a_renewed_address_and_a_closed_feed_open_nothing(dr_silva: Doctor) -> None:
    old = made(dr_silva)
    new = made(dr_silva)
    assert (read(old).status_code, read(new).status_code) == (404, 200)
    closed = visitor(dr_silva).post(f"{PAGE}revoke/", follow=True)
    assert "The feed is closed." in words(closed)
    assert read(new).status_code == 404
    assert read("/feeds/nobodys.ics").status_code == 404


@pytest.mark.parametrize(
    ("state", "status"),
    [
        (DoctorState.LEAVING, 200),
        (DoctorState.SUSPENDED, 404),
        (DoctorState.LEFT, 404),
    ],
)
def test_a_doctor_who_is_suspended_or_has_left_is_read_by_nobody(
    dr_silva: Doctor, state: DoctorState, status: int
) -> None:
    path = made(dr_silva)
    Doctor.objects.filter(pk=dr_silva.pk).update(state=state)
    assert read(path).status_code == status
    Doctor.objects.filter(pk=dr_silva.pk).update(state=DoctorState.ACTIVE)
    dr_silva.user.is_active = False
    dr_silva.user.save()
    assert read(path).status_code == 404


def test_no_line_of_the_log_repeats_the_address_not_even_of_a_fault(
    dr_silva: Doctor, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = calendar_feeds.renew(dr_silva, shows_initials=True)
    said = io.StringIO()
    handler = logging.StreamHandler(said)
    handler.setFormatter(DiscreetFormatter())
    loggers = [logging.getLogger(), logging.getLogger("django.request")]
    monkeypatch.setattr(loggers[1], "level", logging.DEBUG)
    loggers[0].addHandler(handler)
    try:
        client = Client(raise_request_exception=False)
        client.get(f"/feeds/{token}.ics")
        client.get(f"/feeds/x{token}.ics")
        monkeypatch.setattr(calendar, "feed", lambda *_, **__: 1 / 0)
        assert client.get(f"/feeds/{token}.ics").status_code == 500
    finally:
        loggers[0].removeHandler(handler)
    assert "Internal Server Error: /feeds/(left out)" in said.getvalue()
    assert token not in said.getvalue()


# --- A patient's own calendar ---


def test_a_patient_takes_a_confirmed_visit_along(visit: Appointment, ana: Patient) -> None:
    page = visitor(ana).get(f"/appointments/{visit.pk}/")
    path = f"/appointments/{visit.pk}/calendar.ics"
    assert path in links(page)
    answer = visitor(ana).get(path)
    assert answer["Content-Type"] == "text/calendar; method=PUBLISH; charset=utf-8"
    assert answer["Content-Disposition"] == 'attachment; filename="appointment.ics"'
    assert "private" in answer["Cache-Control"]
    assert "METHOD:PUBLISH" in answer.content.decode()
    assert "ATTENDEE" not in answer.content.decode()  # of whom RFC 5546 has none in PUBLISH
    [event] = visits_in(answer)
    assert event["UID"] == f"appt-{visit.pk}@127.0.0.1"
    assert event["SUMMARY"] == "Video appointment with Dr Nimal Silva"


def test_what_is_off_is_nothing_to_take_along(visit: Appointment, ana: Patient) -> None:
    cancel(visit, ana.user)
    assert f"/appointments/{visit.pk}/calendar.ics" not in links(
        visitor(ana).get(f"/appointments/{visit.pk}/")
    )
    assert visitor(ana).get(f"/appointments/{visit.pk}/calendar.ics").status_code == 404
