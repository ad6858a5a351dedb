"""Is the book in order? Exit 1 and the rows if not."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction

from clinicall.booking.invariants import RULES, breaches


class Command(BaseCommand):
    help = "Check what must be true of every appointment and payment; exit 1 and the rows if not."

    def handle(self, *args: Any, **options: Any) -> None:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("set transaction isolation level repeatable read, read only")
            found = breaches()
        for breach in found:
            self.stdout.write(f"{breach.rule}: {breach.row}")
        if found:
            raise CommandError(f"{len(found)} rows break the rules.")
        self.stdout.write(f"All {len(RULES)} rules hold.")
