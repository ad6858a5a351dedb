"""Two results of `make bench`, side by side: `python -m bench.compare OLD NEW`."""

import json
import sys
from pathlib import Path
from typing import Any

FIGURES = ("rate", "p50", "p95", "p99", "server", "database", "statements")


def main(old: str, new: str) -> None:
    was, now = (json.loads(Path(path).read_text()) for path in (old, new))
    for result in (was, now):
        print(f"{result['at']}: {result['machine']}, Python {result['python']}")
    before = {row["name"]: row for row in was["rows"]}
    for row in now["rows"]:
        if row["name"] in before:
            print(f"\n{row['name']}")
            _tell(before[row["name"]], row, FIGURES)
    print("\nat rest")
    _tell(was["resting"], now["resting"], was["resting"])


def _tell(was: dict[str, Any], now: dict[str, Any], figures: Any) -> None:
    for figure in figures:
        times = f"× {now[figure] / was[figure]:.2f}" if was[figure] else ""
        print(f"  {figure:12} {was[figure]:10,.1f} {now[figure]:10,.1f}  {times}")


main(*sys.argv[1:])
