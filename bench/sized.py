"""A clinic of the size at which peers were measured, and patients who know which time they want."""

import secrets
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import time as wall_time
from typing import NamedTuple
from unittest.mock import patch
from uuid import UUID

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import connection

from clinicall.jobs import demo
from clinicall.jobs.demo_cast import Hours
from clinicall.people.models import User
from clinicall.people.sessions import LIMITS, OF_PATIENTS, SessionStore, end_if_used_now

DOCTORS, DAYS, PATIENTS = 200, 30, 1000
# Patients more: those who can book by HTTP, and those by statements alone.
SIGNED_IN, OTHERS = 20_000, 30_000
A_DAY = [(Hours(frozenset(range(7)), wall_time(9), wall_time(17), 15),)]  # 32 slots
CROWDED = f"doctor3@{demo.DOMAIN}"  # has no visit today, and asks for a fee
CROWD = 230

# Copies of the first patient, whatever columns there are.
MORE = """
with one as (select id from people_user where email = %(first)s),
made as (
  insert into people_user select (jsonb_populate_record(u, jsonb_build_object(
    'id', gen_random_uuid(), 'email', 'patient' || n || '@bench.example'))).*
  from people_user u, generate_series(1, %(count)s) n where u.id = (select id from one)
  returning id)
insert into people_patient select (jsonb_populate_record(p, jsonb_build_object('user_id', made.id))).*
from people_patient p, made where p.user_id = (select id from one)
returning user_id
"""
FREE = """
select s.id, s.doctor_id from schedule_slot s join people_doctor d on d.user_id = s.doctor_id
where s.starts_at > clinic_now() + interval '1 day' and d.fee_amount > 0
  and (d.user_id = %(crowded)s) = %(are_crowded)s
  and not exists (select from booking_appointment a where a.slot_id = s.id)
order by s.starts_at > clinic_now() + interval '16 days', random()
"""


class Wanted(NamedTuple):
    """Whom a slot is for, and of which doctor it is."""

    patient: UUID
    slot: int
    doctor: UUID
    session: str

    @property
    def line(self) -> str:
        """For booking.lua; the patient's id does for a key that is used once."""
        return f"{self.session} {self.slot} {self.patient}"


@dataclass
class Waiting:
    """Those who have not booked yet: a crowd for one doctor, some to book by HTTP, and by statements."""

    crowd: list[Wanted]
    by_http: list[Wanted]
    by_statements: list[Wanted]


def load() -> Waiting:
    with patch.object(demo, "WEEKS", A_DAY):
        call_command("demo", doctors=DOCTORS, days=DAYS, patients=PATIENTS, verbosity=0)
    crowded = User.objects.get(email=CROWDED).pk
    with connection.cursor() as cursor:
        cursor.execute(
            MORE, {"first": f"patient1@{demo.DOMAIN}", "count": CROWD + SIGNED_IN + OTHERS}
        )
        patients = [patient for (patient,) in cursor.fetchall()]
        free = []
        for are_crowded in (True, False):
            cursor.execute(FREE, {"crowded": crowded, "are_crowded": are_crowded})
            free.append(cursor.fetchall())
        cursor.execute("analyze")
    at_crowded, anywhere = free
    sessions = _signed_in(patients[: CROWD + SIGNED_IN])
    others = patients[CROWD + SIGNED_IN :]
    # Twice each: once in the first half of the month and once in the second, so never at one time.
    twice = anywhere[SIGNED_IN:][:OTHERS] + anywhere[-OTHERS:]
    return Waiting(
        _wanted(patients[:CROWD], at_crowded, sessions[:CROWD]),
        _wanted(patients[CROWD:], anywhere, sessions[CROWD:]),
        _wanted(others * 2, twice, [""] * len(twice)),
    )


def _wanted(
    patients: Iterable[UUID], times: Iterable[tuple[int, UUID]], sessions: Iterable[str]
) -> list[Wanted]:
    together = zip(patients, times, sessions, strict=False)
    return [Wanted(patient, slot, doctor, session) for patient, (slot, doctor), session in together]


def _signed_in(patients: Sequence[UUID]) -> list[str]:
    """A session for each, as a program has after its sign-in."""
    return [session.session_key for session in Session.objects.bulk_create(_sessions(patients))]


def _sessions(patients: Sequence[UUID]) -> Iterator[Session]:
    idle, whole = (limit.total_seconds() for limit in OF_PATIENTS)
    limits = {"idle": idle, "until": time.time() + whole}
    (backend,) = settings.AUTHENTICATION_BACKENDS
    password = User.objects.get(pk=patients[0]).get_session_auth_hash()  # of all the same
    for patient in patients:
        content = {
            SESSION_KEY: str(patient),
            BACKEND_SESSION_KEY: backend,
            HASH_SESSION_KEY: password,
            LIMITS: limits,
        }
        yield Session(
            session_key=secrets.token_hex(16),
            session_data=SessionStore().encode(content),
            expire_date=end_if_used_now(limits),
        )
