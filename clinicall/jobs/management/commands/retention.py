from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from clinicall.rights import retention


class Command(BaseCommand):
    help = "Clear away what was kept long enough; it also runs by itself every night"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="count only, and change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        counted = retention.count() if options["dry_run"] else retention.clear()
        for what, number in counted.items():
            self.stdout.write(f"{number:8,}  {what}")
