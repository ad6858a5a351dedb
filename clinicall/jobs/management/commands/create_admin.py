from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from clinicall.booking.particulars import NotUsable, email
from clinicall.people.inviting import AlreadyHere, invite, one_time_link
from clinicall.people.models import Role


class Command(BaseCommand):
    help = "Make an account for the back office; prints a one-time link to choose its password"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        try:
            admin = invite(email(options["email"]), Role.ADMIN)
        except NotUsable as error:
            raise CommandError(str(error)) from error
        except AlreadyHere as error:
            raise CommandError("There is an account with this e-mail already.") from error
        self.stdout.write(one_time_link(admin))
