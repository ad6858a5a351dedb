"""A clinic that was just started: how soon it shows a page, and the memory of everything while it rests.

One worker process with the jobs, and the embedded PostgreSQL, on the data that is there.
"""

import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from tests.server.serving import family, serving

SETTLES = 5  # seconds


@dataclass(frozen=True)
class Resting:
    """Seconds until the first page, and MB of memory (PSS: what is shared counts once for all)."""

    first_page: float
    memory: float
    of_database: float


def measure(folder: Path) -> Resting:
    started = time.perf_counter()
    with serving(folder) as server:
        assert server.get("/").status == 200
        first_page = time.perf_counter() - started
        time.sleep(SETTLES)
        ours = family(server.process, folder)
        mb = {one: pss(one) for one in ours}
        of_database = sum(size for one, size in mb.items() if one.name() == "postgres")
        return Resting(first_page, sum(mb.values()), of_database)


def pss(process: psutil.Process) -> float:
    """In MB."""
    rollup = Path(f"/proc/{process.pid}/smaps_rollup").read_text()
    (line,) = (line for line in rollup.splitlines() if line.startswith("Pss:"))
    return int(line.split()[1]) * 1024 / 1e6
