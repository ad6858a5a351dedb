"""What doctors are told of their hours."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, time, timedelta

from django.db.models import Count
from django.urls import reverse
from django.utils.dateformat import format as date_format

from clinicall.people.models import Doctor
from clinicall.schedule.models import Availability
from clinicall.schedule.slotting import Window
from clinicall.web.templatetags.times import clock_time


def in_words(day: date) -> str:
    return date_format(day, "l j F Y")


def card_of(day: date) -> str:
    """Where the day is shown: its week, with the focus on its card."""
    return f"{reverse('schedule')}?week={day}#day-{day}"


def overlaps(conflicts: Iterable[Mapping[str, str]]) -> list[str]:
    """Which hours the new ones overlap, told as by `Overlap`."""
    return [
        f"These hours overlap {_clock(told['startTime'])} to {_clock(told['endTime'])}"
        f" on {in_words(date.fromisoformat(told['date']))}. Nothing was saved."
        for told in conflicts
    ]


def what_was_added(doctor: Doctor, windows: Sequence[Window]) -> str:
    days = sorted({window.date for window in windows})
    rows = Availability.objects.filter(
        doctor=doctor, date__in=days, start_time__in={window.start for window in windows}
    ).annotate(slot_count=Count("slots"))
    slots = sum(row.slot_count for row in rows)
    return " ".join(
        [f"{slots} slot{'s' * (slots != 1)} added on {_days_in_words(days)}.", *leftovers(rows)]
    )


def leftovers(rows: Iterable[Availability]) -> list[str]:
    """What is too short at the end of these hours for one more slot."""
    left = {(row.leftover // timedelta(minutes=1), row.duration_minutes) for row in rows}
    return [
        f"{minutes} minute{'s' * (minutes != 1)} at the end {'is' if minutes == 1 else 'are'} too"
        f" short for a {length}-minute appointment and {'is' if minutes == 1 else 'are'} not offered."
        for minutes, length in sorted(left)
        if minutes
    ]


def _days_in_words(days: Collection[date]) -> str:
    if len(days) == 1:
        return in_words(*days)
    weekdays = {date_format(day, "l") for day in days}
    return f"{len(days)} {weekdays.pop()}s" if len(weekdays) == 1 else f"{len(days)} days"


def _clock(text: str) -> str:
    return clock_time(time.fromisoformat(text))
