"""Write all that is sealed again with the first of FIELD_KEY."""

from functools import partial
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from clinicall.people import second_factor
from clinicall.records import rotating
from clinicall.records.rotating import Rotated


class Command(BaseCommand):
    help = (
        "Seal everything again with the first key of FIELD_KEY, while the clinic goes on.\n\n"
        "Start every server with FIELD_KEY=new,old first; see docs/operating.md. May be stopped, and\n"
        "started again."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        unreadable = left = 0
        for model in rotating.models_with_sealed_fields():
            done = rotating.until_nothing_is_left(partial(rotating.rotate, model))
            unreadable += self._say(model._meta.db_table, done)  # noqa: SLF001 (documented)
            left += rotating.rows_left(model)
        done = rotating.until_nothing_is_left(second_factor.rotate_secrets)
        unreadable += self._say("mfa_authenticator", done)
        left += len(second_factor.with_an_old_key())
        if unreadable:
            raise CommandError(
                f"{unreadable} rows cannot be read: add the key that they were written with to"
                " FIELD_KEY, and do this again. No key may be dropped."
            )
        if left:
            raise CommandError(
                f"{left} rows were written with an older key meanwhile: start every server with the"
                " new one first, and do this again. No key may be dropped."
            )
        rotating.remember_the_first_key()
        self.stdout.write("Nothing is left of any older key: FIELD_KEY may be the first one alone.")

    def _say(self, table: str, done: Rotated) -> int:
        self.stdout.write(f"{table}: {done.rows} rows sealed again, {done.unreadable} unreadable")
        return done.unreadable
