import re
from argparse import ArgumentParser
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from clinicall.booking.particulars import NotUsable, email, person_name
from clinicall.core.money import EXPONENTS
from clinicall.core.zones import is_timezone
from clinicall.people.clinics import first_clinic
from clinicall.people.inviting import AlreadyHere, invite, one_time_link
from clinicall.people.models import Doctor, Role, Specialization

HIGHEST_FEE = 2**31 - 1  # minor units, as the column holds them


class Command(BaseCommand):
    help = "Make a doctor's account; prints a one-time link to choose its password"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--name", required=True, help="as patients read it: “Dr Kofi Osei”")
        parser.add_argument("--specialization", required=True, help="made if it is new")
        parser.add_argument(
            "--fee", required=True, help="for one visit, like 2500 or 2500.00; 0 is free of charge"
        )
        parser.add_argument(
            "--timezone",
            default=settings.CLINIC_TIMEZONE,
            help="where their hours are written, like Asia/Colombo",
        )

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        if not is_timezone(options["timezone"]):
            raise CommandError("--timezone: use a tz database name, like Asia/Colombo.")
        clinic = first_clinic()
        fee_amount = minor_units(options["fee"], clinic.currency)
        try:
            name = person_name(options["name"])
            specialization = person_name(options["specialization"])
            user = invite(email(options["email"]), Role.DOCTOR, clinic)
        except NotUsable as error:
            raise CommandError(str(error)) from error
        except AlreadyHere as error:
            raise CommandError("There is an account with this e-mail already.") from error
        Doctor.objects.create(
            user=user,
            clinic=clinic,
            name=name,
            specialization=_specialization(specialization),
            timezone=options["timezone"],
            fee_amount=fee_amount,
        )
        self.stdout.write(one_time_link(user))


def minor_units(fee: str, currency: str) -> int:
    """A sum of money as a person writes it, in the currency's minor units. Raises CommandError."""
    exponent = EXPONENTS.get(currency, 2)
    if not re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,3})?", fee):
        raise CommandError("--fee: use digits, like 2500 or 2500.00.")
    amount = Decimal(fee).scaleb(exponent)
    if amount != int(amount):
        raise CommandError(f"--fee: {currency} has {exponent} digits after the point.")
    if amount > HIGHEST_FEE:
        raise CommandError("--fee: this is too much.")
    return int(amount)


def _specialization(name: str) -> Specialization:
    """The one of this name, however it is capitalised, or a new one."""
    known = Specialization.objects.filter(name__iexact=name).first()
    return known or Specialization.objects.create(name=name)
