"""The days of a doctor's schedule as its pages show them: the hours, and what has become of the slots."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from django.http import Http404

from clinicall.booking.openings import SlotState, locked_by, slot_states
from clinicall.people.models import Doctor
from clinicall.schedule.models import Availability, Slot
from clinicall.web.doctor.doctors_only import day_in

MOST_IN_A_BAR = 40  # more slots than this would be thinner than the gaps between them


@dataclass(frozen=True)
class Shown:
    """Some slots, counted by state."""

    states: Sequence[SlotState]

    def _count(self, state: SlotState) -> int:
        return self.states.count(state)

    @property
    def slots(self) -> int:
        return len(self.states)

    @property
    def open(self) -> int:
        return self._count(SlotState.OPEN)

    @property
    def held(self) -> int:
        return self._count(SlotState.HELD)

    @property
    def booked(self) -> int:
        return self._count(SlotState.BOOKED)


@dataclass(frozen=True)
class Hours(Shown):
    written: Availability

    @property
    def bar(self) -> Sequence[SlotState]:
        return self.states if self.slots <= MOST_IN_A_BAR else []


@dataclass(frozen=True)
class Day:
    date: date
    ahead: int  # days from the doctor's today; what is past is less than 0
    hours: Sequence[Hours]

    @cached_property
    def all(self) -> Shown:
        return Shown([state for one in self.hours for state in one.states])

    @property
    def zone(self) -> ZoneInfo | None:
        """The one the hours were written in."""
        return ZoneInfo(self.hours[0].written.timezone) if self.hours else None

    @property
    def is_today(self) -> bool:
        return self.ahead == 0

    @property
    def is_past(self) -> bool:
        return self.ahead < 0

    @property
    def is_future(self) -> bool:
        return self.ahead > 0

    @property
    def locked(self) -> str:
        """Why hours to come cannot be changed now: "booked", "held", or not at all."""
        if not self.is_future:
            return ""
        return locked_by(self.all.states) or ""

    @property
    def may_change(self) -> bool:
        return bool(self.hours) and self.is_future and not self.locked


def days_of(doctor: Doctor, dates: Sequence[date], *, now: datetime) -> list[Day]:
    """These days in this order, with their hours in order."""
    today = today_of(doctor, now)
    rows = Availability.objects.filter(doctor=doctor, date__in=dates).prefetch_related("slots")
    states = slot_states((slot for row in rows for slot in row.slots.all()), now=now)
    hours: dict[date, list[Hours]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: row.starts_at):
        hours[row.date].append(Hours([states[slot.pk] for slot in _in_order(row.slots.all())], row))
    return [Day(one, (one - today).days, hours[one]) for one in dates]


def _in_order(slots: Iterable[Slot]) -> list[Slot]:
    return sorted(slots, key=lambda slot: slot.starts_at)


def week_of(day: date) -> list[date]:
    """Monday to Sunday."""
    monday = day - timedelta(days=day.weekday())
    return [monday + timedelta(days=n) for n in range(7)]


def today_of(doctor: Doctor, now: datetime) -> date:
    return now.astimezone(ZoneInfo(doctor.timezone)).date()


def written_day_or_404(doctor: Doctor, text: str, now: datetime) -> Day:
    """The doctor's day of that date, if it has hours."""
    day = day_in(text)
    if day is None:
        raise Http404
    (shown,) = days_of(doctor, [day], now=now)
    if not shown.hours:
        raise Http404
    return shown
