"""`make simulate SEED= ROUNDS=`: histories from SEED on, on a PostgreSQL of their own."""

import os
import sys
import tempfile
from pathlib import Path

from clinicall.server.postgres import Embedded
from tests.own_database import FAST


def main() -> int:
    first, rounds = (int(argument) for argument in (sys.argv[1:] + ["1", "100"])[:2]) if len(sys.argv) > 2 else (int(sys.argv[1]) if len(sys.argv) > 1 else 1, 100)
    with tempfile.TemporaryDirectory(prefix="clinicall-simulator-") as name:
        folder = Path(name)
        folder.chmod(0o711)  # PostgreSQL runs as another user where we are root
        os.environ["CLINICALL_DATA"] = name
        with Embedded(folder / "data", FAST) as database:
            os.environ["DATABASE_URL"] = database.url
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
    told = simulate(world.build(), range(first, first + rounds))
    import cProfile
    return 0


sys.exit(main())
