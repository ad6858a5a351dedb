"""Booking as programs do it: the hold alone, and all of it (hold, sandbox's payment, reading that it is
confirmed), by 8 clients and by one; each with a patient and a slot of its own.

The baseline of either is everything that PostgreSQL was really sent for one (bench/sent.py), sent again for
other patients and slots. Two more are sterner, on a bare table under the constraints that bookings have:
- *one insert*, of a slot and a patient;
- *four statements*, in one transaction: read the slot, insert its payment and it, mark it as paid. This
  stands for the pgbench beside which peers were measured (9,150 a second on their machine), so by it their
  figures are told as they would be here.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from bench import wrk
from bench.pgbench import CLIENTS, Script, script
from bench.rounds import Bench, Row
from bench.sent import LOGGED, Booking, Log
from bench.sized import Waiting, Wanted
from clinicall.schedule.models import Slot
from tests.server.serving import Answer, Server, serving

AT_ONCE, BARE_AT_ONCE = 2, 10  # of pgbench's bookings
# Bookings a second of the peers that book no slot twice, and how often pgbench did four statements there.
PEERS, PEERS_FOUR = {"Medplum": 80, "pretix": 9}, 9_150
TIMES_THE_BEST = 5

BARE = """
create table bare_payment (id uuid primary key, state text);
create table bare (id uuid primary key, slot bigint, doctor uuid, patient uuid,
  starts_at timestamptz, ends_at timestamptz, payment uuid references bare_payment, unique (slot),
  exclude using gist (doctor with =, tstzrange(starts_at, ends_at) with &&),
  exclude using gist (patient with =, tstzrange(starts_at, ends_at) with &&))
"""
INSERT = """
insert into bare select %(id)s::uuid, id, doctor_id, %(patient)s::uuid, starts_at, ends_at{}
from schedule_slot where id = %(slot)s on conflict do nothing
"""
FOUR = [
    "begin",
    "select starts_at, ends_at from schedule_slot where id = %(slot)s and starts_at > clinic_now()",
    "insert into bare_payment values (%(payment)s, 'created')",
    INSERT.format(", %(payment)s::uuid"),
    "update bare_payment set state = 'succeeded' where id = %(payment)s",
    "commit",
]
MADE = """
select count(*) from booking_appointment
where patient_id = any(%s) and slot_id = any(%s) and status = %s
"""
WISH = {
    "firstName": "Ana",
    "lastName": "Perera",
    "phone": "+94112345678",
    "nic": "199012345678",
    "email": "ana@bench.example",
    "reason": "Cough",
}


def measure(bench: Bench, waiting: Waiting) -> list[Row]:
    with bench.cluster.connect() as connection:
        connection.execute(BARE)
    by_http, by_statements = waiting.by_http, waiting.by_statements
    holding, booking = _what_is_sent(bench, [by_http.pop() for _ in range(3)])
    half = len(by_statements) // 2
    held = bench.row(
        "hold",
        _load(bench, by_http, "hold", CLIENTS),
        {
            "the same": _sent_again(bench, "hold", holding, by_statements[:half]),
            "one insert": _bare(bench, "insert", [INSERT.format("")]),
        },
    )
    booked = bench.row(
        "booking",
        _load(bench, by_http, "booking", CLIENTS),
        {
            "the same": _sent_again(bench, "booking", booking, by_statements[half:]),
            "four statements": _bare(bench, "four", FOUR),
        },
    )
    _refuse_idle(bench, "hold", "pending", by_statements[:half])
    _refuse_idle(bench, "booking", "confirmed", by_statements[half:])
    factor = booked.baselines["four statements"] / PEERS_FOUR
    peers = {name: rate * factor for name, rate in PEERS.items()}
    told = ", ".join(f"{name} {rate:.0f}" for name, rate in peers.items())
    booked = replace(booked, note=f"peers here, times {factor:.2f}: {told} per second")
    return [
        held.wants("ratio", 0.35),
        booked.wants("rate", TIMES_THE_BEST * max(peers.values())),
        bench.row("hold, one client", _load(bench, by_http, "hold", 1), {}).wants("p50", 5),
        bench.row("booking, one client", _load(bench, by_http, "booking", 1), {}).wants("p50", 12),
    ]


def hold(server: Server, wanted: Wanted) -> Answer:
    head = {
        "X-Session-Token": wanted.session,
        "Idempotency-Key": str(wanted.patient),
        "Content-Type": "application/json",
    }
    wish = json.dumps({**WISH, "slotId": str(wanted.slot)})
    return server.ask("POST", "/api/v1/appointments", wish.encode(), head)


def _load(
    bench: Bench, waiting: list[Wanted], what: str, clients: int
) -> Callable[[int], wrk.Load]:
    lines = bench.cluster.folder / "waiting"

    def load(seconds: int) -> wrk.Load:
        lines.write_text("".join(f"{one.line}\n" for one in waiting))
        seen = wrk.drive(
            "booking.lua", lines, bench.server.port, what, clients=clients, seconds=seconds
        )
        del waiting[: seen.spent]
        return seen

    return load


# --- The baselines ---


def _what_is_sent(bench: Bench, waiting: Sequence[Wanted]) -> tuple[Booking, Booking]:
    """For a hold, and for a whole booking, by a server that is warm."""
    cluster = bench.cluster
    with serving(
        cluster.folder,
        *("--no-worker", "--workers", "1"),
        DATABASE_URL=cluster.embedded.url + LOGGED,
    ) as server:
        _, another, last = (_book(server, one, cluster.embedded.log) for one in waiting)
    made, for_hold, rest = last
    checkout = made["payment"]["checkoutUrl"]
    told = {"reference": made["reference"], "token": _path(checkout).split("/")[-2]}
    others = [*another[1], *another[2]]
    holding = Booking(for_hold, others, of=waiting[-1], **told)
    return holding, Booking([*for_hold, *rest], others, of=waiting[-1], **told)


def _book(server: Server, wanted: Wanted, log: Path) -> tuple[Any, list[str], list[str]]:
    """The appointment as it was held, what was sent for that, and what was sent then."""
    before = Log(log)
    made = hold(server, wanted).json()
    held = Log(log)
    checkout = _path(made["payment"]["checkoutUrl"])
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    server.ask("POST", checkout, b"outcome=succeed", form)
    session = {"X-Session-Token": wanted.session}
    read = server.ask("GET", f"/api/v1/appointments/{made['id']}", headers=session).json()
    assert read["status"] == "confirmed"
    return made, before.statements(until=held.start), held.statements()


def _path(address: str) -> str:
    return urlsplit(address).path


def _sent_again(bench: Bench, name: str, booking: Booking, waiting: Sequence[Wanted]) -> Script:
    askings = booking.askings(waiting)
    return script(bench.cluster, name, booking.statements, askings, at_once=AT_ONCE, again=False)


def _refuse_idle(bench: Bench, name: str, status: str, waiting: Sequence[Wanted]) -> None:
    """Each of pgbench's bookings has to have made one."""
    patients = [wanted.patient for wanted in waiting]
    slots = [wanted.slot for wanted in waiting]
    rows = bench.cluster.number(f"select last_value from bench_{name}_order")
    made = bench.cluster.number(MADE, patients, slots, status)
    assert made == rows * AT_ONCE, f"{made} were made by {rows * AT_ONCE} of {name}"


def _bare(bench: Bench, name: str, statements: Sequence[str]) -> Script:
    slots = list(Slot.objects.values_list("pk", flat=True))
    Random(1).shuffle(slots)
    askings = (
        {"slot": slot, "id": uuid4(), "patient": uuid4(), "payment": uuid4()} for slot in slots
    )
    return script(
        bench.cluster,
        name,
        statements,
        askings,
        at_once=BARE_AT_ONCE,
        again=True,
        before="truncate bare, bare_payment",
    )
