from datetime import date, time, timedelta

from clinicall.schedule.planning import in_weeks, mondays, on_dates
from clinicall.schedule.slotting import Window

MONDAY, WEDNESDAY, SUNDAY = date(2026, 11, 23), date(2026, 11, 25), date(2026, 11, 29)


def hours(day: date, start: int = 9, end: int = 12) -> Window:
    return Window(day, time(start), time(end), 15)


def test_a_copied_day_keeps_its_hours_and_its_break() -> None:
    day = [hours(WEDNESDAY, 9, 12), hours(WEDNESDAY, 14, 17)]
    target = date(2026, 12, 1)
    assert on_dates(day, [target]) == [hours(target, 9, 12), hours(target, 14, 17)]


def test_dates_chosen_twice_or_out_of_order_are_filled_once_and_in_order() -> None:
    assert [one.date for one in on_dates([hours(MONDAY)], [SUNDAY, WEDNESDAY, SUNDAY])] == [
        WEDNESDAY,
        SUNDAY,
    ]


def test_every_day_of_a_week_comes_again_on_its_own_weekday() -> None:
    week = [hours(MONDAY), hours(WEDNESDAY, 14, 17), hours(SUNDAY)]
    again = in_weeks(week, mondays(MONDAY + timedelta(days=7), 2))
    assert [f"{one.date:%a %d %b} {one.start:%H}" for one in again] == [
        *("Mon 30 Nov 09", "Wed 02 Dec 14", "Sun 06 Dec 09"),
        *("Mon 07 Dec 09", "Wed 09 Dec 14", "Sun 13 Dec 09"),
    ]


def test_a_week_is_named_by_any_of_its_days() -> None:
    assert mondays(MONDAY, 1) == mondays(WEDNESDAY, 1) == mondays(SUNDAY, 1) == [MONDAY]


def test_weeks_follow_each_other_across_a_year() -> None:
    assert [f"{one}" for one in mondays(date(2026, 12, 24), 3)] == [
        "2026-12-21",
        "2026-12-28",
        "2027-01-04",
    ]
    assert len(mondays(MONDAY, 52)) == 52
