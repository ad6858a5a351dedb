"""Taking out of an appointment what its patient told us; time, steps and money stay, without a name."""

from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from clinicall.booking.models import Appointment
from clinicall.payments.models import Payment

# What stands where a name was: the doctor's lists show it.
FIRST_NAME, LAST_NAME = "Erased", "patient"


def told(appointments: QuerySet[Appointment]) -> QuerySet[Appointment]:
    """Those that still hold what a patient told us."""
    return appointments.exclude(phone_sealed="")


@transaction.atomic
def wipe(appointment_id: UUID) -> None:
    """Repeating it changes nothing."""
    appointment = Appointment.objects.select_for_update().get(pk=appointment_id)
    appointment.first_name, appointment.last_name = FIRST_NAME, LAST_NAME
    appointment.email = f"{appointment.pk}@erased.invalid"
    appointment.phone = appointment.phone_index = ""
    appointment.nic = appointment.reason = appointment.cancel_note = ""
    appointment.media_secret = ""
    if appointment.token_sealed:
        appointment.token = "erased"  # noqa: S105 (a visit has a token, and this one opens no room)
    appointment.save()
    appointment.reveals.update(purpose_sealed="")
    if appointment.payment_id:
        Payment.objects.filter(pk=appointment.payment_id).update(checkout_url="")
