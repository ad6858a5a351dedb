from argparse import ArgumentParser, ArgumentTypeError
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand, CommandError

from clinicall.core import clock
from clinicall.jobs.management.commands.import_schedule import doctor_of
from clinicall.schedule.slotting import FARTHEST
from clinicall.schedule.uploading import exported


class Command(BaseCommand):
    help = "Print a doctor's hours as the CSV file that import-schedule reads"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", help="the doctor's")
        parser.add_argument("--from", type=_day, dest="first", help="from this date; else tomorrow")
        parser.add_argument("--to", type=_day, dest="last", help="to this date; else for a year")

    def handle(self, *args: Any, **options: Any) -> None:
        doctor = doctor_of(options["email"])
        today = clock.now().astimezone(ZoneInfo(doctor.timezone)).date()
        first = options["first"] or today + timedelta(days=1)
        last = options["last"] or today + FARTHEST
        if last < first:
            raise CommandError("--to: use a date that is not before --from.")
        self.stdout.write(exported(doctor, first, last), ending="")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError("use a date like 2026-11-25") from None
