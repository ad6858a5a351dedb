from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import OperationalError, connection

from clinicall.core.refusals import Invalid
from clinicall.people.models import Clinic, Doctor
from clinicall.schedule.models import Availability, Slot
from clinicall.schedule.publish import NotFuture, Overlap, publish
from clinicall.schedule.slotting import Cut, Interval, Window, cut
from tests import cast
from tests.clinic_clock import NOON, ClinicClock
from tests.conftest import WEDNESDAY


def nine_to_ten(day: date = WEDNESDAY) -> Window:
    return Window(day, time(9), time(10), 15)


def test_a_published_hour_becomes_slots_of_that_doctor(dr_osei: Doctor) -> None:
    assert publish(dr_osei, [nine_to_ten()], now=NOON) == [WEDNESDAY]
    assert Slot.objects.filter(doctor=dr_osei).count() == 4


def test_two_doctors_may_have_the_same_hours(dr_osei: Doctor, dr_silva: Doctor) -> None:
    publish(dr_osei, [nine_to_ten()], now=NOON)
    publish(dr_silva, [nine_to_ten()], now=NOON)
    assert Slot.objects.count() == 8


def test_own_hours_that_overlap_are_refused_and_listed(dr_osei: Doctor) -> None:
    publish(dr_osei, [nine_to_ten()], now=NOON)
    other_day = WEDNESDAY + timedelta(days=1)
    with pytest.raises(Overlap) as refused:
        publish(
            dr_osei,
            [nine_to_ten(other_day), Window(WEDNESDAY, time(9, 45), time(11), 15)],
            now=NOON,
        )
    assert refused.value.facts["conflicts"] == [
        {"date": "2026-11-25", "startTime": "09:00", "endTime": "10:00"}
    ]
    assert not Availability.objects.filter(date=other_day).exists()  # all or nothing


def test_windows_of_one_call_may_not_overlap_each_other(dr_osei: Doctor) -> None:
    with pytest.raises(Overlap):
        publish(dr_osei, [nine_to_ten(), nine_to_ten()], now=NOON)
    assert not Slot.objects.exists()


def test_touching_hours_are_fine(dr_osei: Doctor) -> None:
    publish(dr_osei, [nine_to_ten(), Window(WEDNESDAY, time(10), time(11), 30)], now=NOON)
    assert Slot.objects.count() == 6


@pytest.mark.parametrize(
    ("timezone", "today"),
    [("Asia/Colombo", date(2026, 11, 23)), ("Pacific/Kiritimati", date(2026, 11, 23))],
)
def test_today_is_decided_by_the_doctors_zone(clinic: Clinic, timezone: str, today: date) -> None:
    doctor = cast.a_doctor(clinic, "Dr Far Away", "Cardiology", timezone=timezone)
    with pytest.raises(NotFuture):
        publish(doctor, [nine_to_ten(today)], now=NOON)
    assert publish(doctor, [nine_to_ten(today + timedelta(days=1))], now=NOON)


def test_tomorrow_in_utc_may_be_today_for_the_doctor(clinic: Clinic) -> None:
    doctor = cast.a_doctor(clinic, "Dr Far Away", "Cardiology", timezone="Pacific/Kiritimati")
    late = NOON + timedelta(hours=5)  # 23 November in UTC, already the 24th there
    with pytest.raises(NotFuture):
        publish(doctor, [nine_to_ten(date(2026, 11, 24))], now=late)


def test_every_wrong_window_is_named(dr_osei: Doctor) -> None:
    with pytest.raises(Invalid) as refused:
        publish(
            dr_osei,
            [
                nine_to_ten(),
                Window(WEDNESDAY, time(12), time(11), 15),
                Window(WEDNESDAY + timedelta(days=366), time(9), time(10), 15),
            ],
            now=NOON,
        )
    assert [(f.pointer, f.code) for f in refused.value.faults] == [
        ("#/windows/1/endTime", "end_before_start"),
        ("#/windows/2/date", "too_far"),
    ]


def test_a_date_has_at_most_288_slots(dr_osei: Doctor) -> None:
    publish(dr_osei, [Window(WEDNESDAY, time(0), time(12), 5)], now=NOON)
    publish(dr_osei, [Window(WEDNESDAY, time(12), time(23, 55), 5)], now=NOON)
    assert Slot.objects.count() == 287
    with pytest.raises(Invalid):
        publish(
            dr_osei,
            [Window(date(2026, 11, 26), time(0), time(23, 59), 5), nine_to_ten()],
            now=NOON,
        )


def test_a_date_keeps_the_zone_it_was_first_published_in(dr_osei: Doctor) -> None:
    publish(dr_osei, [nine_to_ten()], now=NOON)
    before = list(Slot.objects.values_list("starts_at", flat=True))
    dr_osei.timezone = "Europe/London"
    dr_osei.save()
    publish(dr_osei, [Window(WEDNESDAY, time(10), time(11), 30)], now=NOON)
    assert set(Availability.objects.values_list("timezone", flat=True)) == {"Asia/Colombo"}
    assert (
        list(Slot.objects.order_by("starts_at").values_list("starts_at", flat=True)[:4]) == before
    )


# --- Killed half-way ---


class Killed(BaseException):
    """The program is gone; nothing of ours catches this."""


def the_program_ends(_connection: int) -> None:
    raise Killed


def the_database_hangs_up(backend: int) -> None:
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("select pg_terminate_backend(%s, 5000)", [backend])
    other.close()


class Interrupted(list[Interval]):
    """Slots of which the third is never written, for something happens to us."""

    happens: Callable[[], None]

    def __iter__(self) -> Iterator[Interval]:
        yield from self[:2]
        self.happens()
        yield from self[2:]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("happens", "seen"), [(the_program_ends, Killed), (the_database_hangs_up, OperationalError)]
)
def test_publishing_that_is_killed_half_way_leaves_nothing(
    dr_osei: Doctor,
    clock: ClinicClock,
    monkeypatch: pytest.MonkeyPatch,
    happens: Callable[[int], None],
    seen: type[BaseException],
) -> None:
    days = [WEDNESDAY + timedelta(days=n) for n in range(60)]
    with connection.cursor() as cursor:
        cursor.execute("select pg_backend_pid()")
        (backend,) = cursor.fetchone()

    def cut_interrupted(window: Window, zone: ZoneInfo) -> Cut:
        made = cut(window, zone)
        if window.date != days[30]:
            return made
        slots = Interrupted(made.slots)
        slots.happens = lambda: happens(backend)
        return replace(made, slots=slots)

    with monkeypatch.context() as for_now:
        for_now.setattr("clinicall.schedule.publish.cut", cut_interrupted)
        with pytest.raises(seen):
            publish(dr_osei, [nine_to_ten(day) for day in days], now=clock.now)
    connection.close()
    assert not Availability.objects.exists()
    assert not Slot.objects.exists()
    assert publish(dr_osei, [nine_to_ten(day) for day in days], now=clock.now) == days
