"""Pure: one month as a page of a calendar, and one day by its parts."""

from calendar import Calendar
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from clinicall.schedule.models import Slot

MONDAY_FIRST = Calendar(firstweekday=0)
FEW, SOME = 3, 8
AFTERNOON, EVENING = 12, 17  # o'clock


@dataclass(frozen=True)
class Day:
    date: date
    free: int

    @property
    def dots(self) -> range:
        """One for a few free times, two for some, three for many."""
        return range(1 + (self.free > FEW) + (self.free > SOME))


@dataclass(frozen=True)
class Month:
    """`previous` and `following` are the first days of the months beside it, None past the ends."""

    first: date
    weeks: Sequence[Sequence[Day | None]]
    previous: date | None
    following: date | None

    @property
    def free_days(self) -> list[Day]:
        return [day for week in self.weeks for day in week if day and day.free]


def month_of(first: date, free: Mapping[date, int], *, earliest: date, latest: date) -> Month:
    """The month that begins at `first`, week by week from Monday; days of other months are None."""
    weeks = [
        [Day(day, free.get(day, 0)) if day.month == first.month else None for day in week]
        for week in MONDAY_FIRST.monthdatescalendar(first.year, first.month)
    ]
    before, after = first_of(first - timedelta(days=1)), first_of(first + timedelta(days=31))
    return Month(
        first,
        weeks,
        previous=before if before >= first_of(earliest) else None,
        following=after if after <= latest else None,
    )


def first_of(day: date) -> date:
    return day.replace(day=1)


def last_of(day: date) -> date:
    return first_of(first_of(day) + timedelta(days=31)) - timedelta(days=1)


def by_part(slots: Iterable[Slot], zone: ZoneInfo) -> dict[str, list[Slot]]:
    """Slots of one day under the part of it they begin in; parts without any are left out."""
    morning, afternoon, evening = _("Morning"), _("Afternoon"), _("Evening")
    parts: dict[str, list[Slot]] = {morning: [], afternoon: [], evening: []}
    for slot in slots:
        hour = slot.starts_at.astimezone(zone).hour
        part = morning if hour < AFTERNOON else afternoon if hour < EVENING else evening
        parts[part].append(slot)
    return {part: times for part, times in parts.items() if times}
