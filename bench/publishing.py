"""A year of hours in one call: mornings and afternoons of 364 days, by 15 minutes.

The baseline copies the same rows, made beforehand, into tables with the same keys and constraints. What
publishing costs beside it is what its rules cost: cutting, checking, foreign keys, the objects between.
"""

import time
import tracemalloc
from collections.abc import Callable
from datetime import date, datetime, timedelta
from datetime import time as wall_time
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from bench.figures import tell
from clinicall.core import clock
from clinicall.people.models import Clinic, Doctor, Role, Specialization, User
from clinicall.schedule.models import Availability, Slot
from clinicall.schedule.publish import publish
from clinicall.schedule.slotting import Window

ROUNDS, DAYS = 5, 364
TABLES = {"bare_hours": "schedule_availability", "bare_slots": "schedule_slot"}
MB = 1e6


def measure() -> None:
    doctor, now = _new_doctor(), clock.now()
    tomorrow = now.astimezone(ZoneInfo(doctor.timezone)).date() + timedelta(days=1)
    year = _windows(tomorrow, DAYS)
    publish(doctor, year, now=now)
    cursor = connection.cursor()
    rows = {}
    for bare, ours in TABLES.items():
        cursor.execute(f"create table {bare} (like {ours} including all)")
        cursor.execute(f"select * from {ours} where doctor_id = %s order by id", [doctor.pk])
        rows[bare] = cursor.fetchall()

    def copied() -> None:
        with transaction.atomic():
            for bare in TABLES:
                with cursor.copy(f"copy {bare} from stdin") as copy:
                    for row in rows[bare]:
                        copy.write_row(row)

    def published() -> None:
        publish(doctor, year, now=now)

    def timed(act: Callable[[], None]) -> float:
        _clear(doctor)
        started = time.perf_counter()
        act()
        return (time.perf_counter() - started) * 1e3

    print(f"\n{len(year)} windows in one call, {len(rows['bare_slots'])} slots")
    tell(
        ("plain copy", "publish"), [(timed(copied), timed(published)) for _ in range(ROUNDS)], "ms"
    )
    for days in (DAYS // 4, DAYS // 2, DAYS):
        _clear(doctor)
        peak, left = _memory(doctor, _windows(tomorrow, days), now)
        print(f"{f'{days} days':16} {peak:8.1f} MB at the most, {left:.1f} MB afterwards")


def _windows(first: date, days: int) -> list[Window]:
    return [
        Window(first + timedelta(days=day), wall_time(hour), wall_time(hour + 4), 15)
        for day in range(days)
        for hour in (9, 14)
    ]


def _new_doctor() -> Doctor:
    clinic = Clinic.objects.earliest("pk")
    return Doctor.objects.create(
        user=User.objects.create(email="year@bench.example", role=Role.DOCTOR, clinic=clinic),
        clinic=clinic,
        name="Dr Kofi Osei",
        specialization=Specialization.objects.earliest("pk"),
        timezone="Europe/London",
        fee_amount=0,
    )


def _clear(doctor: Doctor) -> None:
    Slot.objects.filter(doctor=doctor).delete()
    Availability.objects.filter(doctor=doctor).delete()
    connection.cursor().execute(f"truncate {', '.join(TABLES)}")


def _memory(doctor: Doctor, windows: list[Window], now: datetime) -> tuple[float, float]:
    """MB that Python held for this at the most, and still holds when it is done."""
    tracemalloc.start()
    publish(doctor, windows, now=now)
    left, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak / MB, left / MB
