"""Is the book in order? Exit 1 and the rows if not."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction

from clinicall.booking.invariants import PROMPTNESS, RULES, Breach, breaches
from clinicall.records.sealing import first_broken_seal

UNTOUCHED = "the audit is as it was sealed"  # the row is the first seal that does not fit


class Command(BaseCommand):
    help = (
        "Check what must be true of every appointment, payment and audit entry; exit 1 and the rows"
        " if not."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        rules = RULES | PROMPTNESS
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("set transaction isolation level repeatable read, read only")
            found = breaches(rules)
            if broken_seal := first_broken_seal():
                found.append(Breach(UNTOUCHED, str(broken_seal.pk)))
        for breach in found:
            self.stdout.write(f"{breach.rule}: {breach.row}")
        if found:
            broken = len({breach.rule for breach in found})
            raise CommandError(
                f"{len(found)} rows break {broken} of the rules; {len(rules) + 1 - broken} hold."
            )
        self.stdout.write(f"All {len(rules) + 1} rules hold.")
