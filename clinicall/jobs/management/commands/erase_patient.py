from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from clinicall import wiring
from clinicall.booking.ending import NotPossibleNow
from clinicall.people.models import Role, User
from clinicall.rights.erasing import erase


class Command(BaseCommand):
    help = "Erase one patient for good; their visits to come are cancelled"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--yes", action="store_true", help="do not ask")

    def handle(self, *args: Any, **options: Any) -> None:
        person = User.objects.filter(email=options["email"].lower(), role=Role.PATIENT).first()
        if person is None:
            raise CommandError("There is no patient with this e-mail.")
        if not options["yes"] and input("Erase this patient for good? Type yes: ") != "yes":
            raise CommandError("Nothing was changed.")
        try:
            erase(person, gateway_for=wiring.payment_gateway, line=wiring.video_line())
        except NotPossibleNow as refusal:
            raise CommandError(refusal.detail) from refusal
        self.stdout.write("Erased.")
