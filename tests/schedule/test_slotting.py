from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as some

from clinicall.schedule.slotting import CannotCut, Window, cut, overlapping

COLOMBO = ZoneInfo("Asia/Colombo")
LONDON = ZoneInfo("Europe/London")
WEDNESDAY = date(2026, 11, 25)
CLOCKS_GO_FORWARD = date(2026, 3, 29)  # in London, at 01:00
CLOCKS_GO_BACK = date(2026, 10, 25)  # in London, at 02:00


def window(start: time, end: time, minutes: int, day: date = WEDNESDAY) -> Window:
    return Window(day, start, end, minutes)


def test_an_hour_by_fifteen_minutes_is_four_slots() -> None:
    made = cut(window(time(9), time(10), 15), COLOMBO)
    assert [slot.start.astimezone(COLOMBO).time() for slot in made.slots] == [
        time(9),
        time(9, 15),
        time(9, 30),
        time(9, 45),
    ]
    assert made.leftover == timedelta()


def test_a_remainder_too_short_for_one_more_slot_is_left() -> None:
    made = cut(window(time(9), time(10), 25), COLOMBO)
    assert (len(made.slots), made.leftover) == (2, timedelta(minutes=10))


@pytest.mark.parametrize(
    ("start", "end", "minutes", "member", "code"),
    [
        (time(10), time(9), 15, "endTime", "end_before_start"),
        (time(9), time(9), 15, "endTime", "end_before_start"),
        (time(9), time(9, 30), 45, "durationMinutes", "does_not_fit"),
        (time(9), time(10), 4, "durationMinutes", "out_of_range"),
        (time(9), time(10), 721, "durationMinutes", "out_of_range"),
    ],
)
def test_hours_that_make_no_slot_are_refused_by_member(
    start: time, end: time, minutes: int, member: str, code: str
) -> None:
    with pytest.raises(CannotCut) as refused:
        cut(window(start, end, minutes), COLOMBO)
    assert (refused.value.member, refused.value.code) == (member, code)


@pytest.mark.parametrize(
    ("start", "end", "member"),
    [(time(1, 30), time(4), "startTime"), (time(0), time(1, 30), "endTime")],
)
def test_a_time_that_the_clocks_skip_is_refused_by_name(
    start: time, end: time, member: str
) -> None:
    with pytest.raises(CannotCut) as refused:
        cut(window(start, end, 30, CLOCKS_GO_FORWARD), LONDON)
    assert (refused.value.member, refused.value.code) == (member, "time_does_not_exist")


def test_hours_across_the_skipped_hour_lose_it() -> None:
    made = cut(window(time(0), time(4), 30, CLOCKS_GO_FORWARD), LONDON)
    assert len(made.slots) == 6
    assert all(slot.start.astimezone(LONDON).hour != 1 for slot in made.slots)


def test_an_hour_that_comes_twice_is_read_as_its_first_coming() -> None:
    made = cut(window(time(1), time(3), 30, CLOCKS_GO_BACK), LONDON)
    assert made.slots[0].start == datetime(2026, 10, 25, 0, tzinfo=UTC)
    assert len(made.slots) == 6  # three real hours


def test_touching_hours_do_not_overlap() -> None:
    morning = cut(window(time(9), time(10), 15), COLOMBO)
    later = cut(window(time(10), time(11), 15), COLOMBO)
    clash = cut(window(time(10, 45), time(12), 15), COLOMBO)
    assert overlapping([later, morning]) == []
    assert overlapping([morning, clash, later]) == [clash]


CHANGING = ["Europe/London", "America/New_York", "Australia/Lord_Howe", "America/Santiago"]


@given(
    zone=some.sampled_from([*CHANGING, "Asia/Colombo", "Asia/Kathmandu", "Pacific/Chatham"]),
    day=some.dates(date(2026, 1, 1), date(2028, 12, 31)),
    start=some.times(),
    end=some.times(),
    minutes=some.integers(5, 720),
)
def test_slots_follow_one_another_and_each_lasts_exactly_its_duration(
    zone: str, day: date, start: time, end: time, minutes: int
) -> None:
    hours = Window(day, start.replace(microsecond=0), end.replace(microsecond=0), minutes)
    try:
        made = cut(hours, ZoneInfo(zone))
    except CannotCut:
        assume(False)
    step = timedelta(minutes=minutes)
    assert all(slot.end - slot.start == step for slot in made.slots)
    assert all(earlier.end == later.start for earlier, later in pairwise(made.slots))
    assert made.slots[0].start == made.whole.start
    assert timedelta() <= made.leftover < step
