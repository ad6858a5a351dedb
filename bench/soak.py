"""Some tens of clients for as long as it is wanted, while one thing after another goes wrong."""

import statistics
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass

from bench.faults import Faults
from bench.resting import pss
from bench.storm_clinic import Clinic, memory
from bench.visitors import Visitors, percentiles
from tests.cluster.load import Load
from tests.server.serving import clinicall, wait_for

BOOKING, READING, WATCHING = (16, 2.0), (16, 0.5), (8, 0.0)  # clients, and seconds they rest
HOLD_MINUTES = "1"  # so that many lapse
PARTS = 20  # of the soak; there is a fault at the end of each but the last two
SETTLES = 150.0  # seconds that the last holds and refunds are given
SAMPLE_EVERY = 5.0  # seconds

UNSETTLED = """
select p.id::text from payments_payment p
left join payments_refund r on r.payment_id = p.id
left join booking_appointment a on a.payment_id = p.id
where not coalesce(
  p.state = 'succeeded' and a.status in ('confirmed', 'completed')
  or p.state = 'succeeded' and r.state = 'succeeded'
  or p.state in ('failed', 'cancelled') and a.status = 'cancelled'
  or p.state in ('created', 'pending') and a.status = 'pending' and a.held_until > clinic_now(), false)
"""
ENDS = """
select id::text, status || case when cancel_reason = '' then '' else ': ' || cancel_reason end
from booking_appointment where id = any(%s::uuid[])
"""
TWICE = """
select slot_id::text from booking_appointment where status <> 'cancelled'
group by slot_id having count(*) > 1
"""
OPEN = "select id::text from booking_appointment where status = 'pending'"

Moment = tuple[float, float]  # seconds since the start, and MB


@dataclass(frozen=True)
class Soaked:
    """`wrong` is what must never be. Memory is in MB (PSS), of all of the server's processes."""

    minutes: float
    requests: dict[str, int]
    retried: dict[str, int]
    statuses: list[int]  # of answers of 500 and above, seen at first tries
    took: dict[str, dict[str, float]]  # milliseconds, with the second try where one was needed
    faults: list[tuple[float, str, float]]  # at which second, what, and seconds until all was there
    ends: dict[str, int]  # what became of the holds that were answered
    cut: int  # live pages
    away: float  # seconds, the longest of them
    heard: int  # by live pages
    memory: tuple[float, float]
    growth: float  # MB a minute, second half, of the process that nothing happened to
    connections: tuple[int, int]
    settled_after: float  # seconds
    wrong: list[str]


def measure(clinic: Clinic, minutes: float) -> Soaked:
    with clinic.served_by(workers=2, HOLD_MINUTES=HOLD_MINUTES) as server:
        visitors = Visitors(clinic.waiting, Load(server.port))
        faults = Faults(clinic, server)
        try:
            with visitors.visiting((visitors.books, 1, 0), (visitors.reads, 1, 0)):
                time.sleep(5)  # what the very first cost is not the others'
            visitors.forget()
            moments = [60 * minutes * part / PARTS for part in range(1, PARTS - 1)]
            before = memory(server), clinic.connected()
            with visitors.visiting(
                (visitors.books, *BOOKING),
                (visitors.reads, *READING),
                (visitors.watches, *WATCHING),
            ):
                sizes = _while_faults_happen(faults, moments, 60 * minutes)
            ended = time.monotonic()
            _settle(clinic)
            settled_after = time.monotonic() - ended
            after = memory(server), clinic.connected()
        finally:
            faults.end()
    load = visitors.load
    book = dict(clinic.database.sql(ENDS, list(load.held)))
    return Soaked(
        minutes,
        dict(load.asked),
        dict(load.retried),
        sorted(load.faults),
        {what: percentiles(took) for what, took in visitors.took.items()},
        faults.happened,
        dict(Counter(book.values()).most_common()),
        len(visitors.away),
        max(visitors.away, default=0.0),
        visitors.heard,
        (before[0], after[0]),
        growth(sizes),
        (before[1], after[1]),
        settled_after,
        _wrong(clinic, visitors, book),
    )


def _while_faults_happen(
    faults: Faults, moments: Sequence[float], seconds: float
) -> Sequence[Moment]:
    """How large the process was meanwhile that nothing happens to."""
    started, sizes = time.monotonic(), []
    with ThreadPoolExecutor(1) as thread:
        happening = thread.submit(faults.happen, started, moments)
        while (since := time.monotonic() - started) < seconds:
            sizes.append((since, pss(faults.rests)))
            time.sleep(SAMPLE_EVERY)
        happening.result()
    return sizes


def growth(sizes: Sequence[Moment]) -> float:
    """MB a minute, in the second half: the slope of the line that fits best."""
    half = sizes[len(sizes) // 2 :]
    return statistics.linear_regression(*zip(*half, strict=True)).slope * 60


def _settle(clinic: Clinic) -> None:
    """Give what was begun the time to end."""
    with suppress(AssertionError):  # what has not ended then is told as wrong
        wait_for(lambda: not clinic.database.sql(f"{UNSETTLED} union all {OPEN}"), SETTLES)


def _wrong(clinic: Clinic, visitors: Visitors, book: Mapping[str, str]) -> list[str]:
    wrong = [f"not settled: payment {id_}" for (id_,) in clinic.database.sql(UNSETTLED)]
    wrong += [f"given twice: slot {slot}" for (slot,) in clinic.database.sql(TWICE)]
    wrong += [f"lost: hold {id_}" for id_ in visitors.load.held if id_ not in book]
    wrong += [
        f"lost: visit {id_}" for id_ in visitors.load.confirmed if book.get(id_) != "confirmed"
    ]
    check = clinicall("check-invariants", data=clinic.folder, DATABASE_URL=clinic.database.url)
    if check.wait():
        wrong.append(check.said())
    return wrong + visitors.load.failed + visitors.broken
