"""The way to pay for somebody who booked on the phone."""

from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.cache import cache
from django.template.loader import render_to_string
from django.utils import timezone

from clinicall.booking.models import Appointment
from clinicall.messages.mail import mailed
from clinicall.people.models import User

A_DAY = 24 * 60 * 60  # seconds


def mail_way_to_pay(appointment_id: UUID, *, by: User, once: str) -> bool:
    """To the patient: until when the time is held, and the page where they sign in and pay.

    Times are the doctor's. One press of `by`, known by `once`, mails at most once. False when the mail
    could not be handed over.
    """
    press = f"way-to-pay:{by.pk}:{once}"
    if not cache.add(press, True, timeout=A_DAY):
        return True
    found = Appointment.objects.select_related("doctor__clinic", "patient__user")
    appointment = found.get(pk=appointment_id)
    zone = ZoneInfo(appointment.doctor.timezone)
    facts = {
        "appointment": appointment,
        "clinic": appointment.doctor.clinic,
        "zone": zone,
        "address": f"{settings.SITE_URL}/appointments/{appointment.pk}/",
    }
    with timezone.override(zone):
        subject = render_to_string("messages/way_to_pay_subject.txt", facts).strip()
        body = render_to_string("messages/way_to_pay.txt", facts)
    what, to = f"the way to pay for appointment {appointment.pk}", appointment.patient.user.email
    if mailed(what, to=to, subject=subject, body=body):
        return True
    cache.delete(press)
    return False
