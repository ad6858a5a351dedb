"""A PostgreSQL of our own, which counts its statements and can be asked what it spends."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg

from clinicall.server.postgres import Embedded

COUNTING = {
    "shared_preload_libraries": "pg_stat_statements",
    # Each savepoint has a name of its own, and there is room for so many texts only.
    "pg_stat_statements.track_utility": "off",
}
# Foreign keys that are checked at the end of a transaction are read as if somebody had asked.
COUNTED = """
select coalesce(sum(calls), 0) from pg_stat_statements s join pg_database d on d.oid = s.dbid
where datname = 'clinicall' and query not like 'SELECT % FROM ONLY %'
"""


@dataclass(frozen=True)
class Cluster:
    """`folder` is CLINICALL_DATA, and where the bench keeps its files."""

    folder: Path
    embedded: Embedded

    def connect(self, database: str = "clinicall") -> psycopg.Connection:
        return psycopg.connect(self.embedded.url, dbname=database, autocommit=True)

    def cpu(self) -> float:
        """Seconds that all of its processes have computed, those that have ended too."""
        postmaster = psutil.Process(
            int((self.embedded.data / "postmaster.pid").read_text().split()[0])
        )
        times = postmaster.cpu_times()
        ended = times.children_user + times.children_system
        return ended + cpu([postmaster, *postmaster.children()])

    def statements(self) -> int:
        """How many it was sent in the clinic's database, but for what begins and ends transactions."""
        return self.number(COUNTED, database="postgres")

    def number(self, query: str, *values: object, database: str = "clinicall") -> int:
        """What the query answers."""
        with self.connect(database) as connection:
            row = connection.execute(query.encode(), values or None).fetchone()
        assert row
        return int(row[0])


def cpu(processes: list[psutil.Process]) -> float:
    """Seconds that these have computed, without what ends at this moment: an autovacuum, mostly."""
    seconds = 0.0
    for one in processes:
        with suppress(psutil.NoSuchProcess):
            times = one.cpu_times()
            seconds += times.user + times.system
    return seconds


@contextmanager
def own_folder() -> Iterator[Path]:
    """For CLINICALL_DATA and what the bench writes, with the environment of whatever is started there."""
    with tempfile.TemporaryDirectory(prefix="clinicall-bench-") as name:
        folder = Path(name)
        folder.chmod(0o711)  # PostgreSQL runs as another user where we are root
        os.environ |= {
            "CLINICALL_DATA": name,
            "RATE_LIMITS": "off",
            "REQUIRE_SECOND_FACTOR": "off",
            "DJANGO_SETTINGS_MODULE": "clinicall.config.settings",
        }
        yield folder


@contextmanager
def own_cluster(folder: Path) -> Iterator[Cluster]:
    with Embedded(folder, COUNTING) as embedded:
        os.environ["DATABASE_URL"] = embedded.url
        cluster = Cluster(folder, embedded)
        with cluster.connect("postgres") as connection:
            connection.execute("create extension pg_stat_statements")
        yield cluster
