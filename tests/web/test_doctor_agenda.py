from dataclasses import replace
from datetime import datetime, timedelta
from html import unescape
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import strip_tags

from clinicall.booking.models import Appointment
from clinicall.booking.states import Outcome, Status
from clinicall.consultation.device_check import TELLS_FOR, Findings, keep
from clinicall.consultation.models import (
    ConnectionState,
    DeviceState,
    Place,
    Side,
    SpeakerState,
)
from clinicall.people.models import Doctor, Patient
from clinicall.schedule.models import Slot
from tests.clinic_clock import ClinicClock
from tests.conftest import booked

WEDNESDAY = "?date=2026-11-25"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def visit(free_slots: list[Slot], ana: Patient) -> Appointment:
    """Ana sees Dr Silva on Wednesday from 09:00 to 09:15 in Colombo."""
    return booked(free_slots[0], ana)


def page(client: Client, doctor: Doctor, query: str = "") -> str:
    client.force_login(doctor.user)
    answer = client.get(reverse("agenda") + query)
    assert answer.status_code == 200
    return answer.content.decode()


def mark(client: Client, doctor: Doctor, visit: Appointment, outcome: str) -> str:
    client.force_login(doctor.user)
    answer = client.post(reverse("complete", args=[visit.pk]), {"outcome": outcome}, follow=True)
    return answer.content.decode()


def undo(client: Client, visit: Appointment) -> str:
    return client.post(reverse("reopen", args=[visit.pk]), follow=True).content.decode()


def room(visit: Appointment) -> str:
    return f'href="{reverse("room", args=[visit.pk])}"'


def test_strangers_are_sent_to_sign_in_and_back(client: Client, clock: ClinicClock) -> None:
    answer = client.get(reverse("agenda") + WEDNESDAY)
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("account_login"))
    assert "agenda" in answer["Location"]


def test_a_patient_is_told_that_it_is_not_theirs(client: Client, ana: Patient) -> None:
    client.force_login(ana.user)
    answer = client.get(reverse("agenda"))
    assert answer.status_code == 403
    assert "not for this account" in answer.content.decode()


def test_the_day_shows_who_comes_and_why_in_the_doctors_zone(
    client: Client, dr_silva: Doctor, visit: Appointment
) -> None:
    client.cookies["timezone"] = "America/New_York"
    shown = page(client, dr_silva, WEDNESDAY)
    assert "Ana Perera" in shown
    assert "Cough for two weeks" in shown
    assert "9:00am" in shown
    assert "Colombo time (GMT+5:30)" in shown
    assert "New York" not in shown
    assert "Ana Perera" not in page(client, dr_silva, "?date=2026-11-24")


def test_names_and_reasons_are_not_in_the_title_or_kept_by_the_browser(
    client: Client, dr_silva: Doctor, visit: Appointment
) -> None:
    client.force_login(dr_silva.user)
    answer = client.get(reverse("agenda") + WEDNESDAY)
    title = answer.content.decode().partition("<title>")[2].partition("</title>")[0]
    assert "Ana" not in title
    assert "no-store" in answer["Cache-Control"]


def test_another_doctor_sees_nothing_of_it(
    client: Client, dr_osei: Doctor, visit: Appointment
) -> None:
    assert "Ana Perera" not in page(client, dr_osei, WEDNESDAY)


def test_a_hold_is_not_shown_before_it_is_paid(
    client: Client, dr_osei: Doctor, slots: list[Slot], ana: Patient
) -> None:
    assert booked(slots[0], ana).status == Status.PENDING
    assert "Ana Perera" not in page(client, dr_osei, WEDNESDAY)


def test_an_empty_day_says_so(client: Client, dr_silva: Doctor) -> None:
    assert "No appointments today" in page(client, dr_silva)
    assert "No appointments on this day" in page(client, dr_silva, WEDNESDAY)


@pytest.mark.parametrize(
    "junk", ["?date=tomorrow", "?date=", "?date=0001-01-01", "?date=9999-12-31"]
)
def test_what_is_no_date_shows_today(client: Client, dr_silva: Doctor, junk: str) -> None:
    assert "Monday 23 November 2026" in page(client, dr_silva, junk)


def test_the_next_appointment_is_on_top_of_today(
    client: Client, dr_silva: Doctor, visit: Appointment
) -> None:
    shown = page(client, dr_silva)
    assert "Next appointment" in shown
    assert "You can join from" in shown
    assert "Next appointment" not in page(client, dr_silva, WEDNESDAY)


def test_the_waiting_room_opens_an_hour_before_and_the_room_ten_minutes(
    client: Client, clock: ClinicClock, dr_silva: Doctor, visit: Appointment
) -> None:
    clock.set(visit.starts_at - 61 * MINUTE)
    assert room(visit) not in page(client, dr_silva)
    clock.set(visit.starts_at - 11 * MINUTE)
    assert f"{room(visit)}>Go to the waiting room" in page(client, dr_silva)
    clock.set(visit.starts_at - 10 * MINUTE)
    shown = page(client, dr_silva)
    assert room(visit) in shown
    assert "waiting room" not in shown
    clock.set(visit.ends_at + 14 * MINUTE)
    assert room(visit) in page(client, dr_silva)
    clock.set(visit.ends_at + 15 * MINUTE)
    assert room(visit) not in page(client, dr_silva)


def test_nothing_can_be_marked_before_the_start(
    client: Client, clock: ClinicClock, dr_silva: Doctor, visit: Appointment
) -> None:
    clock.set(visit.starts_at - MINUTE)
    assert "Mark completed" not in page(client, dr_silva)
    said = mark(client, dr_silva, visit, "attended")
    visit.refresh_from_db()
    assert "Nothing was changed" in said
    assert visit.status == Status.CONFIRMED


@pytest.mark.parametrize(
    ("outcome", "button", "chip"),
    [
        ("attended", "Mark completed", "Completed"),
        ("no_show_patient", "Patient didn’t come", "Patient did not come"),
    ],
)
def test_the_doctor_says_how_it_went_and_may_undo_it(
    client: Client,
    clock: ClinicClock,
    dr_silva: Doctor,
    visit: Appointment,
    outcome: str,
    button: str,
    chip: str,
) -> None:
    clock.set(visit.ends_at)
    assert button in page(client, dr_silva)
    said = mark(client, dr_silva, visit, outcome)
    visit.refresh_from_db()
    assert (visit.status, visit.outcome) == (Status.COMPLETED, outcome)
    assert chip in said
    assert ">Undo<" in said
    assert "confirmed again" in undo(client, visit)
    visit.refresh_from_db()
    assert (visit.status, visit.outcome) == (Status.CONFIRMED, "")


def test_after_ten_minutes_it_stays(
    client: Client, clock: ClinicClock, dr_silva: Doctor, visit: Appointment
) -> None:
    clock.set(visit.starts_at + 5 * MINUTE)
    mark(client, dr_silva, visit, Outcome.ATTENDED)
    clock.move(9 * MINUTE)
    assert ">Undo<" in page(client, dr_silva)
    clock.move(MINUTE)
    assert ">Undo<" not in page(client, dr_silva)
    assert "Nothing was changed" in undo(client, visit)


def test_the_day_after_the_doctor_is_asked_about_what_nobody_marked(
    client: Client, clock: ClinicClock, dr_silva: Doctor, visit: Appointment
) -> None:
    clock.set(visit.ends_at + timedelta(hours=23))
    assert "Did this visit take place?" in page(client, dr_silva)
    assert "Did this visit take place?" not in page(client, dr_silva, "?date=2026-11-27")
    clock.set(visit.ends_at + timedelta(hours=24))
    assert "Did this visit take place?" not in page(client, dr_silva)


def test_another_doctors_visit_cannot_be_marked_or_reopened(
    client: Client, clock: ClinicClock, dr_osei: Doctor, visit: Appointment
) -> None:
    clock.set(visit.ends_at)
    client.force_login(dr_osei.user)
    asked = [
        client.post(reverse("complete", args=[visit.pk]), {"outcome": "attended"}),
        client.post(reverse("reopen", args=[visit.pk])),
        client.post(reverse("complete", args=[uuid4()]), {"outcome": "attended"}),
    ]
    assert [answer.status_code for answer in asked] == [404, 404, 404]


def test_an_outcome_that_does_not_exist_is_a_bad_request(
    client: Client, clock: ClinicClock, dr_silva: Doctor, visit: Appointment
) -> None:
    clock.set(visit.ends_at)
    client.force_login(dr_silva.user)
    answer = client.post(reverse("complete", args=[visit.pk]), {"outcome": "held"})
    assert answer.status_code == 400


def test_looking_changes_nothing(
    client: Client, clock: ClinicClock, dr_silva: Doctor, visit: Appointment
) -> None:
    clock.set(visit.ends_at)
    client.force_login(dr_silva.user)
    assert client.get(reverse("complete", args=[visit.pk])).status_code == 405
    assert client.get(reverse("reopen", args=[visit.pk])).status_code == 405


def came(
    visit: Appointment,
    side: Side,
    since: datetime,
    until: datetime,
    *,
    place: Place = Place.ROOM,
    gone: bool = True,
) -> None:
    visit.presence.create(side=side, place=place, since=since, until=until, gone=gone)


def text(shown: str) -> str:
    return " ".join(unescape(strip_tags(shown)).split())


def test_the_agenda_says_who_waits_and_since_when(
    client: Client, clock: ClinicClock, dr_silva: Doctor, visit: Appointment
) -> None:
    start = visit.starts_at
    clock.set(start - 8 * MINUTE)
    assert "Waiting since" not in page(client, dr_silva)
    # Two pages, one after the other, are one waiting.
    came(visit, Side.PATIENT, start - 20 * MINUTE, start - 12 * MINUTE, place=Place.WAITING_ROOM)
    came(
        visit,
        Side.PATIENT,
        start - 11 * MINUTE,
        start - 8 * MINUTE,
        place=Place.WAITING_ROOM,
        gone=False,
    )
    shown = text(page(client, dr_silva))
    assert shown.count("Waiting since 8:40am") == 2  # on top, and in the row of the day


def test_who_is_in_the_room_is_said_to_be_there(
    client: Client, clock: ClinicClock, dr_silva: Doctor, visit: Appointment
) -> None:
    clock.set(visit.starts_at)
    came(visit, Side.PATIENT, visit.starts_at - 5 * MINUTE, visit.starts_at, gone=False)
    came(visit, Side.DOCTOR, visit.starts_at - MINUTE, visit.starts_at, gone=False)
    assert "In the room, here since 8:55am" in text(page(client, dr_silva))


def test_who_left_or_fell_silent_is_not_there(
    client: Client, clock: ClinicClock, dr_silva: Doctor, visit: Appointment
) -> None:
    clock.set(visit.starts_at)
    came(visit, Side.PATIENT, visit.opens_at, visit.starts_at)
    came(visit, Side.PATIENT, visit.opens_at, visit.starts_at - 2 * MINUTE, gone=False)
    assert "here since" not in page(client, dr_silva)


def test_the_day_costs_as_many_queries_with_many_visits_as_with_one(
    client: Client,
    clock: ClinicClock,
    dr_silva: Doctor,
    visit: Appointment,
    free_slots: list[Slot],
    ben: Patient,
) -> None:
    clock.set(visit.opens_at)
    client.force_login(dr_silva.user)

    def queries() -> int:
        came(visit, Side.PATIENT, visit.opens_at, clock.now, gone=False)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(reverse("agenda")).status_code == 200
        return len(captured)

    with_one = queries()
    booked(free_slots[1], ben)
    assert queries() == with_one


def test_the_agenda_warns_of_devices_that_did_not_work(
    client: Client, clock: ClinicClock, dr_silva: Doctor, ana: Patient, visit: Appointment
) -> None:
    blocked = Findings(
        DeviceState.OK, DeviceState.DENIED, SpeakerState.NOT_HEARD, ConnectionState.UNTESTED
    )
    keep(ana.user, blocked)
    clock.set(visit.opens_at)
    warned = "Microphone blocked, speaker not heard, since Monday 23 November 2026, midday"
    assert warned in text(page(client, dr_silva))
    keep(ana.user, replace(blocked, microphone=DeviceState.OK, speaker=SpeakerState.HEARD))
    assert "Microphone" not in page(client, dr_silva)


def test_an_old_device_check_says_nothing_any_more(
    client: Client, clock: ClinicClock, dr_silva: Doctor, ana: Patient, visit: Appointment
) -> None:
    clock.set(visit.starts_at - TELLS_FOR)
    keep(
        ana.user,
        Findings(DeviceState.OK, DeviceState.SILENT, SpeakerState.HEARD, ConnectionState.GOOD),
    )
    clock.set(visit.starts_at - MINUTE)
    assert "Microphone gives no sound" in page(client, dr_silva)
    clock.set(visit.starts_at)
    assert "Microphone" not in page(client, dr_silva)


def test_the_same_day_the_doctor_is_asked_with_what_was_seen(
    client: Client, clock: ClinicClock, dr_silva: Doctor, visit: Appointment
) -> None:
    start = visit.starts_at
    came(visit, Side.DOCTOR, start, start + 3 * MINUTE)
    came(visit, Side.DOCTOR, start + 5 * MINUTE, start + 6 * MINUTE)
    came(visit, Side.PATIENT, start + 4 * MINUTE, start + 4 * MINUTE)
    clock.set(visit.closes_at)
    shown = text(page(client, dr_silva))
    assert "Did this visit take place?" in shown
    assert (
        "You were there from 9:00am to 9:03am and from 9:05am to 9:06am;"
        " the patient was there from 9:04am to 9:04am."
    ) in shown
    assert "Mark it until 9:15am on Thursday 26 November 2026." in shown
    assert "cancelled as not held, and the patient gets the whole fee back" in shown
    assert shown.count("Mark completed") == 1


def test_whoever_was_not_seen_is_said_so(
    client: Client, clock: ClinicClock, dr_silva: Doctor, visit: Appointment
) -> None:
    clock.set(visit.closes_at)
    assert "You were not seen; the patient was not seen." in text(page(client, dr_silva))


def test_another_day_still_lets_its_visits_be_marked(
    client: Client, clock: ClinicClock, dr_silva: Doctor, visit: Appointment
) -> None:
    clock.set(visit.closes_at + timedelta(hours=20))
    shown = text(page(client, dr_silva, WEDNESDAY))
    assert "Did this visit take place?" not in shown
    assert "Mark completed" in shown


def says(client: Client, doctor: Doctor, minutes: str) -> str:
    client.force_login(doctor.user)
    answer = client.post(reverse("running_late"), {"minutes": minutes}, follow=True)
    return strip_tags(unescape(answer.content.decode()))


def test_one_tap_says_that_the_doctor_is_late_and_another_takes_it_back(
    client: Client, dr_silva: Doctor, visit: Appointment, clock: ClinicClock
) -> None:
    clock.set(visit.starts_at - 30 * MINUTE)
    before = page(client, dr_silva)
    assert "Running late?" in before
    assert "On time after all" not in before
    said = says(client, dr_silva, "20")
    assert "You are about 20 minutes late. 1 patient is told in a minute." in said
    assert "About 20 minutes late" in said
    assert "Nothing was changed" in says(client, dr_silva, "20")
    assert "You are on time after all." in says(client, dr_silva, "0")
    assert "Running late?" in page(client, dr_silva)


def test_a_late_visit_stays_the_next_one_until_it_should_have_ended(
    client: Client, dr_silva: Doctor, visit: Appointment, clock: ClinicClock
) -> None:
    clock.set(visit.starts_at)
    says(client, dr_silva, "20")
    clock.set(visit.ends_at + 19 * MINUTE)
    shown = page(client, dr_silva)
    assert f'id="next-{visit.pk}"' in shown
    assert "is-now" in shown
    clock.set(visit.ends_at + 20 * MINUTE)
    assert f'id="next-{visit.pk}"' not in page(client, dr_silva)


def test_who_has_nobody_to_see_today_cannot_be_late(
    client: Client, dr_silva: Doctor, visit: Appointment
) -> None:
    assert "Running late?" not in page(client, dr_silva)
    assert "Running late?" not in page(client, dr_silva, WEDNESDAY)


@pytest.mark.parametrize("junk", ["", "15", "020", "-10", "soon"])
def test_nobody_is_late_by_a_number_that_was_not_offered(
    client: Client, dr_silva: Doctor, visit: Appointment, clock: ClinicClock, junk: str
) -> None:
    clock.set(visit.starts_at)
    client.force_login(dr_silva.user)
    assert client.post(reverse("running_late"), {"minutes": junk}).status_code == 400
    assert Appointment.objects.get().delay_minutes == 0
