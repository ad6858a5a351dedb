"""The two parts of `make bench`, each in a clinic of its own.

What imports models is imported where Django is set up, which is not before there is a database.
"""

import os
import sys
from pathlib import Path

from bench import resting
from bench.cluster import own_cluster, own_folder
from bench.rounds import Bench
from tests.server.serving import serving


def in_a_small_clinic() -> None:
    """Pages, publishing and sockets, in a clinic of 20 doctors."""
    with own_folder() as folder, own_cluster(folder):
        _migrate()
        from django.core.management import call_command

        from bench import live, pages, publishing

        call_command("demo", doctors=20, days=30, patients=1, verbosity=0)
        pages.measure()
        publishing.measure()
        live.measure()


def in_a_sized_clinic(results: Path) -> None:
    """Everything of the table, in a clinic as large as those of the peers."""
    with own_folder() as folder:
        with own_cluster(folder) as cluster:
            _migrate()
            from bench import booking, crowds, reads, sized

            waiting = sized.load()
            workers = ("--workers", str(os.cpu_count()))
            with serving(
                folder, "--no-worker", *workers, DATABASE_URL=cluster.embedded.url
            ) as server:
                bench = Bench(cluster, server, int(os.environ.get("ROUNDS", "3")))
                rows = reads.measure(bench) + booking.measure(bench, waiting)
                seen = crowds.measure(bench, waiting)
        from bench.table import Results

        found = Results(rows, seen, resting.measure(folder))
    found.show()
    found.write(results)
    print(f"written to {results}")
    if found.faults:
        sys.exit("Failed: " + "; ".join(found.faults))


def _migrate() -> None:
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
