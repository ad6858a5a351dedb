"""Races: everybody starts at once, each on a database connection of their own."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import Barrier, Thread

from django.db import connection

from clinicall.core.refusals import Refusal


def race(acts: Sequence[Callable[[], object]]) -> list[str]:
    """What became of each, in order: `won`, or the code it was refused with. Faults are raised."""
    results = ["" for _ in acts]
    faults: list[BaseException] = []
    barrier = Barrier(len(acts))

    def run(place: int, act: Callable[[], object]) -> None:
        try:
            connection.ensure_connection()
            barrier.wait(timeout=30)
            act()
            results[place] = "won"
        except Refusal as refusal:
            results[place] = refusal.code
        except BaseException as fault:
            faults.append(fault)
            barrier.abort()
            raise
        finally:
            connection.close()

    threads = [Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise faults[0]
    return results


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
            cursor.execute("truncate booking_appointment cascade")
            for _, _, add in found:
                cursor.execute(add)
