"""What anybody may read of openings, each as one statement that answers the text of the contract's JSON.

The API asks for them, and the live routes do without Django (live/reads.py). PostgreSQL writes an answer
of a month in the time that Python takes for its objects. Days are given to it as instants: which date a
time falls on is for our own tz database to say, everywhere.
"""

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings

from clinicall.booking.searching import (
    OPEN,
    Search,
    all_specializations,
    page_of,
)

# As much as may be asked for at once, by whichever way.
LONGEST_SPAN = 92  # days
LONGEST_NAME = 100
LARGEST_PAGE = 100

INSTANT = """to_char({} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')"""
STARTS_AT, ENDS_AT = INSTANT.format("s.starts_at"), INSTANT.format("s.ends_at")
SLOT = f"""'{{"id":"' || s.id || '","startsAt":"' || {STARTS_AT} || '","endsAt":"' || {ENDS_AT} || '"}}'"""

# What is told of the open slots of one of the days `day`.
ITS_SLOTS = f"""'"slots":[' || string_agg({SLOT}, ',' order by s.starts_at) || ']'"""
HOW_MANY = """'"free":' || nullif(count(*), 0)"""

# No row for a doctor who cannot be seen by anybody.
DAYS = """
select '{{"timezone":' || to_json(%(timezone)s::text) || ',"days":[' || coalesce((
  select string_agg(
    '{{"date":"' || to_char(day.date, 'YYYY-MM-DD') || '",' || its.told || '}}', ',' order by day.date)
  from unnest(%(dates)s::date[], %(begins)s::timestamptz[], %(ends)s::timestamptz[]) day (date, begins, ends)
  cross join lateral (
    select {told} as told from schedule_slot s
    where s.doctor_id = d.user_id and s.starts_at >= day.begins and s.starts_at < day.ends and {open}
      and (%(provider)s <> 'none' or d.fee_amount = 0)
  ) its where its.told is not null
), '') || ']}}'
from people_doctor d where d.user_id = %(doctor)s and d.active
"""
SLOTS = DAYS.format(told=ITS_SLOTS, open=OPEN)
FREE_DAYS = DAYS.format(told=HOW_MANY, open=OPEN)

NEXT_OPENING = INSTANT.format("page.next_opening")
DOCTOR = f"""'{{"id":"' || d.user_id || '","name":' || to_json(d.name)
  || ',"specialization":{{"id":"' || specialization.id || '","name":' || to_json(specialization.name)
  || '}},"clinic":{{"id":"' || clinic.id || '","name":' || to_json(clinic.name)
  || '}},"timezone":' || to_json(d.timezone)
  || ',"fee":{{"amount":' || d.fee_amount || ',"currency":"' || clinic.currency
  || '"}},"nextOpening":"' || {NEXT_OPENING} || '"}}'"""
DOCTORS = f"""
select '{{"items":[' || coalesce((
  select string_agg({DOCTOR}, ',' order by page.next_opening, page.name, page.id)
  from page join people_doctor d on d.user_id = page.id
  join people_specialization specialization on specialization.id = d.specialization_id
  join people_clinic clinic on clinic.id = d.clinic_id
), '') || '],"page":' || %(page)s::bigint || ',"pageSize":' || %(size)s::bigint
  || ',"total":' || total || '}}'
from counted
"""  # noqa: S608 (all text of ours)

SPECIALIZATION = (
    """'{"id":"' || id || '","name":' || to_json(name) || ',"doctors":' || doctors || '}'"""
)
ALL_OF_THEM = f"""
select '{{"items":[' || coalesce(string_agg({SPECIALIZATION}, ',' order by name), '') || ']}}' from
"""  # noqa: S608 (as above)

Statement = tuple[str, dict[str, Any]]


def open_slots(doctor: UUID, first: date, last: date, zone: ZoneInfo) -> Statement:
    """The open slots of these days, by the local date of `zone`."""
    return SLOTS, _facts(doctor, first, last, zone)


def free_days(doctor: UUID, first: date, last: date, zone: ZoneInfo) -> Statement:
    """How many open slots these days have, those with any."""
    return FREE_DAYS, _facts(doctor, first, last, zone)


def _facts(doctor: UUID, first: date, last: date, zone: ZoneInfo) -> dict[str, Any]:
    dates = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    midnights = [datetime.combine(day, time(), zone) for day in (*dates, last + timedelta(days=1))]
    return {
        "provider": settings.PAYMENT_PROVIDER,
        "doctor": doctor,
        "timezone": zone.key,
        "dates": dates,
        "begins": midnights[:-1],
        "ends": midnights[1:],
    }


def doctors(wanted: Search, *, page: int, size: int) -> Statement:
    """A page of the doctors who have an open slot, the soonest first; pages count from 1."""
    text, facts = page_of(wanted, skip=(page - 1) * size, size=size)
    return text + DOCTORS, {**facts, "page": page}


def specializations() -> Statement:
    """Those of doctors who have an open slot, by name."""
    text, facts = all_specializations()
    return f"{ALL_OF_THEM} ({text}) counted", facts
