from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from clinicall.config.checks import SERVING
from clinicall.records.keys import claim_database
from clinicall.server.serve import refuse_missing_migrations, serve


class Command(BaseCommand):
    help = "Serve the site: web, live and jobs"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--workers", type=int, default=1, help="processes (default: 1)")
        parser.add_argument(
            "--no-worker", action="store_true", help="leave the jobs to `clinicall worker`"
        )

    def handle(self, *, workers: int, no_worker: bool, **_options: Any) -> None:
        if workers < 1:
            raise CommandError("--workers must be at least 1.")
        refuse_missing_migrations()
        claim_database()
        self.check(tags=[SERVING], include_deployment_checks=True, databases=["default"])
        serve(workers=workers, with_worker=not no_worker)
