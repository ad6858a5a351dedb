"""One row of the table: what clients saw, what that cost, and how it compares to its baseline."""

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import psutil

from bench.cluster import Cluster, cpu
from bench.pgbench import Script
from bench.wrk import Load
from tests.server.serving import Server

SECONDS = 3  # of each round, and of each of its baselines
AT_LEAST = ("ratio", "rate")  # of what is wanted; the rest, at most


@dataclass(frozen=True)
class Row:
    """Medians of the rounds. Latencies are in milliseconds, CPU in microseconds of one request or booking."""

    name: str
    rate: float  # per second
    p50: float
    p95: float
    p99: float
    server: float
    database: float
    statements: float
    failed: int
    why: str  # the last one failed
    baselines: dict[str, float]  # how often per second pgbench did that; the first is its own
    ratios: list[float]  # to its own, of each round
    wanted: list[tuple[str, float]] = field(default_factory=list)  # of which figure, and how much
    note: str = ""

    @property
    def ratio(self) -> float:
        return statistics.median(self.ratios)

    def is_within(self, figure: str, bound: float) -> bool:
        found: float = getattr(self, figure)
        return found >= bound if figure in AT_LEAST else found <= bound

    def wants(self, figure: str, bound: float) -> "Row":
        return replace(self, wanted=[*self.wanted, (figure, bound)])


@dataclass(frozen=True)
class Bench:
    """What all rows are measured with."""

    cluster: Cluster
    server: Server
    rounds: int

    def row(self, name: str, load: Callable[[int], Load], baselines: Mapping[str, Script]) -> Row:
        """Each round beside one of each baseline. `load` is given the seconds that it is to last."""
        load(1)  # what the very first cost is not theirs
        rates: list[dict[str, float]] = []
        loads: list[Load] = []
        costs: list[Cost] = []
        for _ in range(self.rounds):
            rates.append({name: script.rate(SECONDS) for name, script in baselines.items()})
            before = self._spent()
            loads.append(load(SECONDS))
            costs.append(self._spent().since(before, loads[-1].done))
        own = next(iter(baselines), None)
        row = Row(
            name,
            rate=_median(loads, "rate"),
            p50=_median(loads, "p50"),
            p95=_median(loads, "p95"),
            p99=_median(loads, "p99"),
            server=_median(costs, "server"),
            database=_median(costs, "database"),
            statements=_median(costs, "statements"),
            failed=sum(one.failed for one in loads),
            why=max(one.why for one in loads),
            baselines={name: statistics.median(one[name] for one in rates) for name in baselines},
            ratios=[one.rate / base[own] for one, base in zip(loads, rates, strict=True)]
            if own
            else [],
        )
        print(f"{name}: {row.rate:.0f} per second", flush=True)
        return row

    def _spent(self) -> "Cost":
        main = psutil.Process(self.server.process.pid)
        server = cpu([main, *self.server.workers()])
        return Cost(server * 1e6, self.cluster.cpu() * 1e6, self.cluster.statements())


@dataclass(frozen=True)
class Cost:
    """Microseconds of CPU, and statements."""

    server: float
    database: float
    statements: float

    def since(self, before: "Cost", done: int) -> "Cost":
        """What each of those that were done meanwhile has cost."""
        times = max(done, 1)
        return Cost(
            (self.server - before.server) / times,
            (self.database - before.database) / times,
            (self.statements - before.statements) / times,
        )


def _median(rounds: Sequence[Load] | Sequence[Cost], figure: str) -> float:
    found: list[float] = [getattr(one, figure) for one in rounds]
    return statistics.median(found)
