"""What is published stays where it is: the doctor moves, the world's clocks are decided anew, days begin."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from importlib.resources import files
from pathlib import Path
from zoneinfo import ZoneInfo, reset_tzpath

import pytest

from clinicall.booking.openings import open_slots
from clinicall.booking.withdrawing import replace_day
from clinicall.core.refusals import Invalid
from clinicall.people.models import Clinic, Doctor
from clinicall.schedule.models import Availability, Slot
from clinicall.schedule.publish import NotFuture, Overlap, publish
from clinicall.schedule.slotting import Window
from tests import cast
from tests.clinic_clock import NOON
from tests.conftest import WEDNESDAY

A_DAY = timedelta(days=1)
THURSDAY = WEDNESDAY + A_DAY


def hours(day: date, start: int = 9, end: int = 10) -> Window:
    return Window(day, time(start), time(end), 20)


def instants() -> list[tuple[datetime, datetime]]:
    """Of all that is stored: hours first, then slots."""
    found = [row.objects.order_by("starts_at") for row in (Availability, Slot)]
    return [pair for rows in found for pair in rows.values_list("starts_at", "ends_at")]


# --- The doctor moves ---

HOMES = ["Asia/Colombo", "Pacific/Kiritimati", "Pacific/Niue", "Asia/Kathmandu", "Europe/London"]


@pytest.mark.parametrize("home", HOMES)
def test_a_doctor_who_moves_takes_no_instant_along(clinic: Clinic, home: str) -> None:
    doctor = cast.a_doctor(clinic, "Dr Far Away", "Cardiology", timezone=home)
    publish(doctor, [hours(WEDNESDAY), hours(THURSDAY)], now=NOON)
    before = instants()
    for elsewhere in [*HOMES, "America/New_York"]:
        doctor.timezone = elsewhere
        doctor.save()
        assert instants() == before
        assert len(open_slots().filter(doctor=doctor)) == 6


def test_a_day_that_was_published_elsewhere_is_changed_in_the_time_of_that_place(
    dr_osei: Doctor,
) -> None:
    publish(dr_osei, [hours(WEDNESDAY), hours(THURSDAY)], now=NOON)
    before = instants()
    dr_osei.timezone = "America/New_York"
    dr_osei.save()
    replace_day(dr_osei, WEDNESDAY, [hours(WEDNESDAY)], now=NOON)
    assert instants() == before
    friday = THURSDAY + A_DAY
    publish(dr_osei, [hours(friday)], now=NOON)
    assert Availability.objects.get(date=friday).starts_at == datetime(2026, 11, 27, 14, tzinfo=UTC)


# --- The world's clocks are decided anew ---


@pytest.fixture
def new_rules(tmp_path: Path) -> Iterator[Path]:
    """A tz database that is asked before the installed one; empty until something is decreed."""
    yield tmp_path
    reset_tzpath()
    ZoneInfo.clear_cache()


def decree(rules: Path, name: str, like: str) -> None:
    """From now on the clocks of `name` show what those of `like` do."""
    place = rules / name
    place.parent.mkdir(exist_ok=True)
    place.write_bytes(files("tzdata").joinpath("zoneinfo", *like.split("/")).read_bytes())
    reset_tzpath(to=[rules])
    ZoneInfo.clear_cache()


def test_when_a_country_changes_its_clocks_what_was_published_stays_where_it_is(
    dr_osei: Doctor, new_rules: Path
) -> None:
    publish(dr_osei, [hours(WEDNESDAY), hours(THURSDAY)], now=NOON)
    before, leftover = instants(), [row.leftover for row in Availability.objects.all()]
    decree(new_rules, "Asia/Colombo", like="Asia/Tokyo")
    assert datetime.combine(WEDNESDAY, time(9), tzinfo=ZoneInfo("Asia/Colombo")).astimezone(
        UTC
    ) == datetime(2026, 11, 25, 0, tzinfo=UTC)
    assert instants() == before
    assert [row.leftover for row in Availability.objects.all()] == leftover
    assert len(open_slots().filter(doctor=dr_osei)) == 6


def test_hours_published_after_that_follow_the_new_clocks_and_meet_the_old_ones_as_instants(
    dr_osei: Doctor, new_rules: Path
) -> None:
    publish(dr_osei, [hours(WEDNESDAY)], now=NOON)  # 03:30 to 04:30 in UTC
    before = instants()
    decree(new_rules, "Asia/Colombo", like="Asia/Tokyo")
    with pytest.raises(Overlap):
        publish(dr_osei, [hours(WEDNESDAY, 13, 14)], now=NOON)  # 04:00 to 05:00 in UTC now
    assert instants() == before
    publish(dr_osei, [hours(WEDNESDAY)], now=NOON)  # 00:00 to 01:00
    assert set(before) < set(instants())


# --- Tomorrow is tomorrow where the doctor is ---

# Minutes ahead of UTC in November 2026, all year round or not.
AHEAD = {
    "Pacific/Kiritimati": 14 * 60,
    "Pacific/Chatham": 13 * 60 + 45,
    "Asia/Kathmandu": 5 * 60 + 45,
    "Asia/Colombo": 5 * 60 + 30,
    "America/St_Johns": -(3 * 60 + 30),
    "Pacific/Niue": -11 * 60,
    "Pacific/Pago_Pago": -11 * 60,
}
MIDNIGHT = datetime(2026, 11, 24, tzinfo=UTC)


@pytest.mark.parametrize("name", AHEAD)
def test_tomorrow_is_tomorrow_where_the_doctor_is(clinic: Clinic, name: str) -> None:
    doctor = cast.a_doctor(clinic, "Dr Far Away", "Cardiology", timezone=name)
    there = timedelta(minutes=AHEAD[name])
    moments = [MIDNIGHT - there - timedelta(microseconds=1), MIDNIGHT - there]
    moments += [NOON + timedelta(hours=n) for n in range(0, 48, 5)]
    for now in moments:
        today = (now + there).date()
        for day in (today - A_DAY, today, today + timedelta(days=366)):
            with pytest.raises(Invalid) as refused:
                publish(doctor, [hours(day)], now=now)
            assert isinstance(refused.value, NotFuture) == (day <= today)
        for day in (today + A_DAY, today + timedelta(days=365)):
            assert publish(doctor, [hours(day)], now=now) == [day]
            Slot.objects.all().delete()
            Availability.objects.all().delete()
