import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from clinicall.core import clock
from clinicall.core.refusals import TooLarge, WrongType
from clinicall.people.models import Doctor
from clinicall.schedule.hours_file import LARGEST, UnusableFile
from clinicall.schedule.uploading import upload


class Command(BaseCommand):
    help = "Publish a doctor's hours from a CSV file: all of it, or nothing and what is wrong where"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", help="the doctor's")
        parser.add_argument("file", help="date,start,end,minutes; “-” is standard input")

    def handle(self, *args: Any, **options: Any) -> None:
        doctor = doctor_of(options["email"])
        try:
            done = upload(doctor, _content(options["file"]), now=clock.now())
        except (TooLarge, WrongType) as refusal:
            raise CommandError(refusal.detail) from refusal
        except UnusableFile as refusal:
            for fault in refusal.faults:
                column = f", {fault.column}" if fault.column else ""
                where = f"line {fault.line}{column}" if fault.line else "the file"
                self.stderr.write(f"{where}: {fault.detail}")
            more = refusal.count - len(refusal.faults)
            told = f"{more} more things are wrong. " if more else ""
            raise CommandError(f"{told}Nothing was saved.") from refusal
        self.stdout.write(
            f"{done.slots} slots on {len(done.days)} days, {done.days[0]} to {done.days[-1]}."
        )


def doctor_of(email: str) -> Doctor:
    """Raises CommandError."""
    doctor = Doctor.objects.filter(user__email=email.lower()).first()
    if doctor is None:
        raise CommandError("There is no doctor with this e-mail.")
    return doctor


def _content(file: str) -> bytes:
    """No more of it than tells that it is too large."""
    if file == "-":
        return sys.stdin.buffer.read(LARGEST + 1)
    try:
        with Path(file).open("rb") as opened:
            return opened.read(LARGEST + 1)
    except OSError as error:
        raise CommandError(f"{file}: {error.strerror}.") from error
