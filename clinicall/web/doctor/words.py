"""What doctors are told of their hours."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, time, timedelta

from django.db.models import Count
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, ngettext_lazy

from clinicall.people.models import Doctor
from clinicall.schedule.models import Availability
from clinicall.schedule.slotting import Window
from clinicall.web.templatetags.times import clock_time

SO_MANY = [
    ngettext_lazy("%(count)s Monday", "%(count)s Mondays", "count"),
    ngettext_lazy("%(count)s Tuesday", "%(count)s Tuesdays", "count"),
    ngettext_lazy("%(count)s Wednesday", "%(count)s Wednesdays", "count"),
    ngettext_lazy("%(count)s Thursday", "%(count)s Thursdays", "count"),
    ngettext_lazy("%(count)s Friday", "%(count)s Fridays", "count"),
    ngettext_lazy("%(count)s Saturday", "%(count)s Saturdays", "count"),
    ngettext_lazy("%(count)s Sunday", "%(count)s Sundays", "count"),
]


def card_of(day: date) -> str:
    """Where the day is shown: its week, with the focus on its card."""
    return f"{reverse('schedule')}?week={day}#day-{day}"


def overlaps(conflicts: Iterable[Mapping[str, str]]) -> list[str]:
    """Which hours the new ones overlap, told as by `Overlap`."""
    return [
        _("These hours overlap %(start)s to %(end)s on %(date)s. Nothing was saved.")
        % {
            "start": _clock(told["startTime"]),
            "end": _clock(told["endTime"]),
            "date": date_format(date.fromisoformat(told["date"])),
        }
        for told in conflicts
    ]


def what_was_added(doctor: Doctor, windows: Sequence[Window]) -> str:
    days = sorted({window.date for window in windows})
    rows = Availability.objects.filter(
        doctor=doctor, date__in=days, start_time__in={window.start for window in windows}
    ).annotate(slot_count=Count("slots"))
    slots = sum(row.slot_count for row in rows)
    added = ngettext(
        "%(slots)s slot added on %(days)s.", "%(slots)s slots added on %(days)s.", slots
    )
    return " ".join([added % {"slots": slots, "days": _days_in_words(days)}, *leftovers(rows)])


def leftovers(rows: Iterable[Availability]) -> list[str]:
    """What is too short at the end of these hours for one more slot."""
    left = {(row.leftover // timedelta(minutes=1), row.duration_minutes) for row in rows}
    return [
        ngettext(
            "%(minutes)s minute at the end is too short for a %(length)s-minute appointment"
            " and is not offered.",
            "%(minutes)s minutes at the end are too short for a %(length)s-minute appointment"
            " and are not offered.",
            minutes,
        )
        % {"minutes": minutes, "length": length}
        for minutes, length in sorted(left)
        if minutes
    ]


def _days_in_words(days: Collection[date]) -> str:
    if len(days) == 1:
        return date_format(next(iter(days)))
    weekdays = {day.weekday() for day in days}
    if len(weekdays) == 1:
        return SO_MANY[weekdays.pop()] % {"count": len(days)}
    return ngettext("%(count)s day", "%(count)s days", len(days)) % {"count": len(days)}


def _clock(text: str) -> str:
    return clock_time(time.fromisoformat(text))
