"""A clinic for storms: sized, on a PostgreSQL that may be restarted, served as an operator would."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from bench.cluster import own_folder
from bench.resting import pss
from tests.cluster.databases import Postgres
from tests.server.serving import Server, serving

if TYPE_CHECKING:
    from bench.sized import Waiting

CONNECTED = "select count(*) from pg_stat_activity where backend_type = 'client backend'"


@dataclass(frozen=True)
class Clinic:
    folder: Path
    database: Postgres
    waiting: "Waiting"

    @contextmanager
    def served_by(self, workers: int, **settings: str) -> Iterator[Server]:
        """So many processes; the jobs are left to somebody else."""
        words = ("--no-worker", "--workers", str(workers))
        with serving(self.folder, *words, DATABASE_URL=self.database.url, **settings) as server:
            yield server

    def connected(self) -> int:
        """How many have a connection to the database, without the one who asks."""
        ((count,),) = self.database.sql(CONNECTED)
        return int(count) - 1


@contextmanager
def own_clinic() -> Iterator[Clinic]:
    with own_folder() as folder:
        database = Postgres(folder / "database")
        database.make()
        try:
            os.environ["DATABASE_URL"] = database.url
            yield Clinic(folder, database, _loaded())
        finally:
            database.stop("immediate")


def _loaded() -> "Waiting":
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connections

    from bench import sized

    call_command("migrate", verbosity=0)
    try:
        return sized.load()
    finally:
        connections.close_all()  # it would not outlive a restart, and be counted


def memory(server: Server) -> float:
    """MB (PSS) of all of its processes."""
    main = psutil.Process(server.process.pid)
    return sum(pss(one) for one in (main, *server.workers()))
