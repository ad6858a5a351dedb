"""The whole NIC of an appointment, which is masked otherwise: shown to its doctor, who says what for."""

from uuid import UUID

from django.db import transaction

from clinicall.booking.models import Appointment, NicReveal
from clinicall.core.clock import ClinicNow
from clinicall.people.models import User
from clinicall.records.audit import note
from clinicall.records.models import Action


@transaction.atomic
def reveal_nic(appointment_id: UUID, *, by: User, purpose: str) -> str:
    """The NIC. Each call is a reveal of its own: who, when and what for are committed before it is shown."""
    appointment = Appointment.objects.get(pk=appointment_id)
    reveal = NicReveal(appointment=appointment, by=by, at=ClinicNow())
    reveal.purpose = purpose
    reveal.save()
    seen = [appointment.pk, reveal.pk]
    note(Action.REVEALED, "nic", by=by, of=[appointment.patient_id], seen=seen)
    return appointment.nic
