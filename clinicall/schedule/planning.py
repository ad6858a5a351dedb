"""Pure: which hours follow from hours there are.

Wall times are carried over, never instants: nine stays nine on the other side of a clock change.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta

from clinicall.schedule.slotting import Window

MOST_WEEKS = 52
A_WEEK = timedelta(days=7)


def on_dates(day: Sequence[Window], dates: Iterable[date]) -> list[Window]:
    """The hours of one day on each of these dates, in their order."""
    return [replace(window, date=one) for one in sorted(set(dates)) for window in day]


def in_weeks(week: Sequence[Window], mondays: Iterable[date]) -> list[Window]:
    """The hours of a week in each of these weeks, every one on its own weekday."""
    return [
        replace(window, date=monday + timedelta(days=window.date.weekday()))
        for monday in mondays
        for window in week
    ]


def mondays(first: date, weeks: int) -> list[date]:
    """The Mondays of this many weeks, from the week that `first` lies in."""
    monday = first - timedelta(days=first.weekday())
    return [monday + n * A_WEEK for n in range(weeks)]
