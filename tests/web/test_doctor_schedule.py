from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from clinicall.people.models import Doctor, Patient
from clinicall.schedule.models import Availability, Slot
from clinicall.schedule.publish import publish
from clinicall.schedule.slotting import Window
from tests.clinic_clock import NOON, ClinicClock
from tests.conftest import booked

WEDNESDAY, THURSDAY = date(2026, 11, 25), date(2026, 11, 26)
DAY = reverse("schedule_day", args=[f"{WEDNESDAY}"])
DELETE = reverse("delete_day", args=[f"{WEDNESDAY}"])


@pytest.fixture
def as_doctor(client: Client, dr_silva: Doctor) -> Client:
    client.force_login(dr_silva.user)
    return client


def hours(**facts: object) -> dict[str, object]:
    """A morning by quarters of an hour, as the form sends it, but for what is told otherwise."""
    morning = {"start_1": "09:00", "end_1": "12:00", "minutes_1": "15"}
    return morning | {"start_2": "", "end_2": "", "minutes_2": "15"} | facts


def add(client: Client, **facts: object) -> tuple[int, str]:
    sent = hours(**{"day": f"{THURSDAY}", "weeks": "1"} | facts)
    answer = client.post(reverse("add_hours"), sent, follow=True)
    return answer.status_code, answer.content.decode()


def error_at(page: str, field: str) -> str:
    """The first error shown beside this field."""
    _, _, rest = page.partition(f'id="id_{field}_error"')
    return rest.partition("</span>")[2].partition("</p>")[0]


def starts(doctor: Doctor) -> list[str]:
    found = Slot.objects.filter(doctor=doctor).order_by("starts_at")
    return [f"{slot.starts_at:%d %H:%M}" for slot in found]


# --- The week ---


@pytest.mark.parametrize(
    "address", [reverse("schedule"), reverse("add_hours"), DAY, DELETE], ids=lambda url: str(url)
)
def test_only_doctors_come_here(client: Client, ana: Patient, address: str) -> None:
    assert client.get(address)["Location"].startswith(reverse("account_login"))
    client.force_login(ana.user)
    assert client.get(address).status_code == 403
    assert client.post(address, hours(day=f"{THURSDAY}")).status_code in (403, 405)
    assert not Availability.objects.exists()


def test_the_week_tells_hours_slots_and_what_became_of_them(
    as_doctor: Client, free_slots: list[Slot], ana: Patient
) -> None:
    booked(free_slots[0], ana)
    page = as_doctor.get(reverse("schedule")).content.decode()
    assert "Mon 23 to Sun 29 November 2026" in page
    assert "Colombo time (GMT+5:30)" in page
    assert "9:00am to 10:00am" in page
    assert '15 min · 4 slots <span class="given">1 booked</span>' in page
    assert "3 open" in page
    assert "1 patient is booked, so these hours can’t be changed." in page
    assert "<span>4 slots</span><span>1 booked</span>" in page


def test_a_hold_locks_the_day_for_a_few_minutes(
    client: Client, dr_osei: Doctor, slots: list[Slot], ana: Patient, clock: ClinicClock
) -> None:
    booked(slots[0], ana)
    client.force_login(dr_osei.user)
    assert "A patient is booking right now" in client.get(reverse("schedule")).content.decode()
    clock.move(timedelta(minutes=11))
    assert "A patient is booking right now" not in client.get(reverse("schedule")).content.decode()


@pytest.mark.parametrize("week", ["2026-W48", "2026-11-23", "2026-11-29", "soon", ""])
def test_a_week_has_many_names(as_doctor: Client, free_slots: list[Slot], week: str) -> None:
    page = as_doctor.get(reverse("schedule"), {"week": week}).content.decode()
    assert "Mon 23 to Sun 29 November 2026" in page
    assert "9:00am to 10:00am" in page


def test_a_week_without_hours_says_what_that_means(as_doctor: Client) -> None:
    page = as_doctor.get(reverse("schedule"), {"week": "2026-W49"}).content.decode()
    assert "No hours this week" in page
    assert f"{reverse('add_hours')}?date=2026-11-30" in page


@pytest.mark.parametrize("week", ["2026-11-16", "2028-01-03"])
def test_where_nothing_can_be_added_hours_are_offered_from_tomorrow_on(
    as_doctor: Client, week: str
) -> None:
    page = as_doctor.get(reverse("schedule"), {"week": week}).content.decode()
    assert "Hours can be added on days after today, up to a year ahead." in page
    assert f"{reverse('add_hours')}?date=2026-11-24" in page


def test_on_a_sunday_hours_are_offered_for_the_next_day(
    as_doctor: Client, free_slots: list[Slot], clock: ClinicClock
) -> None:
    clock.move(timedelta(days=6))
    page = as_doctor.get(reverse("schedule")).content.decode()
    assert f"{reverse('add_hours')}?date=2026-11-30" in page


def test_another_doctors_hours_are_not_shown(
    client: Client, dr_osei: Doctor, free_slots: list[Slot]
) -> None:
    client.force_login(dr_osei.user)
    assert "No hours this week" in client.get(reverse("schedule")).content.decode()


# --- Adding ---


def test_added_hours_become_slots_and_the_page_counts_them(
    as_doctor: Client, dr_silva: Doctor
) -> None:
    status, page = add(as_doctor)
    assert status == 200
    assert "12 slots added on Thursday 26 November 2026." in page
    assert starts(dr_silva)[0] == "26 03:30"
    assert len(starts(dr_silva)) == 12


def test_a_break_makes_a_second_period_with_a_length_of_its_own(
    as_doctor: Client, dr_silva: Doctor
) -> None:
    _, page = add(as_doctor, end_1="10:00", start_2="14:00", end_2="15:00", minutes_2="20")
    assert "7 slots added" in page
    assert starts(dr_silva) == [
        *("26 03:30", "26 03:45", "26 04:00", "26 04:15"),
        *("26 08:30", "26 08:50", "26 09:10"),
    ]


def test_what_is_too_short_at_the_end_is_told(as_doctor: Client) -> None:
    _, page = add(as_doctor, end_1="09:37")
    assert "2 slots added" in page
    assert (
        "7 minutes at the end are too short for a 15-minute appointment and are not offered."
        in page
    )


def test_the_same_hours_on_other_days_of_the_week(as_doctor: Client, dr_silva: Doctor) -> None:
    _, page = add(as_doctor, end_1="09:15", also_on=["1", "3", "5"])
    assert "3 slots added on 3 days." in page
    assert starts(dr_silva) == ["24 03:30", "26 03:30", "28 03:30"]


def test_hours_overlapping_others_are_named_and_none_is_saved(
    as_doctor: Client, dr_silva: Doctor, free_slots: list[Slot]
) -> None:
    status, page = add(as_doctor, start_1="09:45", also_on=["2"])
    assert status == 422
    assert (
        "These hours overlap 9:00am to 10:00am on Wednesday 25 November 2026. Nothing was saved."
        in page
    )
    assert len(starts(dr_silva)) == 4


def test_periods_overlapping_each_other_are_refused(as_doctor: Client, dr_silva: Doctor) -> None:
    status, page = add(as_doctor, start_2="11:00", end_2="13:00")
    assert status == 422
    assert "These hours overlap 11:00am to 1:00pm on Thursday 26 November 2026." in page
    assert starts(dr_silva) == []


@pytest.mark.parametrize(
    ("facts", "field", "words"),
    [
        ({"day": "2026-11-23"}, "day", "Choose a day after today."),
        ({"day": "2027-11-24"}, "day", "Choose a day within 365 days."),
        ({"day": "soon"}, "day", "Enter a date, for example 2026-11-25."),
        ({"day": ""}, "day", "Choose a date."),
        (
            {"day": "9999-12-31", "also_on": ["6"]},
            "day",
            "Enter a date, for example 2026-11-25.",
        ),
        (
            {"end_1": "08:00"},
            "end_1",
            "The end must be after the start. Hours after midnight go on the next date.",
        ),
        ({"start_1": ""}, "start_1", "Enter a start time."),
        ({"start_1": "09:00:30"}, "start_1", "Enter a time, for example 09:00."),
        ({"minutes_1": "4"}, "minutes_1", "Use 5 to 720 minutes."),
        (
            {"minutes_1": "200"},
            "minutes_1",
            "A 200-minute appointment does not fit between the start and the end.",
        ),
        ({"minutes_1": "x"}, "minutes_1", "Enter a whole number of minutes."),
        ({"minutes_1": ""}, "minutes_1", "Enter how many minutes an appointment takes."),
        ({"start_2": "13:00"}, "end_2", "Enter an end time."),
        ({"end_2": "13:00"}, "start_2", "Enter a start time."),
        (
            {"start_2": "14:00", "end_2": "13:00"},
            "end_2",
            "The end must be after the start. Hours after midnight go on the next date.",
        ),
        ({"also_on": ["0"]}, "also_on", "Monday 23 November 2026: Choose a day after today."),
        (
            {"also_on": ["4"], "end_1": "08:00"},
            "end_1",
            "The end must be after the start. Hours after midnight go on the next date.",
        ),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_saved(
    as_doctor: Client, facts: dict[str, object], field: str, words: str
) -> None:
    status, page = add(as_doctor, **facts)
    assert status == 422
    assert error_at(page, field) == words
    assert "<title>Error: " in page
    assert not Availability.objects.exists()


def test_an_hour_that_the_clocks_skip_is_refused_by_name(
    as_doctor: Client, dr_silva: Doctor
) -> None:
    Doctor.objects.update(timezone="Europe/London")
    _, page = add(as_doctor, day="2027-03-28", start_1="01:30", end_1="04:00")
    assert error_at(page, "start_1") == "The clocks go forward: 01:30 does not exist."
    assert starts(dr_silva) == []


def test_hours_are_written_in_the_doctors_zone_not_the_browsers(
    as_doctor: Client, dr_silva: Doctor
) -> None:
    as_doctor.cookies["timezone"] = "America/New_York"
    add(as_doctor, end_1="09:15")
    assert Slot.objects.get().starts_at == datetime(2026, 11, 26, 3, 30, tzinfo=UTC)


# --- Changing a day ---


def change(client: Client, **facts: object) -> tuple[int, str]:
    answer = client.post(DAY, hours(**facts), follow=True)
    return answer.status_code, answer.content.decode()


def test_a_change_is_first_shown_and_then_done(
    as_doctor: Client, dr_silva: Doctor, free_slots: list[Slot]
) -> None:
    wish = {"start_1": "09:30", "end_1": "11:00", "minutes_1": "15"}
    status, page = change(as_doctor, **wish)
    assert status == 200
    assert "Removes 2 slots, adds 4. 2 stay as they are. No patients are affected." in page
    assert starts(dr_silva)[0] == "25 03:30"
    status, page = change(as_doctor, **wish, confirmed="yes")
    assert "The hours of Wednesday 25 November 2026 are changed." in page
    assert starts(dr_silva) == [
        f"25 {at}" for at in ("04:00", "04:15", "04:30", "04:45", "05:00", "05:15")
    ]


def test_the_form_holds_the_hours_there_are_and_room_for_more(
    as_doctor: Client, free_slots: list[Slot]
) -> None:
    page = as_doctor.get(DAY).content.decode()
    assert 'name="start_1" value="09:00"' in page
    assert 'name="end_1" value="10:00"' in page
    assert 'name="start_2"' in page
    assert 'name="start_3"' not in page


def test_a_day_of_many_periods_keeps_them_all(as_doctor: Client, dr_silva: Doctor) -> None:
    periods = [Window(WEDNESDAY, time(9 + n), time(9 + n, 30), 30) for n in range(14)]
    publish(dr_silva, periods, now=NOON)
    before = starts(dr_silva)
    sent = {
        field.html_name: f"{field.value():%H:%M}" if "minutes" not in field.name else field.value()
        for field in as_doctor.get(DAY).context["form"]
        if field.value()
    }
    page = as_doctor.post(DAY, sent).content.decode()
    assert "All 14 slots stay as they are." in page
    as_doctor.post(DAY, sent | {"confirmed": "yes"})
    assert starts(dr_silva) == before


def test_an_emptied_period_is_left_out(
    as_doctor: Client, dr_silva: Doctor, free_slots: list[Slot]
) -> None:
    change(
        as_doctor,
        start_1="",
        end_1="",
        start_2="14:00",
        end_2="14:30",
        confirmed="yes",
    )
    assert starts(dr_silva) == ["25 08:30", "25 08:45"]


def test_a_day_without_any_hours_is_deleted_not_changed(
    as_doctor: Client, dr_silva: Doctor, free_slots: list[Slot]
) -> None:
    status, page = change(as_doctor, start_1="", end_1="", confirmed="yes")
    assert status == 422
    assert "Enter some hours." in page
    assert len(starts(dr_silva)) == 4


@pytest.mark.parametrize("step", [{}, {"confirmed": "yes"}])
def test_a_change_that_cannot_be_is_explained_and_not_done(
    as_doctor: Client, dr_silva: Doctor, free_slots: list[Slot], step: dict[str, str]
) -> None:
    status, page = change(as_doctor, end_1="08:00", **step)
    assert (status, error_at(page, "end_1")) == (
        422,
        "The end must be after the start. Hours after midnight go on the next date.",
    )
    status, page = change(as_doctor, start_2="11:30", end_2="13:00", **step)
    assert status == 422
    assert "These hours overlap 11:30am to 1:00pm" in page
    assert len(starts(dr_silva)) == 4


def test_somebody_booked_while_the_doctor_was_writing(
    as_doctor: Client, dr_silva: Doctor, free_slots: list[Slot], ana: Patient
) -> None:
    booked(free_slots[1], ana)
    status, page = change(as_doctor, confirmed="yes")
    assert status == 409
    assert "A patient booked a time on this day in the meantime" in page
    assert "Nothing was changed." in page
    assert len(starts(dr_silva)) == 4


def test_somebody_is_paying_while_the_doctor_changes_or_deletes(
    client: Client, dr_osei: Doctor, slots: list[Slot], ana: Patient
) -> None:
    booked(slots[1], ana)
    client.force_login(dr_osei.user)
    for address, sent in ((DAY, hours(confirmed="yes")), (DELETE, {})):
        answer = client.post(address, sent)
        assert answer.status_code == 409
        assert "Try again after" in answer.content.decode()
        assert "12:10pm" in answer.content.decode()
    assert len(starts(dr_osei)) == 4


def test_a_booked_day_says_why_it_stays(
    as_doctor: Client, free_slots: list[Slot], ana: Patient
) -> None:
    booked(free_slots[0], ana)
    for address in (DAY, DELETE):
        page = as_doctor.get(address).content.decode()
        assert "1 patient is booked" in page
        assert "See appointments" in page
        assert '<button class="button danger"' not in page


# --- Deleting a day ---


def test_deleting_is_asked_for_and_then_done(
    as_doctor: Client, dr_silva: Doctor, free_slots: list[Slot]
) -> None:
    page = as_doctor.get(DELETE).content.decode()
    assert "4 open slots will be removed. No patients are affected." in page
    assert len(starts(dr_silva)) == 4
    page = as_doctor.post(DELETE, follow=True).content.decode()
    assert "The hours of Wednesday 25 November 2026 are deleted." in page
    assert starts(dr_silva) == []


def test_a_booked_day_is_not_deleted(
    as_doctor: Client, dr_silva: Doctor, free_slots: list[Slot], ana: Patient
) -> None:
    booked(free_slots[0], ana)
    assert as_doctor.post(DELETE).status_code == 409
    assert len(starts(dr_silva)) == 4


@pytest.mark.parametrize("later", [timedelta(days=2), timedelta(days=5)])
def test_today_and_the_past_stay_as_they_are(
    as_doctor: Client,
    dr_silva: Doctor,
    free_slots: list[Slot],
    clock: ClinicClock,
    later: timedelta,
) -> None:
    clock.move(later)
    for address in (DAY, DELETE):
        assert "Only days after today can be changed" in as_doctor.get(address).content.decode()
        assert as_doctor.post(address, hours(confirmed="yes")).status_code == 422
    assert len(starts(dr_silva)) == 4


@pytest.mark.parametrize("day", ["2026-11-26", "someday", "2026-02-30"])
def test_a_day_without_hours_is_not_there(
    as_doctor: Client, free_slots: list[Slot], day: str
) -> None:
    for name in ("schedule_day", "delete_day"):
        assert as_doctor.get(reverse(name, args=[day])).status_code == 404
        assert as_doctor.post(reverse(name, args=[day]), hours()).status_code == 404


def test_another_doctors_day_is_not_there(
    client: Client, dr_osei: Doctor, dr_silva: Doctor, free_slots: list[Slot]
) -> None:
    client.force_login(dr_osei.user)
    assert client.get(DAY).status_code == 404
    assert client.post(DELETE).status_code == 404
    assert len(starts(dr_silva)) == 4
