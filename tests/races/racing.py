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
    """For a control: the named unique or exclusion constraints are gone, so the race must go wrong."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select c.relname, pg_get_indexdef(i.indexrelid), con.conname,"
            " pg_get_constraintdef(con.oid)"
            " from pg_index i join pg_class c on c.oid = i.indexrelid"
            " left join pg_constraint con on con.conindid = i.indexrelid and con.contype in ('u', 'x')"
            " where i.indrelid = %s::regclass and c.relname = any(%s)",
            [table, list(constraints)],
        )
        found = cursor.fetchall()
        assert len(found) == len(constraints)
        for index, _, constraint, _ in found:
            cursor.execute(
                f"alter table {table} drop constraint {constraint}"
                if constraint
                else f"drop index {index}"
            )
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("truncate booking_appointment cascade")
            for _, definition, constraint, of_it in found:
                cursor.execute(
                    f"alter table {table} add constraint {constraint} {of_it}"
                    if constraint
                    else definition
                )
