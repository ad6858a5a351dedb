from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from clinicall.people.models import Role, User
from clinicall.rights.exporting import export


class Command(BaseCommand):
    help = "Write all that is kept of one patient into a zip file"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument("file", type=Path, help="where to; it must not be there yet")

    def handle(self, *args: Any, **options: Any) -> None:
        person = User.objects.filter(email=options["email"].lower(), role=Role.PATIENT).first()
        if person is None:
            raise CommandError("There is no patient with this e-mail.")
        try:
            with options["file"].open("xb") as file:
                options["file"].chmod(0o600)
                file.write(export(person, by=None))
        except OSError as error:
            raise CommandError(f"{options['file']}: {error.strerror}.") from error
