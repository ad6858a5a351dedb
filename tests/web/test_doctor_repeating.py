"""A doctor's hours again on other dates: copied, repeated, and from the usual week."""

import re
from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clinicall.people.models import Doctor, Patient
from clinicall.schedule.models import Availability, Slot, UsualHours
from clinicall.schedule.publish import publish
from clinicall.schedule.slotting import Window
from clinicall.schedule.usual import usual_week, write_usual_week
from tests.clinic_clock import NOON, ClinicClock
from tests.web.visitor import Answer, links, visitor, words

WEDNESDAY, THURSDAY = date(2026, 11, 25), date(2026, 11, 26)
A_WEEK = timedelta(days=7)
COPY = reverse("copy_day", args=[f"{WEDNESDAY}"])
REPEAT = f"{reverse('repeat_week')}?week=2026-W48"
USUAL, USE = reverse("usual_week"), reverse("use_usual_week")
ADD = reverse("add_hours")
MORNING = {"start_1": "09:00", "end_1": "10:00", "minutes_1": "15", "weeks": "1"}


@pytest.fixture
def doctor(dr_silva: Doctor, free_slots: list[Slot]) -> Client:
    """At the browser; with hours on Wednesday."""
    return visitor(dr_silva)


def morning(day: date) -> Window:
    return Window(day, time(9), time(10), 15)


def dates() -> list[str]:
    found = Availability.objects.order_by("starts_at").values_list("date", flat=True)
    return [f"{day}" for day in found]


def offered(answer: Answer, name: str) -> dict[str, bool]:
    """The tick boxes of this name, and whether each is ticked."""
    boxes = re.findall(
        rf'<input type="checkbox" name="{name}" value="([^"]*)"([^>]*)>', answer.content.decode()
    )
    return {value: "checked" in rest for value, rest in boxes}


@pytest.mark.parametrize("address", [COPY, REPEAT, USUAL, USE])
def test_only_doctors_come_here(doctor: Client, ana: Patient, address: str) -> None:
    stranger = Client()
    assert stranger.get(address)["Location"].startswith(reverse("account_login"))
    assert visitor(ana).post(address, {"weeks": "1", "dates": "2026-11-26"}).status_code == 403
    assert dates() == ["2026-11-25"]


@pytest.mark.parametrize("address", [COPY, REPEAT])
def test_another_doctors_hours_are_not_there(doctor: Client, dr_osei: Doctor, address: str) -> None:
    other = visitor(dr_osei)
    assert other.get(address).status_code == 404
    assert other.post(address, {"weeks": "1", "dates": "2026-11-26"}).status_code == 404


# --- Copying a day ---


def test_a_day_is_copied_to_the_dates_that_are_ticked(doctor: Client) -> None:
    answer = doctor.post(COPY, {"dates": ["2026-11-26", "2026-12-09"]}, follow=True)
    assert "8 slots added on 2 days." in words(answer)
    assert answer.redirect_chain[-1][0].endswith("?week=2026-11-26#day-2026-11-26")
    assert dates() == ["2026-11-25", "2026-11-26", "2026-12-09"]


def test_dates_without_hours_are_offered_and_the_others_shown(doctor: Client) -> None:
    page = doctor.get(COPY)
    boxes = offered(page, "dates")
    assert "2026-11-23" not in boxes  # today
    assert "2026-11-25" not in boxes  # has hours
    assert next(iter(boxes)) == "2026-11-24"
    assert list(boxes)[-1] == "2026-12-20"
    assert not any(boxes.values())


def test_later_dates_are_shown_on_request_and_what_was_ticked_stays(doctor: Client) -> None:
    page = doctor.post(COPY, {"dates": "2026-11-26", "more": "12"})
    assert page.status_code == 200
    boxes = offered(page, "dates")
    assert boxes["2026-11-26"]
    assert list(boxes)[-1] == "2027-02-14"
    assert dates() == ["2026-11-25"]


@pytest.mark.parametrize("more", ["0", "-3", "x", "9" * 5000, "²"])
def test_no_wish_for_later_dates_goes_past_the_year_ahead(doctor: Client, more: str) -> None:
    boxes = offered(doctor.post(COPY, {"more": more}), "dates")
    assert "2026-12-20" <= list(boxes)[-1] <= "2027-11-23"


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ({}, "Choose at least one date."),
        ({"dates": "soon"}, "Choose dates from the list."),
        ({"dates": "2026-11-26", "leave_out": "2026-11-26"}, "No date is left to add hours to."),
    ],
)
def test_a_copy_to_no_date_says_so(doctor: Client, sent: dict[str, str], told: str) -> None:
    answer = doctor.post(COPY, sent)
    assert answer.status_code == 422
    assert told in words(answer)
    assert "<title>Error: " in answer.content.decode()
    assert dates() == ["2026-11-25"]


def test_dates_that_got_hours_meanwhile_are_listed_to_be_left_out(
    doctor: Client, dr_silva: Doctor
) -> None:
    publish(dr_silva, [morning(THURSDAY)], now=NOON)
    wish = ["2026-11-26", "2026-11-27"]
    answer = doctor.post(COPY, {"dates": wish})
    assert answer.status_code == 422
    assert "One of these dates cannot take the hours. Nothing was saved." in words(answer)
    assert "Thursday 26 November 2026: It already has hours." in words(answer)
    assert offered(answer, "leave_out") == {"2026-11-26": False}
    assert dates() == ["2026-11-25", "2026-11-26"]
    doctor.post(COPY, {"dates": wish, "leave_out": "2026-11-26"})
    assert dates() == ["2026-11-25", "2026-11-26", "2026-11-27"]


# --- Repeating a week ---


def test_a_week_is_repeated(doctor: Client) -> None:
    page = words(doctor.get(REPEAT))
    assert "Repeat the week of 23 November 2026" in page
    assert "Wednesday 9:00am to 10:00am, 15 min" in page
    answer = doctor.post(REPEAT, {"weeks": "3"}, follow=True)
    assert "12 slots added on 3 Wednesdays." in words(answer)
    assert dates()[1:] == ["2026-12-02", "2026-12-09", "2026-12-16"]


@pytest.mark.parametrize("weeks", ["0", "53", "-1", "1.5", "x", "", "9" * 30])
def test_weeks_are_counted_from_one_to_fifty_two(doctor: Client, weeks: str) -> None:
    for address, sent in ((REPEAT, {}), (ADD, MORNING | {"day": "2026-11-26"})):
        answer = doctor.post(address, sent | {"weeks": weeks})
        assert answer.status_code == 422
        assert "Enter a number of weeks from 1 to 52" in words(answer)
    assert dates() == ["2026-11-25"]


@pytest.mark.parametrize("week", ["", "soon", "2026-W49", "9999-12-31"])
def test_a_week_without_hours_cannot_be_repeated(doctor: Client, week: str) -> None:
    address = f"{reverse('repeat_week')}?week={week}"
    assert doctor.get(address).status_code == 404
    assert doctor.post(address, {"weeks": "1"}).status_code == 404


def test_all_dates_in_the_way_are_left_out_with_one_button(
    doctor: Client, dr_silva: Doctor
) -> None:
    publish(dr_silva, [morning(WEDNESDAY + n * A_WEEK) for n in (1, 2)], now=NOON)
    refused = doctor.post(REPEAT, {"weeks": "3"})
    assert "Leave all 2 out and add the rest" in words(refused)
    both = "2026-12-02 2026-12-09"
    page = refused.content.decode()
    # The Enter key presses the first button; it must not be the one that leaves dates out.
    first, leave_out = (
        page.index('type="submit">Repeat'),
        page.index(f'name="leave_out" value="{both}"'),
    )
    assert first < leave_out
    doctor.post(REPEAT, {"weeks": "3", "leave_out": both})
    assert dates()[1:] == ["2026-12-02", "2026-12-09", "2026-12-16"]


def test_what_was_ticked_stays_ticked_while_others_are_in_the_way(
    doctor: Client, dr_silva: Doctor
) -> None:
    publish(dr_silva, [morning(WEDNESDAY + n * A_WEEK) for n in (1, 2)], now=NOON)
    answer = doctor.post(REPEAT, {"weeks": "3", "leave_out": "2026-12-09"})
    assert offered(answer, "leave_out") == {"2026-12-02": False, "2026-12-09": True}


def test_a_night_that_has_no_such_time_is_named(
    doctor: Client, dr_silva: Doctor, clock: ClinicClock
) -> None:
    Doctor.objects.update(timezone="Europe/London")
    clock.set(datetime(2027, 3, 15, 12, tzinfo=UTC))
    dr_silva.refresh_from_db()
    publish(dr_silva, [Window(date(2027, 3, 21), time(1, 30), time(3), 15)], now=clock.now)
    answer = doctor.post(f"{reverse('repeat_week')}?week=2027-03-21", {"weeks": "2"})
    assert "Sunday 28 March 2027: The clocks go forward: 01:30 does not exist." in words(answer)
    assert "2027-04-04" not in dates()


def test_an_empty_week_offers_to_copy_the_last_one(doctor: Client) -> None:
    page = doctor.get(reverse("schedule"), {"week": "2026-W49"})
    assert "Patients can’t find you in this week until you add some." in words(page)
    assert f'action="{REPEAT}"' in page.content.decode()
    assert "Copy last week" in words(page)
    assert "Copy last week" not in words(doctor.get(reverse("schedule"), {"week": "2026-W50"}))


# --- New hours, weekly ---


def test_new_hours_for_many_weeks(doctor: Client) -> None:
    sent = MORNING | {"day": "2026-11-26", "weeks": "4"}
    answer = doctor.post(ADD, sent, follow=True)
    assert "16 slots added on 4 Thursdays." in words(answer)
    assert dates()[1:] == ["2026-11-26", "2026-12-03", "2026-12-10", "2026-12-17"]


def test_new_hours_list_the_later_dates_that_are_in_the_way(doctor: Client) -> None:
    doctor.post(ADD, MORNING | {"day": "2026-12-03"})
    sent = MORNING | {"day": "2026-11-26", "weeks": "3"}
    refused = doctor.post(ADD, sent)
    assert refused.status_code == 422
    assert offered(refused, "leave_out") == {"2026-12-03": False}
    assert dates() == ["2026-11-25", "2026-12-03"]
    doctor.post(ADD, sent | {"leave_out": "2026-12-03"})
    assert dates() == ["2026-11-25", "2026-11-26", "2026-12-03", "2026-12-10"]


def test_a_third_period_is_as_good_as_the_others(doctor: Client) -> None:
    more = {"start_2": "11:00", "end_2": "12:00", "minutes_2": "30"}
    evening = {"start_3": "18:00", "end_3": "19:00", "minutes_3": "60"}
    answer = doctor.post(ADD, MORNING | more | evening | {"day": "2026-11-26"}, follow=True)
    assert "7 slots added on Thursday 26 November 2026." in words(answer)


# --- The usual week ---


def usual(**facts: str) -> dict[str, str]:
    """The form with all its periods empty, but for what is told."""
    empty = {
        f"{kind}_{day}_{n}": "15" if kind == "minutes" else ""
        for day in range(7)
        for n in (1, 2, 3)
        for kind in ("start", "end", "minutes")
    }
    return empty | facts


TUESDAYS = {"start_1_1": "09:00", "end_1_1": "10:00", "start_1_2": "14:00", "end_1_2": "15:00"}


def test_the_usual_week_is_written_and_offers_nothing(doctor: Client, dr_silva: Doctor) -> None:
    answer = doctor.post(USUAL, usual(**TUESDAYS), follow=True)
    assert "Your usual week is written. Published hours stay as they are." in words(answer)
    assert [(one.date.weekday(), one.start.hour) for one in usual_week(dr_silva)] == [
        (1, 9),
        (1, 14),
    ]
    assert dates() == ["2026-11-25"]
    page = doctor.get(USUAL).content.decode()
    assert 'name="start_1_2" value="14:00"' in page
    assert USE in links(doctor.get(USUAL))


def test_the_usual_week_begins_with_the_hours_of_a_week(doctor: Client) -> None:
    page = doctor.get(USUAL, {"from": "2026-W48"})
    assert "These are the hours of the week of 23 November 2026" in words(page)
    assert 'name="start_2_1" value="09:00"' in page.content.decode()
    assert "Add hours on Tuesday" in words(page)
    assert "Add hours on Wednesday" not in words(page)
    assert not UsualHours.objects.exists()


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        ({"start_1_1": "09:00"}, "Enter an end time."),
        (
            {"start_1_1": "12:00", "end_1_1": "09:00"},
            "The end must be after the start. Hours after midnight go on the next date.",
        ),
        (TUESDAYS | {"minutes_1_1": "4"}, "Use 5 to 720 minutes."),
        (TUESDAYS | {"start_1_2": "09:30"}, "These hours overlap others of that day."),
    ],
)
def test_what_is_wrong_with_the_usual_week_is_said_and_nothing_is_saved(
    doctor: Client, facts: dict[str, str], told: str
) -> None:
    answer = doctor.post(USUAL, usual(**facts))
    assert answer.status_code == 422
    assert told in words(answer)
    assert not UsualHours.objects.exists()


def test_an_emptied_usual_week_is_none(doctor: Client, dr_silva: Doctor) -> None:
    write_usual_week(dr_silva, [morning(WEDNESDAY)])
    doctor.post(USUAL, usual())
    assert not UsualHours.objects.exists()
    assert doctor.get(USE)["Location"] == USUAL


def test_the_usual_week_is_used_in_weeks_to_come(doctor: Client, dr_silva: Doctor) -> None:
    write_usual_week(dr_silva, [morning(THURSDAY), morning(WEDNESDAY)])
    page = words(doctor.get(USE))
    assert "Wednesday 9:00am to 10:00am, 15 min" in page
    answer = doctor.post(USE, {"week": "2026-12-01", "weeks": "2"}, follow=True)
    assert "16 slots added on 4 days." in words(answer)
    assert dates()[1:] == ["2026-12-02", "2026-12-03", "2026-12-09", "2026-12-10"]


def test_the_usual_week_lists_the_dates_in_its_way(doctor: Client, dr_silva: Doctor) -> None:
    write_usual_week(dr_silva, [morning(THURSDAY), morning(WEDNESDAY)])
    sent = {"week": "2026-11-23", "weeks": "1"}
    refused = doctor.post(USE, sent)
    assert offered(refused, "leave_out") == {"2026-11-25": False}
    doctor.post(USE, sent | {"leave_out": "2026-11-25"})
    assert dates() == ["2026-11-25", "2026-11-26"]


@pytest.mark.parametrize("week", ["", "soon", "9999-12-31", "2027-12-01"])
def test_the_usual_week_is_used_within_the_year_ahead(
    doctor: Client, dr_silva: Doctor, week: str
) -> None:
    write_usual_week(dr_silva, [morning(WEDNESDAY)])
    assert doctor.post(USE, {"week": week, "weeks": "1"}).status_code == 422
    assert dates() == ["2026-11-25"]


def test_an_empty_week_offers_the_usual_one_once_it_is_written(
    doctor: Client, dr_silva: Doctor
) -> None:
    empty = {"week": "2026-W50"}
    assert "Use my usual week" not in words(doctor.get(reverse("schedule"), empty))
    write_usual_week(dr_silva, [morning(WEDNESDAY)])
    assert "Use my usual week" in words(doctor.get(reverse("schedule"), empty))


def test_a_week_of_many_slots_asks_the_database_no_more_often(
    doctor: Client, dr_silva: Doctor
) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            doctor.get(reverse("schedule"), {"week": "2026-W48"})
        return len(queries)

    few = asked()
    publish(dr_silva, [Window(THURSDAY, time(0), time(23), 5)], now=NOON)
    assert asked() == few
