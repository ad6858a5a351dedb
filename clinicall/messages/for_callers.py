"""The way to pay for somebody who booked on the phone."""

import logging
from smtplib import SMTPException
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.cache import cache
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.utils import timezone

from clinicall.booking.models import Appointment
from clinicall.people.models import User

log = logging.getLogger(__name__)

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
    try:
        send_mail(subject, body, None, [appointment.patient.user.email])
    except (SMTPException, OSError) as error:
        # Its text may hold the address.
        log.error("appointment %s cannot be mailed about: %s", appointment.pk, type(error).__name__)
        cache.delete(press)
        return False
    return True
