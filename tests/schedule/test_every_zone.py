"""Cutting hours on the nights that clocks change: every zone, against someone who counts minutes.

The reference knows nothing of offsets. It looks at a zone's clock once a minute, from long before the
date to long after it, writes down when each wall time is first shown, and then counts minutes.
"""

import sys
import time as stopwatch
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from itertools import combinations, pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as some

from clinicall.core.zones import places
from clinicall.schedule.slotting import MOST_SLOTS, CannotCut, Interval, Window, cut

DURATIONS = (5, 15, 30, 45, 60)
SAMPLE, OF_THE_SAMPLE = 40, (15, 45)
MINUTE, A_QUARTER, A_DAY = timedelta(minutes=1), timedelta(hours=6), timedelta(days=1)

# Each is odd in its own way: half an hour of summer, a month of winter time, changes at midnight, clocks
# that go back into the day before, far from UTC, no whole hours.
ODD = [
    *("Africa/Cairo", "Africa/Casablanca", "Africa/El_Aaiun", "America/Asuncion"),
    *("America/Havana", "America/Nuuk", "America/Santiago", "America/Scoresbysund"),
    *("America/St_Johns", "Antarctica/Troll", "Asia/Beirut", "Asia/Colombo", "Asia/Gaza"),
    *("Asia/Hebron", "Asia/Jerusalem", "Asia/Kathmandu", "Atlantic/Azores"),
    *("Australia/Lord_Howe", "Europe/Chisinau", "Europe/Dublin", "Europe/London"),
    *("Pacific/Apia", "Pacific/Chatham", "Pacific/Easter", "Pacific/Kiritimati", "Pacific/Niue"),
]
EVERY = sorted(places())
NEW_YEAR, LAST_NEW_YEAR = (datetime(year, 1, 1, tzinfo=UTC) for year in (2026, 2031))
LOOKS = [NEW_YEAR + n * A_QUARTER for n in range((LAST_NEW_YEAR - NEW_YEAR) // A_QUARTER)]
AN_ORDINARY_NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)


def sample_of(zones: Sequence[str]) -> list[str]:
    """The odd ones, and others spread evenly over the alphabet; the same ones every time."""
    odd = [name for name in ODD if name in zones]
    others = [name for name in zones if name not in odd]
    wanted = SAMPLE - len(odd)
    return odd + others[:: len(others) // wanted][:wanted]


# --- The nights ---


@cache
def changes_of(name: str) -> list[datetime]:
    """The instants at which this zone's clocks change, found by looking every six hours."""
    zone = ZoneInfo(name)
    shown = [look.astimezone(zone) for look in LOOKS]
    return [
        _minute_of_change(zone, before.astimezone(UTC), after.astimezone(UTC))
        for before, after in pairwise(shown)
        if before.utcoffset() != after.utcoffset()
    ]


def _minute_of_change(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    old = before.astimezone(zone).utcoffset()
    while after - before > MINUTE:
        middle = before + (after - before) // MINUTE // 2 * MINUTE
        if middle.astimezone(zone).utcoffset() == old:
            before = middle
        else:
            after = middle
    return after


def edges_of(change: datetime, zone: ZoneInfo) -> dict[date, list[time]]:
    """The dates that a change touches, with wall times before, in and after the hour it moves."""
    shown = [(change - MINUTE).astimezone(zone), change.astimezone(zone)]
    last, first = (one.replace(tzinfo=None) for one in shown)
    moved = sorted([last + MINUTE, first])
    near = [at + timedelta(minutes=off) for at in moved for off in (-60, -7, 0, 7, 60)] + [
        moved[0] + (moved[1] - moved[0]) / 2
    ]
    return {
        day: sorted({time(0), time(23, 59)} | {at.time() for at in near if at.date() == day})
        for day in sorted({last.date(), first.date(), first.date() + A_DAY})
    }


# --- The reference ---


@dataclass(frozen=True)
class LocalDay:
    """A date as the clock on the wall shows it: when each minute first comes, and all that it shows."""

    first_coming: dict[time, datetime]

    @staticmethod
    @lru_cache(maxsize=64)
    def watched(day: date, name: str) -> "LocalDay":
        zone = ZoneInfo(name)
        begin = datetime.combine(day, time(0), tzinfo=UTC) - timedelta(hours=16)
        first: dict[time, datetime] = {}
        for n in range(60 * (16 + 24 + 16)):
            instant = begin + n * MINUTE
            wall = instant.astimezone(zone).replace(tzinfo=None)
            if wall.date() == day:
                first.setdefault(wall.time(), instant)
        return LocalDay(first)

    def count(self, window: Window) -> "str | list[Interval]":
        """The slots of the window, minute by minute; or the code of the refusal."""
        if window.end <= window.start:
            return "end_before_start"
        if window.start not in self.first_coming or window.end not in self.first_coming:
            return "time_does_not_exist"
        slots: list[Interval] = []
        begun = instant = self.first_coming[window.start]
        end, passed = self.first_coming[window.end], 0
        while instant < end:
            instant += MINUTE
            passed += 1
            if passed == window.minutes:
                slots.append(Interval(begun, instant))
                begun, passed = instant, 0
        if not slots:
            return "does_not_fit"
        return slots if len(slots) <= MOST_SLOTS else "too_many_slots"


def wrongs(slots: Sequence[Interval], window: Window, name: str) -> set[str]:
    """Which of the promises about slots these break."""
    zone, day = ZoneInfo(name), LocalDay.watched(window.date, name)
    spans = [(slot.start.astimezone(UTC), slot.end.astimezone(UTC)) for slot in slots]
    starts = [start for start, _ in spans]
    walls = {slot.start.astimezone(zone).replace(tzinfo=None) for slot in slots}
    end = day.first_coming.get(window.end)
    promises = {
        "one comes twice": len(set(starts)) == len(starts),
        "out of order": starts == sorted(starts),
        "overlapping": all(one[1] <= other[0] for one, other in pairwise(sorted(spans))),
        "not its duration": all(end - start == window.minutes * MINUTE for start, end in spans),
        "in a gap": all(
            wall.date() == window.date and wall.time() in day.first_coming for wall in walls
        ),
        "not the first coming": starts[0] == day.first_coming.get(window.start),
        "past the end": end is None or spans[-1][1] <= end,
        "one more would fit": end is None or end - spans[-1][1] < window.minutes * MINUTE,
    }
    return {wrong for wrong, kept in promises.items() if not kept}


def answer(window: Window, name: str) -> "str | list[Interval]":
    try:
        return list(cut(window, ZoneInfo(name)).slots)
    except CannotCut as error:
        return error.code


# --- The sweep ---


@dataclass
class Swept:
    zones: int = 0
    changes: int = 0
    windows: int = 0
    refused: int = 0
    slots: int = 0

    def __str__(self) -> str:
        return ", ".join(f"{count:,} {of}" for of, count in vars(self).items())


def around_every_change(
    zones: Sequence[str], durations: Sequence[int]
) -> Iterator[tuple[str, Window]]:
    for name in zones:
        for change in changes_of(name) or [AN_ORDINARY_NOON]:
            for day, edges in edges_of(change, ZoneInfo(name)).items():
                for start, end in combinations(edges, 2):
                    for minutes in durations:
                        yield name, Window(day, start, end, minutes)


def sweep(zones: Sequence[str], durations: Sequence[int]) -> Swept:
    swept = Swept(zones=len(zones), changes=sum(len(changes_of(name)) for name in zones))
    for name, window in around_every_change(zones, durations):
        made = answer(window, name)
        counted = LocalDay.watched(window.date, name).count(window)
        assert made == counted, (name, window)
        swept.windows += 1
        if isinstance(made, str):
            swept.refused += 1
        else:
            assert not wrongs(made, window, name), (name, window)
            swept.slots += len(made)
    return swept


def test_on_the_nights_that_clocks_change_hours_are_cut_as_somebody_counting_minutes_would() -> (
    None
):
    swept = sweep(sample_of(EVERY), OF_THE_SAMPLE)
    assert swept.zones == SAMPLE
    assert min(swept.changes, swept.refused, swept.slots) > 0


@pytest.mark.deep
def test_so_they_are_in_every_zone_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    begun = stopwatch.perf_counter()
    swept = sweep(EVERY, DURATIONS)
    took = stopwatch.perf_counter() - begun
    with capsys.disabled():
        sys.stdout.write(f"\n{swept}, 2026 to 2030, in {took:.0f} s\n")
    assert swept.zones == len(places())
    assert min(swept.changes, swept.refused, swept.slots) > 0


@some.composite
def hours(draw: some.DrawFn) -> tuple[str, Window]:
    """Any hours of any zone, every second time on a date near a change of its clocks."""
    name = draw(some.sampled_from(EVERY))
    days = some.dates(date(2026, 1, 1), date(2030, 12, 31))
    if changes := changes_of(name):
        near = some.integers(-1, 1).map(timedelta)
        days |= some.builds(lambda at, off: at.date() + off, some.sampled_from(changes), near)
    minutes = some.integers(0, 24 * 60 - 1).map(lambda n: time(n // 60, n % 60))
    return name, Window(draw(days), draw(minutes), draw(minutes), draw(some.integers(5, 720)))


@given(hours())
def test_any_hours_anywhere_are_cut_as_somebody_counting_minutes_would(
    some_hours: tuple[str, Window],
) -> None:
    name, window = some_hours
    made = answer(window, name)
    assert made == LocalDay.watched(window.date, name).count(window)
    assert isinstance(made, str) or not wrongs(made, window, name)


# --- The control: other ways to cut do break these promises ---


def by_the_wall_clock(window: Window, zone: ZoneInfo) -> list[Interval]:
    """The mistake of most: adding the duration to what the clock shows."""
    step = timedelta(minutes=window.minutes)
    start, end = (
        datetime.combine(window.date, at, tzinfo=zone) for at in (window.start, window.end)
    )
    return [
        Interval(start + n * step, start + (n + 1) * step) for n in range((end - start) // step)
    ]


def from_the_last_coming(window: Window, zone: ZoneInfo) -> list[Interval]:
    """Another choice for the hour that comes twice than the one we document."""
    start, end = (
        datetime.combine(window.date, at, tzinfo=zone).replace(fold=1).astimezone(UTC)
        for at in (window.start, window.end)
    )
    step = timedelta(minutes=window.minutes)
    return [
        Interval(start + n * step, start + (n + 1) * step) for n in range((end - start) // step)
    ]


@pytest.mark.parametrize(
    ("otherwise", "broken"),
    [
        (
            by_the_wall_clock,
            {"one comes twice", "out of order", "overlapping", "not its duration", "in a gap"}
            | {"past the end", "one more would fit"},
        ),
        (from_the_last_coming, {"not the first coming"}),
    ],
)
def test_hours_cut_otherwise_break_the_promises(
    otherwise: Callable[[Window, ZoneInfo], list[Interval]], broken: set[str]
) -> None:
    found: set[str] = set()
    for name, window in around_every_change(["Europe/London"], DURATIONS):
        slots = otherwise(window, ZoneInfo(name))
        if slots:
            found |= wrongs(slots, window, name)
    assert broken <= found
