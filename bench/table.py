"""What was measured, as a table to read and as JSON to compare."""

import json
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from bench.crowds import Crowd
from bench.resting import Resting
from bench.rounds import Row

MOST_MEMORY, LATEST_PAGE = 250, 3  # MB, seconds
HEAD = (
    f"{'':20} {'per s':>7} {'p50':>7} {'p95':>7} {'p99':>7}   {'of pgbench, and its spread':27}"
    f" {'µs server':>9} {'database':>8} {'stmts':>6} {'failed':>6}   wanted"
)


@dataclass(frozen=True)
class Results:
    rows: Sequence[Row]
    crowds: Sequence[Crowd]
    resting: Resting

    @property
    def faults(self) -> list[str]:
        """What must never be; being slow is none of it."""
        failed = [f"{row.name}: {row.failed} failed, {row.why}" for row in self.rows if row.failed]
        return failed + [
            f"{crowd.size} at once: {times} times {said}"
            for crowd in self.crowds
            for said, times in crowd.refusals.items()
        ]

    def show(self) -> None:
        print(f"\n{HEAD}")
        for row in self.rows:
            print(_line(row))
        for row in self.rows:
            for name, rate in list(row.baselines.items())[1:]:
                times = row.rate / rate
                print(f"{row.name}: {times:.2f} of pgbench's {name}, {rate:,.0f} per second")
            if row.note:
                print(f"{row.name}: {row.note}")
        for crowd in self.crowds:
            print(
                f"{crowd.size} at once on as many slots of one doctor: {crowd.accepted} accepted,"
                f" all answered within {crowd.all_within:.0f} ms"
            )
        page, memory = self.resting.first_page, self.resting.memory
        print(
            f"started to first page: {page:.1f} s, {_verdict(page <= LATEST_PAGE)} {LATEST_PAGE} s"
        )
        print(
            f"memory at rest: {memory:.0f} MB, {self.resting.of_database:.0f} of them PostgreSQL's,"
            f" {_verdict(memory <= MOST_MEMORY)} {MOST_MEMORY} MB"
        )

    def write(self, path: Path) -> None:
        write(path, asdict(self))


def write(path: Path, found: Mapping[str, object]) -> None:
    """As JSON, with when and where it was measured."""
    about = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores",
        "python": platform.python_version(),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({**about, **found}, indent=1))


def _line(row: Row) -> str:
    compared = ""
    if row.ratios:
        own = next(iter(row.baselines.values()))
        spread = f"{min(row.ratios):.2f} to {max(row.ratios):.2f}"
        compared = f"{row.ratio:.2f} ({spread}) of {own:,.0f}"
    wanted = ", ".join(
        f"{figure} {_verdict(row.is_within(figure, bound))} {bound:g}"
        for figure, bound in row.wanted
    )
    return (
        f"{row.name:20} {row.rate:7,.0f} {row.p50:7.1f} {row.p95:7.1f} {row.p99:7.1f}"
        f"   {compared:27} {row.server:9,.0f} {row.database:8,.0f} {row.statements:6.1f}"
        f" {row.failed:6}   {wanted}"
    )


def _verdict(is_within: bool) -> str:
    return "within" if is_within else "OVER"
