"""What our own work costs beside the least that PostgreSQL could do for it, interleaved in one run.

Absolute times depend on the machine; the ratios are the figures to watch. Nothing fails for being slow,
but for a request that fails, a free slot that is refused, and a page that is too heavy.
`python -m bench [RESULTS.json]`; ROUNDS is how many of them each row has.
"""

import multiprocessing
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from bench.parts import in_a_sized_clinic, in_a_small_clinic

RESULTS = Path(__file__).parents[1] / "bench-results"


def main() -> None:
    started = time.monotonic()
    name = f"{datetime.now(UTC):%Y-%m-%d-%H%M}.json"
    results = Path(sys.argv[1]) if sys.argv[1:] else RESULTS / name
    # Each on data of its own, so in a process of its own: Django knows one database.
    parts = [
        multiprocessing.get_context("spawn").Process(target=part, args=arguments)
        for part, arguments in ((in_a_small_clinic, ()), (in_a_sized_clinic, (results,)))
    ]
    for part in parts:
        part.start()
        part.join()
    print(f"{(time.monotonic() - started) / 60:.1f} minutes")
    sys.exit(any(part.exitcode for part in parts))


if __name__ == "__main__":
    main()
