from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from clinicall.messages.accounts import send_factors_taken_away
from clinicall.people.models import User
from clinicall.people.staffing import take_factors_away


class Command(BaseCommand):
    help = "Take the second step away from somebody who has lost it; they are told by mail"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")

    def handle(self, *args: Any, **options: Any) -> None:
        person = User.objects.filter(email=options["email"].lower(), is_active=True).first()
        if person is None:
            raise CommandError("There is no open account with this e-mail.")
        take_factors_away(person, by=None)
        if not send_factors_taken_away(person):
            self.stderr.write("The mail about it could not be sent.")
        self.stdout.write("They can sign in without it, and set up another where one must be.")
