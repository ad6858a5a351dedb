from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from clinicall.booking.particulars import NotUsable, email, person_name
from clinicall.core.money import minor_units
from clinicall.core.zones import is_timezone
from clinicall.people.clinics import first_clinic
from clinicall.people.doctors import Profile, invite_doctor, specialization_named
from clinicall.people.inviting import AlreadyHere, one_time_link


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
        try:
            fee_amount = minor_units(options["fee"], clinic.currency)
        except ValueError as error:
            raise CommandError(f"--fee: {error}") from error
        try:
            profile = Profile(
                name=person_name(options["name"]),
                specialization=specialization_named(person_name(options["specialization"])),
                fee_amount=fee_amount,
            )
            doctor = invite_doctor(
                email(options["email"]), profile, clinic, options["timezone"], by=None
            )
        except NotUsable as error:
            raise CommandError(str(error)) from error
        except AlreadyHere as error:
            raise CommandError("There is an account with this e-mail already.") from error
        self.stdout.write(one_time_link(doctor.user))
