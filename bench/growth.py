"""What every path that is asked often costs as the clinic grows: `make bench-growth`.

Each is asked with other parameters each time and for each set some times over, of which the quickest
counts: so what else the machine does hardly matters, and p50 and p95 are of the parameters. All is rolled
back. Buffers are the 8 kB pages that PostgreSQL looked at, and exact. Times are CPU: that of the one process
of PostgreSQL that answers, with its planning, as Linux counts it; of pages, Python's is told beside it.
"""

import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

from clinicall.server.postgres import Embedded

if TYPE_CHECKING:
    from bench.asking import Path as Asked

SETS, TIMES = 16, 3
ROUNDS = 3  # of what the clock does, which has no parameters
MB = 1e6
WITHOUT_PLAN = ("SAVEPOINT", "RELEASE", "ROLLBACK", "SET", "LISTEN")
SERVER = {
    "shared_buffers": "2GB",
    "maintenance_work_mem": "1GB",
    "max_wal_size": "4GB",
    "fsync": "off",
    "max_parallel_workers_per_gather": "0",  # or others would do what is not counted
    "autovacuum": "off",  # each size is vacuumed once it is loaded
}


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="clinicall-growth-") as name:
        folder = Path(name)
        folder.chmod(0o711)  # PostgreSQL runs as another user where we are root
        os.environ["CLINICALL_DATA"] = name
        with Embedded(folder / "data", SERVER) as database:
            os.environ["DATABASE_URL"] = database.url
            os.environ["RATE_LIMITS"] = "off"
            os.environ["REQUIRE_SECOND_FACTOR"] = "off"
            os.environ["DJANGO_SETTINGS_MODULE"] = "clinicall.config.settings"
            _measure()


def _measure() -> None:
    import django

    django.setup()
    from django.core.management import call_command

    # Not before Django is set up: they import models.
    from bench.grown_clinic import SIZES, load

    call_command("migrate", verbosity=0)
    told = []
    for size in SIZES:
        started = time.monotonic()
        load(size)
        print(f"{size.doctors} doctors loaded in {time.monotonic() - started:.0f} s", flush=True)
        told.append(costs())
    tell(told)


@dataclass(frozen=True)
class Cost:
    """Of one path at one size. Times in milliseconds."""

    p50: float
    p95: float
    cpu: float  # Python's, in the middle
    buffers: int
    queries: int


@dataclass
class Meter:
    """What the database was asked while it was running, and for how long."""

    explains: bool
    queries: int = 0
    seconds: float = 0.0
    buffers: int = 0
    texts: list[str] = field(default_factory=list)

    def __call__(
        self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any
    ) -> Any:
        counts = not sql.startswith(WITHOUT_PLAN)
        self.queries += counts
        if counts:
            self.texts.append(sql)
        if counts and self.explains:
            self.buffers += _buffers(context["connection"], sql, params)
        pid = context["connection"].connection.info.backend_pid
        started = _cpu_of(pid)
        try:
            return execute(sql, params, many, context)
        finally:
            self.seconds += _cpu_of(pid) - started


def _cpu_of(pid: int) -> float:
    """In seconds, by https://docs.kernel.org/scheduler/sched-stats.html: the first figure, nanoseconds."""
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9


def _buffers(connection: Any, sql: str, params: Any) -> int:
    """Of this statement, which is undone again."""
    with (
        connection.connection.transaction(force_rollback=True) as _,
        connection.connection.cursor() as cursor,
    ):
        cursor.execute(f"explain (analyze, buffers, format json) {sql}", params)
        ((plan,),) = cursor.fetchone()
    return int(plan["Plan"]["Shared Hit Blocks"] + plan["Plan"]["Shared Read Blocks"])


@contextmanager
def rolled_back() -> Iterator[None]:
    from django.db import transaction

    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def ask(path: "Asked", seed: int, *, explains: bool = False) -> tuple[Meter, float]:
    """Once, and what it took of the database and of Python's CPU, in seconds."""
    from django.db import connection

    with rolled_back():
        act = path(Random(seed))
        meter = Meter(explains)
        with connection.execute_wrapper(meter):
            started = time.process_time()
            act()
            cpu = time.process_time() - started
            # Foreign keys are looked at when it is committed.
            connection.cursor().execute("SET CONSTRAINTS ALL IMMEDIATE")
    return meter, cpu


def cost(path: "Asked", sets: int, times: int) -> Cost:
    best, cpus, queries = [], [], 0
    for seed in range(sets):
        asked = [ask(path, seed) for _ in range(1 + times)][1:]
        best.append(min(meter.seconds for meter, _ in asked) * 1e3)
        cpus.append(min(cpu for _, cpu in asked) * 1e3)
        queries = max(queries, *(meter.queries for meter, _ in asked))
    buffers = [ask(path, seed, explains=True)[0].buffers for seed in range(min(sets, 10))]
    cuts = statistics.quantiles(best, n=20, method="inclusive") if len(best) > 1 else best * 19
    return Cost(
        statistics.median(best),
        cuts[18],
        statistics.median(cpus),
        round(statistics.median(buffers)),
        queries,
    )


def costs() -> dict[str, Cost]:
    from bench.asking import OF_THE_CLOCK, of_everybody

    told = {name: cost(path, SETS, TIMES) for name, path in of_everybody().items()}
    return told | {name: cost(path, 1, ROUNDS) for name, path in OF_THE_CLOCK.items()}


def tell(told: Sequence[dict[str, Cost]]) -> None:
    """As a table in Markdown: of each size p50, p95 and buffers; how p95 has grown; Python's CPU."""
    for name in told[0]:
        sizes = [one[name] for one in told]
        parts = " | ".join(f"{one.p50:.2f} | {one.p95:.2f} | {one.buffers}" for one in sizes)
        queries = " ".join(str(n) for n in dict.fromkeys(one.queries for one in sizes))
        print(
            f"| {name} | {queries} | {parts} | {sizes[-1].p95 / sizes[0].p95:.2f} |"
            f" {sizes[-1].cpu:.1f} |"
        )


if __name__ == "__main__":
    main()
