"""Pure: cutting a doctor's hours into slots.

Hours are wall time in the doctor's zone. They become UTC first and are cut there, so that every slot
lasts exactly its duration on every night, also when the clocks change in between.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

SHORTEST, LONGEST = 5, 720  # minutes of one slot
MOST_SLOTS = 288  # a date
FARTHEST = timedelta(days=365)


class CannotCut(ValueError):
    """These hours make no slots; `member` says which of them is wrong, `code` and the text say why."""

    def __init__(self, member: str, code: str, detail: str) -> None:
        super().__init__(detail)
        self.member, self.code = member, code


@dataclass(frozen=True)
class Window:
    """Hours as a doctor writes them: one date, wall times, and the minutes of one slot."""

    date: date
    start: time
    end: time
    minutes: int


@dataclass(frozen=True)
class Interval:
    """`[start, end)` in UTC."""

    start: datetime
    end: datetime


@dataclass(frozen=True)
class Cut:
    """A window as instants, with its slots back to back; what is too short for one more is left."""

    whole: Interval
    slots: Sequence[Interval]
    leftover: timedelta


def cut(window: Window, zone: ZoneInfo) -> Cut:
    """Slots that fit whole, from the start on. Raises CannotCut."""
    if not SHORTEST <= window.minutes <= LONGEST:
        told = _("Use %(shortest)s to %(longest)s minutes.")
        raise CannotCut(
            "durationMinutes", "out_of_range", told % {"shortest": SHORTEST, "longest": LONGEST}
        )
    if window.end <= window.start:
        raise CannotCut(
            "endTime",
            "end_before_start",
            _("The end must be after the start. Hours after midnight go on the next date."),
        )
    whole = Interval(
        _instant(window.date, window.start, zone, "startTime"),
        _instant(window.date, window.end, zone, "endTime"),
    )
    step = timedelta(minutes=window.minutes)
    count = max(0, (whole.end - whole.start) // step)
    if count < 1:
        told = _("A %(minutes)s-minute appointment does not fit between the start and the end.")
        raise CannotCut("durationMinutes", "does_not_fit", told % {"minutes": window.minutes})
    if count > MOST_SLOTS:
        told = _("At most %(most)s a date.") % {"most": MOST_SLOTS}
        raise CannotCut("durationMinutes", "too_many_slots", told)
    starts = [whole.start + i * step for i in range(count)]
    slots = [Interval(start, start + step) for start in starts]
    return Cut(whole, slots, whole.end - slots[-1].end)


def _instant(day: date, wall: time, zone: ZoneInfo, member: str) -> datetime:
    """The instant of a wall time; an hour that comes twice is read as its first coming."""
    local = datetime.combine(day, wall, tzinfo=zone)
    instant = local.astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) != local.replace(tzinfo=None):
        told = _("The clocks go forward: %(time)s does not exist.") % {"time": f"{wall:%H:%M}"}
        raise CannotCut(member, "time_does_not_exist", told)
    return instant


def overlapping(cuts: Iterable[Cut]) -> list[Cut]:
    """Those that begin before an earlier one has ended; touching is fine."""
    ordered = sorted(cuts, key=lambda one: one.whole.start)
    return [later for earlier, later in pairwise(ordered) if later.whole.start < earlier.whole.end]
