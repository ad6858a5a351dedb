"""Noting in the audit who was shown appointments, and who changed them."""

from clinicall.booking.models import Appointment
from clinicall.people.models import User
from clinicall.records.audit import note
from clinicall.records.models import Action


def note_on(action: Action, what: str, *appointments: Appointment, by: User) -> None:
    """`by` did this with these appointments, and so with the records of their patients."""
    patients = [one.patient_id for one in appointments]
    note(action, what, by=by, of=patients, seen=[one.pk for one in appointments])
