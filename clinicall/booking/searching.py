"""Searching doctors who have an open slot, soonest first: among a dozen, or among a hundred thousand.

Where at most EXACT doctors match, each of them is looked at, and order and total are the truth of the
moment. Where more do, they are gone through by their bounds (schedule/first_openings.py), and only those
of the page are looked at: the list then may be ordered as of a minute ago, but shows nobody without an
open slot. It goes on for MOST doctors: who means a later one has more to ask for.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from clinicall.core.folding import folded
from clinicall.people.models import Doctor
from clinicall.schedule.models import Slot

EXACT, MOST = 200, 1000
TIMES = 3  # of each doctor, that a list shows
AT_ONCE = 1000  # doctors whose bounds are raised in one transaction

# Of a slot `s`: what `openings.open_slots` says, but for what it asks of the doctor.
OPEN = """
  s.starts_at > (select clinic_now()) and not exists (
    select from booking_appointment a
    where a.slot_id = s.id and a.status in ('pending', 'confirmed', 'completed')
      and (a.status <> 'pending' or a.held_until > (select clinic_now())))
"""

# Who may be found, by their bound `f`; and where nothing can be paid, by what the doctor `d` asks for.
FINDABLE = "f.active and f.not_before is not null"
FREE_OF_CHARGE = "d.fee_amount = 0"

FIRST_TIMES = f"""
select min(t.starts_at) as next_opening, array_agg(t.id order by t.starts_at) as slots,
  array_agg(t.starts_at order by t.starts_at) as starts, array_agg(t.ends_at order by t.starts_at) as ends
from (
  select s.id, s.starts_at, s.ends_at from schedule_slot s
  where s.doctor_id = wanted.id and s.starts_at >= wanted.not_before and {OPEN}
  order by s.starts_at limit %(times)s
) t
"""  # noqa: S608 (all text of ours)

# `page` is what was asked for, and `counted.total` how many there are.
PAGE = """
with matching as materialized (
  select f.doctor_id as id, f.not_before
  from {doctors} where {matches}
  order by f.not_before, f.doctor_id limit %(most)s
), few as materialized (
  select count(*) <= %(exact)s as all_looked_at, count(*) as n from matching
), wanted as (
  select id, not_before from matching order by not_before, id
  offset case when (select all_looked_at from few) then 0 else %(skip)s end
  limit case when (select all_looked_at from few) then %(exact)s else %(size)s end
), found as materialized (
  select wanted.id, d.name, first.*
  from wanted join people_doctor d on d.user_id = wanted.id
  cross join lateral ({first_times}) first where first.next_opening is not null
), counted as (
  select case when all_looked_at then (select count(*) from found) else n end as total from few
), page as (
  select * from found order by next_opening, name, id
  offset case when (select all_looked_at from few) then %(skip)s else 0 end limit %(size)s
)
"""

# Each with how many doctors can be found in it; of many doctors, as their bounds have it.
SPECIALIZATIONS = f"""
with matching as (
  select from {{doctors}} where {{matches}} limit %(exact)s + 1
), few as materialized (
  select count(*) <= %(exact)s as all_looked_at from matching
), counted as (
  select specialization_id, count(*) as doctors from (
    select f.doctor_id as id, f.specialization_id, f.not_before from {{doctors}} where {{matches}}
  ) wanted
  where not (select all_looked_at from few) or exists (
    select from schedule_slot s
    where s.doctor_id = wanted.id and s.starts_at >= wanted.not_before and {OPEN})
  group by specialization_id
)
select specialization.id, specialization.name, doctors
from counted join people_specialization specialization on specialization.id = specialization_id
"""  # noqa: S608 (as above)

DOCTORS = """
select (select clinic_now()), total, page.id, slots, starts, ends from counted left join page on true
order by next_opening, name, id
"""

# The bounds that are too low: their time is past, withdrawn, or taken for good. A subquery that answers a
# value is asked for each doctor by an index; `exists` may be answered by reading all visits there ever were.
STALE = """
select f.doctor_id from schedule_firstopening f
where f.not_before is not null and (
  f.not_before <= (select clinic_now())
  or (
    select s.id from schedule_slot s
    where s.doctor_id = f.doctor_id and s.starts_at = f.not_before and not exists (
      select from booking_appointment a where a.slot_id = s.id and a.status in ('confirmed', 'completed'))
  ) is null)
limit %s for update of f skip locked
"""
# In a statement of its own: it has to see what was committed before the lock was had.
RAISE = """
update schedule_firstopening f set not_before = (
  select s.starts_at from schedule_slot s
  where s.doctor_id = f.doctor_id and s.starts_at > (select clinic_now()) and not exists (
    select from booking_appointment a where a.slot_id = s.id and a.status in ('confirmed', 'completed'))
  order by s.starts_at limit 1)
where f.doctor_id = any(%s)
"""


@dataclass(frozen=True)
class Search:
    """What is asked for: each word of `name` is found anywhere in theirs (core/folding.py)."""

    name: str = ""
    specialization: int | None = None
    clinic: UUID | None = None


@dataclass(frozen=True)
class Found:
    """A doctor, and the first of their open slots, of which there is one at least."""

    doctor: Doctor
    times: list[Slot]


@dataclass(frozen=True)
class Counted:
    """A specialization, and how many doctors can be found in it."""

    pk: int
    name: str
    doctors: int


@dataclass(frozen=True)
class Results:
    """A page of those found `at` this instant. `total` is the number of all, or MOST if that is reached."""

    found: list[Found]
    total: int
    at: datetime


def search(wanted: Search, *, skip: int = 0, size: int) -> Results:
    """In one query, and one for what is said of the doctors."""
    text, facts = page_of(wanted, skip=skip, size=size)
    with connection.cursor() as cursor:
        cursor.execute(text + DOCTORS, facts)
        rows = cursor.fetchall()
    at, total = rows[0][:2]
    times = {pk: list(_slots(pk, *columns)) for _, _, pk, *columns in rows if pk}
    doctors = Doctor.objects.select_related("clinic", "specialization").in_bulk(times)
    return Results([Found(doctors[pk], times[pk]) for pk in times], total, at)


def specializations() -> list[Counted]:
    """Those in which somebody can be found, by name, each with how many `doctors`."""
    text, facts = all_specializations()
    with connection.cursor() as cursor:
        cursor.execute(f"{text} order by specialization.name", facts)
        rows = cursor.fetchall()
    return [Counted(pk=pk, name=name, doctors=doctors) for pk, name, doctors in rows]


def all_specializations() -> tuple[str, dict[str, Any]]:
    """SPECIALIZATIONS for this clinic, and its parameters."""
    return SPECIALIZATIONS.format(**_among([])), {"exact": EXACT}


def _among(matches: Sequence[str]) -> dict[str, str]:
    """Of whom all of `matches` is true, and who can be found. Doctors' own rows are read only for what is
    asked of them."""
    free = [] if settings.PAYMENT_PROVIDER != "none" else [FREE_OF_CHARGE]
    every = [FINDABLE, *free, *matches]
    doctors = "schedule_firstopening f"
    if any("d." in one for one in every):
        doctors += " join people_doctor d on d.user_id = f.doctor_id"
    return {"doctors": doctors, "matches": " and ".join(every)}


def _slots(doctor_id: UUID, *columns: Iterable[Any]) -> Iterable[Slot]:
    for pk, starts_at, ends_at in zip(*columns, strict=True):
        yield Slot(pk=pk, doctor_id=doctor_id, starts_at=starts_at, ends_at=ends_at)


def page_of(wanted: Search, *, skip: int, size: int) -> tuple[str, dict[str, Any]]:
    """The common table expressions of PAGE for this search, and their parameters."""
    facts: dict[str, Any] = {"exact": EXACT, "times": TIMES, "most": MOST, "size": size}
    facts["skip"] = min(skip, MOST)  # beyond it there is nobody, however far
    matches = []
    if wanted.specialization is not None:
        matches.append("f.specialization_id = %(specialization)s")
        facts["specialization"] = wanted.specialization
    if wanted.clinic is not None:
        matches.append("d.clinic_id = %(clinic)s")
        facts["clinic"] = wanted.clinic
    # What folds to nothing is looked for as it is, and found nowhere.
    words = folded(wanted.name).split() or wanted.name.split()
    if words and wanted.specialization is not None:
        # Said of both rows, either's index spares the reading of all names.
        matches.append("d.specialization_id = %(specialization)s")
    for n, word in enumerate(words):
        matches.append(f"d.name_folded like %(word{n})s")
        facts[f"word{n}"] = f"%{_literally(word)}%"
    return PAGE.format(**_among(matches), first_times=FIRST_TIMES), facts


def _literally(word: str) -> str:
    """As a pattern of LIKE."""
    return "".join(f"\\{letter}" if letter in "\\%_" else letter for letter in word)


def raise_first_openings() -> None:
    """Bring every bound up to the doctor's first slot that is still to come and not taken for good."""
    while _raise_some() == AT_ONCE:
        pass


@transaction.atomic
def _raise_some() -> int:
    with connection.cursor() as cursor:
        cursor.execute(STALE, [AT_ONCE])
        doctors = [doctor_id for (doctor_id,) in cursor.fetchall()]
        cursor.execute(RAISE, [doctors])
    return len(doctors)
