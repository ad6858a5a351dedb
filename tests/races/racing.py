"""Races: everybody starts at once, each on a database connection of their own.

And their controls: `without` a constraint, or with statements `weakened`, the same race must go wrong.
A control leaves nothing to luck: `overtaken` and `meeting` lead everybody through the gap that the
guard closes. With the guard in place they change nothing, and that is tested too.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from queue import SimpleQueue
from threading import Barrier, BrokenBarrierError, Event, Semaphore, Thread
from typing import Any

import psycopg
from django.db import OperationalError, connection

from clinicall.core.refusals import Refusal

Act = Callable[[], object]
Staging = Callable[[Act, Act], list[Act]]
Execute = Callable[[str, Any, bool, dict[str, Any]], Any]
# Seconds. Whoever waits for somebody whom a lock keeps out goes on after this. A control can wait for
# longer, on a busy machine too; where there are no locks, everybody comes in the end.
PATIENCE, IN_A_CONTROL, WITHOUT_LOCKS = 0.2, 1, 20


class Racer:
    """A thread and its connection, kept from race to race: to connect costs more than to claim."""

    def __init__(self) -> None:
        self.acts: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self.thread = Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self) -> None:
        with connection.execute_wrapper(_watched):
            while act := self.acts.get():
                act()
        connection.close()


_racers: list[Racer] = []
_weaknesses: list[tuple[str, str]] = []
# Of the present race, whether or not it was tried again and so hidden from people.
deadlocks: list[str] = []


def _watched(execute: Execute, sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
    for what, instead in _weaknesses:
        sql = re.sub(what, instead, sql)
    try:
        return execute(sql, params, many, context)
    except OperationalError as error:
        if isinstance(error.__cause__, psycopg.errors.DeadlockDetected):
            deadlocks.append(sql)
        raise


def race(acts: Sequence[Act]) -> list[str]:
    """What became of each, in order: `won`, or the code it was refused with. No fault may reach anybody."""
    deadlocks.clear()
    results = ["" for _ in acts]
    faults: list[BaseException] = []
    barrier, finished = Barrier(len(acts)), Semaphore(0)

    def run(place: int, act: Act) -> None:
        try:
            connection.ensure_connection()
            barrier.wait(timeout=30)
            act()
            results[place] = "won"
        except Refusal as refusal:
            results[place] = refusal.code
        except BaseException as fault:  # noqa: BLE001 (it is raised where the race was started)
            faults.append(fault)
            barrier.abort()
        finally:
            finished.release()

    while len(_racers) < len(acts):
        _racers.append(Racer())
    for racer, (place, act) in zip(_racers, enumerate(acts), strict=False):
        racer.acts.put(partial(run, place, act))
    for _ in acts:
        finished.acquire()
    if faults:
        raise AssertionError("a fault reached somebody") from faults[0]
    return results


def go_home() -> None:
    """All connections are closed."""
    for racer in _racers:
        racer.acts.put(None)
    for racer in _racers:
        racer.thread.join()
    _racers.clear()


# --- The controls ---


def goes_wrong(one_round: Callable[[], None]) -> bool:
    try:
        one_round()
    except AssertionError:
        return True
    return False


@contextmanager
def without(table: str, *constraints: str) -> Iterator[None]:
    """For a control: the named constraints or unique indexes are gone, so the race must go wrong."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select conname, 'alter table ' || conrelid::regclass || ' drop constraint ' || conname,"
            " 'alter table ' || conrelid::regclass || ' add constraint ' || conname || ' '"
            " || pg_get_constraintdef(oid)"
            " from pg_constraint where conrelid = %(table)s::regclass and conname = any(%(names)s)"
            " union all "
            "select c.relname, 'drop index ' || c.relname, pg_get_indexdef(c.oid)"
            " from pg_index i join pg_class c on c.oid = i.indexrelid"
            " where i.indrelid = %(table)s::regclass and c.relname = any(%(names)s)"
            " and not exists (select from pg_constraint where conindid = c.oid"
            " and conrelid = i.indrelid)",
            {"table": table, "names": list(constraints)},
        )
        found = cursor.fetchall()
        assert {name for name, _, _ in found} == set(constraints)
        for _, drop, _ in found:
            cursor.execute(drop)
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"truncate {table}, booking_appointment cascade")
            for _, _, add in found:
                cursor.execute(add)


# What of a statement becomes what.
NO_LOCKS = (r'(?i)\s+for (no key update|update|key share)( of [\w".]+)?', "")
FROM_ANY_STATUS = (r"(where id = %\(id\)s) and status = %\(came_from\)s::text", r"\1")
AT_ANY_NEWS = (r"(where id = %s) and state <> 'succeeded'", r"\1")
HOWEVER_LATE = (
    r'("payments_payment"."next_look_at"|"payments_refund"."next_try_at") = %s',
    r"(\1 = %s OR true)",
)


WITH_ITS_KEY = (r"FOR NO KEY UPDATE", "FOR UPDATE")
WRITES_THE_APPOINTMENT = 'with taken as|update "booking_appointment"'


@contextmanager
def weakened(*weaknesses: tuple[str, str]) -> Iterator[None]:
    """For a control: the racers' statements, written without what makes them safe."""
    _weaknesses.extend(weaknesses)
    try:
        yield
    finally:
        _weaknesses.clear()


def _patience() -> float:
    if NO_LOCKS in _weaknesses:
        return WITHOUT_LOCKS
    return IN_A_CONTROL if _weaknesses else PATIENCE


def rewritten(act: Act, what: str, instead: str) -> None:
    """`weakened` for one of them alone."""

    def write(execute: Execute, sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        return execute(re.sub(what, instead, sql), params, many, context)

    with connection.execute_wrapper(write):
        act()


def overtaken(slow: Act, before: str, *fast: Act, after: str = "") -> list[Act]:
    """`slow` has read and stops short of the first statement like `before`, or of the first that comes
    right after one like `after`, while the others act."""
    stopped, passed = Event(), Semaphore(0)

    def stop() -> None:
        stopped.set()
        all(passed.acquire(timeout=_patience()) for _ in fast)

    def hesitate() -> None:
        try:
            _stopping(slow, before, stop, after)
        finally:
            stopped.set()

    def overtake(act: Act) -> None:
        stopped.wait(timeout=30)
        try:
            act()
        finally:
            passed.release()

    return [hesitate, *(partial(overtake, act) for act in fast)]


def all_at_once(one: Act, other: Act) -> list[Act]:
    return [one, other] * 25


def the_second_in_between(one: Act, other: Act) -> list[Act]:
    """What the first has read, the second changes before the first writes."""
    return overtaken(one, WRITES_THE_APPOINTMENT, other)


def meeting(before: str, acts: Sequence[Act]) -> list[Act]:
    """All have read before one goes on to its statement like `before`."""
    barrier = Barrier(len(acts))

    def stop() -> None:
        with suppress(BrokenBarrierError):
            barrier.wait(timeout=_patience())

    return [partial(_stopping, act, before, stop) for act in acts]


def _stopping(act: Act, before: str, stop: Callable[[], None], after: str = "") -> None:
    """Once, the first time."""
    stops, last = [stop], ""

    def look(execute: Execute, sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        nonlocal last
        if stops and _is_like(before, sql) and _is_like(after, last):
            stops.pop()()
        last = sql
        return execute(sql, params, many, context)

    with connection.execute_wrapper(look):
        act()


def _is_like(what: str, sql: str) -> bool:
    return bool(re.match(what, sql.lstrip(), re.IGNORECASE))
