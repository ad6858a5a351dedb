"""`make simulate SEED= ROUNDS=`: as many histories, from that seed on, on a PostgreSQL of their own.

A single one is told whole. Ends with 1 at the first violation, and tells what led to it.
"""

import os
import sys
import tempfile
from pathlib import Path
from time import perf_counter

from clinicall.server.postgres import Embedded
from tests.own_database import FAST

LAST = 60  # lines of a history that went wrong


def main(first: int, rounds: int) -> int:
    with tempfile.TemporaryDirectory(prefix="clinicall-simulator-") as name:
        folder = Path(name)
        folder.chmod(0o711)  # PostgreSQL runs as another user where we are root
        os.environ["CLINICALL_DATA"] = name
        with Embedded(folder / "data", FAST) as database:
            os.environ["DATABASE_URL"] = database.url
            os.environ["RATE_LIMITS"] = "off"
            os.environ["DJANGO_SETTINGS_MODULE"] = "clinicall.config.settings"
            return _simulate(first, rounds)


def _simulate(first: int, rounds: int) -> int:
    import django

    django.setup()
    from django.core.management import call_command

    # Not before Django is set up: they import models.
    from tests.simulator import telling, world
    from tests.simulator.simulating import simulate

    call_command("migrate", verbosity=0)
    began = perf_counter()
    told = simulate(world.build(), range(first, first + rounds))
    seconds = perf_counter() - began
    if rounds == 1:
        _say(*told.last.trace)
    else:
        _say(*telling.table(told.tally))
    _say(
        f"Seeds {first} to {first + told.histories - 1}: {told.histories} histories,"
        f" {told.steps} steps, {seconds:.0f} s, {told.histories / seconds:.1f} histories a second."
    )
    if told.violation:
        _say(
            "", *told.last.trace[-LAST:], f"VIOLATION with seed {told.last.seed}: {told.violation}"
        )
        return 1
    _say("No violation.")
    return 0


def _say(*lines: str) -> None:
    sys.stdout.writelines(f"{line}\n" for line in lines)


sys.exit(main(int(sys.argv[1]), int(sys.argv[2])))
