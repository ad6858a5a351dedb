"""The booking write.

The baseline is one transaction with one insert under the same constraints on a bare table. What the
hold costs beside it is what its rules cost: lapsing, pricing, sealing, the payment, the transition.
"""

import time
from collections.abc import Callable, Iterator
from uuid import uuid4

from django.db import connection, transaction

from bench.figures import tell
from clinicall.booking.holds import Wish, hold_slot
from clinicall.booking.openings import open_slots
from clinicall.people.models import Patient, User

ROUNDS, HOLDS = 10, 50

BARE = """
create table bare (id uuid primary key, slot bigint, doctor uuid, patient uuid,
  starts_at timestamptz, ends_at timestamptz, unique (slot),
  exclude using gist (doctor with =, tstzrange(starts_at, ends_at) with &&),
  exclude using gist (patient with =, tstzrange(starts_at, ends_at) with &&))
"""
INSERT = """
insert into bare select %s, id, doctor_id, %s, starts_at, ends_at from schedule_slot where id = %s
on conflict do nothing
"""


def measure() -> None:
    slots = iter(open_slots().order_by("?"))
    cursor = connection.cursor()
    cursor.execute(BARE)

    def patients() -> Iterator[Patient]:
        for _ in range(HOLDS):
            yield Patient.objects.create(user=User.objects.create(email=f"{uuid4()}@bench.example"))

    def bare(slot_id: int, patient: Patient) -> None:
        with transaction.atomic():
            cursor.execute(INSERT, [uuid4(), patient.pk, slot_id])

    def hold(slot_id: int, patient: Patient) -> None:
        wish = Wish(
            slot_id, "Ana", "Perera", "+94112345678", "199012345678", "a@b.example", "Cough"
        )
        hold_slot(wish, patient, provider="sandbox")

    def timed(act: Callable[[int, Patient], None]) -> float:
        pairs = [(next(slots).pk, patient) for patient in patients()]
        started = time.perf_counter()
        for slot_id, patient in pairs:
            act(slot_id, patient)
        return (time.perf_counter() - started) / HOLDS * 1e6

    rounds = [(timed(bare), timed(hold)) for _ in range(ROUNDS)]
    tell(("bare insert", "hold"), rounds, "µs each")
