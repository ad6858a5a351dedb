from datetime import date, timedelta
from zoneinfo import ZoneInfo

from clinicall.schedule.models import Slot
from clinicall.web.patient.month import Day, by_part, last_of, month_of
from tests.clinic_clock import NOON

TODAY = date(2026, 11, 23)
A_YEAR_ON = date(2027, 11, 23)


def test_a_month_is_written_in_weeks_from_monday() -> None:
    november = month_of(date(2026, 11, 1), {}, earliest=TODAY, latest=A_YEAR_ON)
    assert [day and day.date.day for day in november.weeks[0]] == [None] * 6 + [1]
    assert [day and day.date.day for day in november.weeks[-1]] == [30] + [None] * 6


def test_days_know_how_much_is_free() -> None:
    few, many = date(2026, 11, 25), date(2026, 11, 26)
    november = month_of(date(2026, 11, 1), {few: 3, many: 9}, earliest=TODAY, latest=A_YEAR_ON)
    days = {day.date: day for week in november.weeks for day in week if day}
    assert [len(days[day].dots) for day in (few, many)] == [1, 3]
    assert days[TODAY] == Day(TODAY, 0)


def test_the_calendar_ends_with_this_month_and_after_a_year() -> None:
    now = month_of(date(2026, 11, 1), {}, earliest=TODAY, latest=A_YEAR_ON)
    last = month_of(date(2027, 11, 1), {}, earliest=TODAY, latest=A_YEAR_ON)
    assert (now.previous, now.following) == (None, date(2026, 12, 1))
    assert (last.previous, last.following) == (date(2027, 10, 1), None)


def test_the_last_day_of_a_month() -> None:
    assert [last_of(date(2028, m, 10)).day for m in (1, 2, 4, 12)] == [31, 29, 30, 31]


def test_a_day_has_parts_where_one_is() -> None:
    slots = [Slot(pk=hour, starts_at=NOON + timedelta(hours=hour)) for hour in range(0, 8, 2)]
    # It is midday in Colombo and half past six in London.
    parts = {
        city: {
            part: [s.pk for s in found] for part, found in by_part(slots, ZoneInfo(city)).items()
        }
        for city in ("Asia/Colombo", "Europe/London")
    }
    assert parts["Asia/Colombo"] == {"Afternoon": [0, 2, 4], "Evening": [6]}
    assert parts["Europe/London"] == {"Morning": [0, 2, 4], "Afternoon": [6]}
