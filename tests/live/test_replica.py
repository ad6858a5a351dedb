"""When a replica is asked. With real ones: tests/cluster/test_replica.py."""

import pytest

from clinicall.live.kept import LONGEST
from clinicall.live.replica import IN_TIME_FOR, LOOK_EVERY, MOST_BEHIND, Freshness


class Time:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    def passes(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def kept_up(time: Time) -> Freshness:
    """Of a replica that is in time, and has replayed up to place 10 a moment ago."""
    freshness = Freshness(time)
    for _ in range(2):
        freshness.written(time.now, 10)
        freshness.replayed(10)
        time.passes(IN_TIME_FOR)
    freshness.written(time.now, 10)
    freshness.replayed(10)
    return freshness


def test_with_a_kept_answer_nobody_reads_what_had_changed_two_seconds_before() -> None:
    assert LONGEST + MOST_BEHIND < 2


def test_it_is_as_fresh_as_the_newest_moment_whose_place_it_has_replayed(
    time: Time, kept_up: Freshness
) -> None:
    assert kept_up.behind == 0
    for place in (20, 30, 40):
        time.passes(LOOK_EVERY)
        kept_up.written(time.now, place)
    kept_up.replayed(39)
    assert kept_up.behind == pytest.approx(LOOK_EVERY)
    assert kept_up.is_in_time


def test_it_is_late_from_then_on_though_nobody_looks(time: Time, kept_up: Freshness) -> None:
    time.passes(MOST_BEHIND)
    assert kept_up.is_in_time
    time.passes(0.01)
    assert not kept_up.is_in_time


def test_one_that_was_late_has_to_keep_up_for_a_while(time: Time, kept_up: Freshness) -> None:
    kept_up.written(time.now, 20)
    time.passes(MOST_BEHIND + LOOK_EVERY)
    kept_up.replayed(10)
    kept_up.written(time.now, 20)
    kept_up.replayed(20)
    assert kept_up.behind == 0
    assert not kept_up.is_in_time
    time.passes(IN_TIME_FOR)
    kept_up.written(time.now, 20)
    kept_up.replayed(20)
    assert kept_up.is_in_time


def test_of_one_that_is_lost_nothing_is_known_until_it_replays_what_is_written_from_then_on(
    time: Time, kept_up: Freshness
) -> None:
    kept_up.written(time.now, 20)
    kept_up.lost()
    assert (kept_up.behind, kept_up.is_in_time) == (None, False)
    kept_up.replayed(20)
    assert kept_up.behind is None


def test_it_is_not_asked_for_what_there_is_newer_news_of(time: Time, kept_up: Freshness) -> None:
    time.passes(0.01)
    kept_up.hear("doctor:1")
    assert kept_up.is_in_time
    assert not kept_up.has_the_news_of("doctor:1")
    assert kept_up.has_the_news_of("doctor:2")
    time.passes(0.01)
    kept_up.written(time.now, 20)
    kept_up.replayed(19)
    assert not kept_up.has_the_news_of("doctor:1")
    kept_up.replayed(20)
    assert kept_up.has_the_news_of("doctor:1")


def test_news_of_long_ago_takes_no_memory(time: Time, kept_up: Freshness) -> None:
    for doctor in range(1000):
        kept_up.hear(f"doctor:{doctor}")
        time.passes(MOST_BEHIND / 10)
    assert len(kept_up._news) <= 11
