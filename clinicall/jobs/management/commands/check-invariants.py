"""Is the book in order? Exit 1 and the rows if not."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from clinicall.booking.invariants import RULES, breaches


class Command(BaseCommand):
    help = "Check what must be true of every appointment and payment; exit 1 and the rows if not."

    def handle(self, *args: Any, **options: Any) -> None:
        found = breaches()
        for breach in found:
            self.stdout.write(f"{breach.rule}: {breach.row}")
        if found:
            raise CommandError(f"{len(found)} rows break the rules.")
        self.stdout.write(f"All {len(RULES)} rules hold.")
