"""What our own work costs beside the least that PostgreSQL could do for it, interleaved in one run.

Absolute times depend on the machine; the ratios are the figures to watch.
"""

import os
import tempfile
from pathlib import Path

from clinicall.server.postgres import Embedded


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="clinicall-bench-") as name:
        folder = Path(name)
        folder.chmod(0o711)  # PostgreSQL runs as another user where we are root
        os.environ["CLINICALL_DATA"] = name
        with Embedded(folder / "data") as database:
            os.environ["DATABASE_URL"] = database.url
            os.environ["RATE_LIMITS"] = "off"
            os.environ["DJANGO_SETTINGS_MODULE"] = "clinicall.config.settings"
            _measure()


def _measure() -> None:
    import django

    django.setup()
    from django.core.management import call_command

    # Not before Django is set up: they import models.
    from bench import holding, live, pages, publishing

    call_command("migrate", verbosity=0)
    call_command("demo", doctors=20, days=30, patients=1, verbosity=0)
    pages.measure()
    holding.measure()
    publishing.measure()
    live.measure()


main()
