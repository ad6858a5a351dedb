"""What storms do to us: thousands of live pages, clients that are slow on purpose, a soak with faults.

`python -m bench.storms [RESULTS.json]`; SOAK is how many minutes the soak lasts (20). It ends with an error
when something is lost, is answered wrongly or fails twice, and never for being slow. Linux; on 127.0.0.1.
"""

import os
import sys
import time
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from bench.storm_clinic import own_clinic

RESULTS = Path(__file__).parents[1] / "bench-results"


def main() -> None:
    started = time.monotonic()
    name = f"storms-{datetime.now(UTC):%Y-%m-%d-%H%M}.json"
    results = Path(sys.argv[1]) if sys.argv[1:] else RESULTS / name
    minutes = float(os.environ.get("SOAK", "20"))
    with own_clinic() as clinic:
        # Not before Django is set up: they import models.
        from bench import live_pages, slow_clients, soak, storm_table, table

        pages = live_pages.measure(clinic)
        storm_table.tell_pages(pages)
        slow = slow_clients.measure(clinic)
        storm_table.tell_slow(slow)
        soaked = soak.measure(clinic, minutes)
        storm_table.tell_soak(soaked)
    found = {"live pages": asdict(pages), "slow clients": asdict(slow), "soak": asdict(soaked)}
    table.write(results, found)
    print(f"written to {results}, {(time.monotonic() - started) / 60:.1f} minutes")
    if wrong := [f"{name}: {what}" for name, one in found.items() for what in one["wrong"]]:
        sys.exit("Failed: " + "; ".join(wrong))


if __name__ == "__main__":
    main()
