"""How pages write times. frontend/src/time.test.ts holds the browser to the same words."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from clinicall.core.money import Money
from clinicall.web.templatetags import times

COLOMBO = ZoneInfo("Asia/Colombo")
LONDON = ZoneInfo("Europe/London")
NOVEMBER = datetime(2026, 11, 25, tzinfo=UTC)
JULY = datetime(2026, 7, 25, tzinfo=UTC)


@pytest.mark.parametrize(
    ("instant", "zone", "words"),
    [
        ("2026-11-25T04:45:00Z", COLOMBO, "10:15am"),
        ("2026-11-25T04:45:00Z", LONDON, "4:45am"),
        ("2026-11-25T06:30:00Z", COLOMBO, "midday"),
        ("2026-11-25T06:35:00Z", COLOMBO, "12:05pm"),
        ("2026-11-24T18:30:00Z", COLOMBO, "midnight"),
        ("2026-11-24T18:45:00Z", COLOMBO, "12:15am"),
        ("2026-11-25T14:00:00Z", COLOMBO, "7:30pm"),
    ],
)
def test_a_time_is_written_as_people_say_it(instant: str, zone: ZoneInfo, words: str) -> None:
    with timezone.override(zone):
        assert times.instant_time(datetime.fromisoformat(instant)) == words


def test_the_date_is_the_viewers_not_the_servers() -> None:
    late = datetime(2026, 11, 24, 20, 0, tzinfo=UTC)
    with timezone.override(COLOMBO):
        assert times.instant_date(late) == "Wednesday 25 November 2026"
    with timezone.override(LONDON):
        assert times.instant_date(late) == "Tuesday 24 November 2026"


def test_a_doctors_hours_are_written_like_other_times() -> None:
    written = [times.clock_time(at) for at in (time(9), time(12), time(17, 45), time(0))]
    assert written == ["9:00am", "midday", "5:45pm", "midnight"]


def test_a_time_on_a_page_carries_its_instant() -> None:
    instant = datetime(2026, 11, 25, 10, 15, tzinfo=COLOMBO)
    with timezone.override(LONDON):
        assert times.time_element(instant, "time") == (
            '<time datetime="2026-11-25T04:45:00Z" data-show="time" class="show-time">4:45am</time>'
        )


def test_a_doctors_own_time_is_the_same_whoever_looks() -> None:
    instant = datetime(2026, 11, 25, 4, 45, tzinfo=UTC)
    with timezone.override(LONDON):
        element = times.time_element(instant, "time", COLOMBO)
        assert timezone.get_current_timezone() == LONDON
    assert ">10:15am<" in element
    assert "data-show" not in element  # which the browser would write anew


@pytest.mark.parametrize(
    ("zone", "instant", "words"),
    [
        ("Asia/Colombo", NOVEMBER, "Colombo time (GMT+5:30)"),
        ("Europe/London", NOVEMBER, "London time (GMT)"),
        ("Europe/London", JULY, "London time (GMT+1)"),
        ("America/Argentina/Buenos_Aires", NOVEMBER, "Buenos Aires time (GMT-3)"),
        ("America/St_Johns", NOVEMBER, "St Johns time (GMT-3:30)"),
        ("UTC", NOVEMBER, "UTC time (GMT)"),
    ],
)
def test_a_zone_is_called_by_its_place_and_offset(zone: str, instant: datetime, words: str) -> None:
    assert times.zone_label(ZoneInfo(zone), instant) == words


def test_a_hold_never_has_less_than_nothing_left() -> None:
    left = [timedelta(minutes=9, seconds=41), timedelta(0), timedelta(seconds=-5)]
    assert [times.countdown(NOVEMBER + span, NOVEMBER) for span in left] == ["9:41", "0:00", "0:00"]


def test_a_price_names_its_currency() -> None:
    assert times.money(Money(250_000, "LKR")) == "LKR 2,500.00"
