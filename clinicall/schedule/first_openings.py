"""Before which instant each doctor has no open slot, so that a search need not look through all slots.

It is a bound and not the answer: a search still looks from there. Whatever opens a time lowers it in the
same commit; what takes times leaves it, and a job raises it now and then (booking/searching.py). A hold
never counts: it may lapse with nobody writing so.
"""

from datetime import datetime
from uuid import UUID

from django.db import connection

LOWER = """
insert into schedule_firstopening as f (doctor_id, specialization_id, active, not_before)
select user_id, specialization_id, active, %s from people_doctor where user_id = %s
on conflict (doctor_id) do update set not_before = least(f.not_before, excluded.not_before)
"""
OF_ALL = """
insert into schedule_firstopening (doctor_id, specialization_id, active, not_before)
select user_id, specialization_id, active, first.starts_at
from (select doctor_id, min(starts_at) as starts_at from schedule_slot group by doctor_id) first
join people_doctor on user_id = doctor_id
on conflict (doctor_id) do update set not_before = excluded.not_before
"""


def may_open(doctor_id: UUID, starts_at: datetime) -> None:
    """A slot of this doctor that starts then may be had, once the present transaction commits.

    It comes last in a transaction, or near: whoever else opens a time of this doctor waits for its end.
    """
    with connection.cursor() as cursor:
        cursor.execute(LOWER, [starts_at, doctor_id])


def note_first_slots() -> None:
    """Of all doctors, for whoever wrote slots in bulk."""
    with connection.cursor() as cursor:
        cursor.execute(OF_ALL)
