from argparse import ArgumentParser
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from clinicall.booking.models import Appointment
from clinicall.jobs import demo
from clinicall.people.models import Role, User
from clinicall.schedule.slotting import FARTHEST

LOGINS = """\
Sign in at {site}/ with the password: {password}
  doctors   doctor1@{domain} to doctor{doctors}@{domain}
  patients  patient1@{domain} to patient{patients}@{domain}
  clinic    staff@{domain}, admin@{domain}
doctor1 and patient1 meet at {starts_at} ({zone}).
"""


class Command(BaseCommand):
    help = "Fill the database with a clinic to try things out in"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--doctors", type=int, default=12)
        parser.add_argument("--days", type=int, default=14, help="hours for so many days ahead")
        parser.add_argument("--patients", type=int, default=20)
        parser.add_argument(
            "--if-empty", action="store_true", help="leave a database alone that others use"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError(
                "Everybody knows the password of the demo's accounts, so there is no demo where"
                f" other people can reach it: SITE_URL={settings.SITE_URL}."
            )
        wanted = {name: options[name] for name in ("doctors", "days", "patients")}
        if min(wanted.values()) < 1 or wanted["days"] > FARTHEST.days:
            raise CommandError(f"Use 1 or more of each, and at most {FARTHEST.days} days.")
        if options["if_empty"] and not demo.is_there() and User.objects.exists():
            return
        with transaction.atomic():
            if not demo.is_there():
                demo.create(**wanted)
            visit = demo.fresh_visit()
        self.stdout.write(_logins(visit))


def _logins(visit: Appointment) -> str:
    of_demo = User.objects.filter(email__endswith=f"@{demo.DOMAIN}")
    starts_at = visit.starts_at.astimezone(ZoneInfo(visit.doctor.timezone))
    return LOGINS.format(
        site=settings.SITE_URL,
        password=demo.PASSWORD,
        domain=demo.DOMAIN,
        doctors=of_demo.filter(role=Role.DOCTOR).count(),
        patients=of_demo.filter(role=Role.PATIENT).count(),
        starts_at=f"{starts_at:%H:%M, %A} {starts_at.day} {starts_at:%B %Y}",
        zone=visit.doctor.timezone,
    )
