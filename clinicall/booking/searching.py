"""Searching doctors who have an open slot, soonest first: among a dozen, or among a hundred thousand.

Where at most EXACT doctors match, each of them is looked at, and order and total are the truth of the
moment. Where more do, they are gone through by their bounds (schedule/first_openings.py), and only those
of the page are looked at: the list then may be ordered as of a minute ago, but shows nobody without an
open slot. It goes on for MOST doctors: who means a later one has more to ask for.
"""

from collections.abc import Iterable
from dataclasses import dataclass
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

# Who may be found, `d` being the doctor and `f` their bound.
FINDABLE = "d.active and f.not_before is not null and (%(provider)s <> 'none' or d.fee_amount = 0)"

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
  select d.user_id as id, d.name, f.not_before
  from schedule_firstopening f join people_doctor d on d.user_id = f.doctor_id
  where {matches}
  order by f.not_before, d.name, d.user_id limit %(most)s
), few as materialized (
  select count(*) <= %(exact)s as all_looked_at, count(*) as n from matching
), wanted as (
  select id, name, not_before from matching order by not_before, name, id
  offset case when (select all_looked_at from few) then 0 else %(skip)s end
  limit case when (select all_looked_at from few) then %(exact)s else %(size)s end
), found as materialized (
  select wanted.id, wanted.name, first.*
  from wanted cross join lateral ({first_times}) first where first.next_opening is not null
), counted as (
  select case when all_looked_at then (select count(*) from found) else n end as total from few
), page as (
  select * from found order by next_opening, name, id
  offset case when (select all_looked_at from few) then %(skip)s else 0 end limit %(size)s
)
"""

# Each with how many doctors can be found in it; of many doctors, as their bounds have it.
SPECIALIZATIONS = f"""
with matching as materialized (
  select d.user_id as id, d.specialization_id, f.not_before
  from schedule_firstopening f join people_doctor d on d.user_id = f.doctor_id
  where {FINDABLE}
)
select specialization.id, specialization.name, count(*) as doctors
from matching wanted join people_specialization specialization on specialization.id = specialization_id
where (select count(*) > %(exact)s from matching) or exists (
  select from schedule_slot s
  where s.doctor_id = wanted.id and s.starts_at >= wanted.not_before and {OPEN})
group by specialization.id
"""  # noqa: S608 (as above)

DOCTORS = """
select total, page.id, slots, starts, ends from counted left join page on true
order by next_opening, name, id
"""

STALE = """
select f.doctor_id from schedule_firstopening f
where f.not_before is not null and (
  f.not_before <= (select clinic_now())
  or not exists (select from schedule_slot s where s.doctor_id = f.doctor_id and s.starts_at = f.not_before)
  or exists (
    select from booking_appointment a where a.doctor_id = f.doctor_id and a.starts_at = f.not_before
      and a.status in ('confirmed', 'completed')))
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
    """A page of those found. `total` is the number of all, or MOST where that is reached."""

    found: list[Found]
    total: int


def search(wanted: Search, *, skip: int = 0, size: int) -> Results:
    """In one query, and one for what is said of the doctors."""
    text, facts = page_of(wanted, skip=skip, size=size)
    with connection.cursor() as cursor:
        cursor.execute(text + DOCTORS, facts)
        rows = cursor.fetchall()
    total = rows[0][0]
    times = {pk: list(_slots(pk, *columns)) for _, pk, *columns in rows if pk}
    doctors = Doctor.objects.select_related("clinic", "specialization").in_bulk(times)
    return Results([Found(doctors[pk], times[pk]) for pk in times], total)


def specializations() -> list[Counted]:
    """Those in which somebody can be found, by name, each with how many `doctors`."""
    with connection.cursor() as cursor:
        cursor.execute(f"{SPECIALIZATIONS} order by specialization.name", who_can_be_found())
        rows = cursor.fetchall()
    return [Counted(pk=pk, name=name, doctors=doctors) for pk, name, doctors in rows]


def who_can_be_found() -> dict[str, Any]:
    """The parameters of FINDABLE, and from how many on nobody is looked at one by one."""
    return {"provider": settings.PAYMENT_PROVIDER, "exact": EXACT}


def _slots(doctor_id: UUID, *columns: Iterable[Any]) -> Iterable[Slot]:
    for pk, starts_at, ends_at in zip(*columns, strict=True):
        yield Slot(pk=pk, doctor_id=doctor_id, starts_at=starts_at, ends_at=ends_at)


def page_of(wanted: Search, *, skip: int, size: int) -> tuple[str, dict[str, Any]]:
    """The common table expressions of PAGE for this search, and their parameters."""
    facts = {**who_can_be_found(), "times": TIMES, "most": MOST, "size": size}
    facts["skip"] = min(skip, MOST)  # beyond it there is nobody, however far
    matches = [FINDABLE]
    if wanted.specialization is not None:
        matches.append("d.specialization_id = %(specialization)s")
        facts["specialization"] = wanted.specialization
    if wanted.clinic is not None:
        matches.append("d.clinic_id = %(clinic)s")
        facts["clinic"] = wanted.clinic
    # What folds to nothing is looked for as it is, and found nowhere.
    for n, word in enumerate(folded(wanted.name).split() or wanted.name.split()):
        matches.append(f"d.name_folded like %(word{n})s")
        facts[f"word{n}"] = f"%{_literally(word)}%"
    return PAGE.format(matches=" and ".join(matches), first_times=FIRST_TIMES), facts


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
