"""What the clock tells doctors: in the morning their day, and that a patient waits for them. Each once."""

from datetime import time
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef

from clinicall.booking.models import Appointment, Message
from clinicall.booking.openings import day_bounds
from clinicall.booking.states import Kind, Status
from clinicall.booking.telling import tell_doctor, tell_of_day
from clinicall.consultation.waiting import kept_waiting
from clinicall.core.clock import now as clinic_now
from clinicall.people.models import Doctor

# By the doctor's clock. If nobody wrote until then, the day is well under way and its list is no news.
LIST_FROM, LIST_UNTIL = time(6), time(9)


def tell_who_waits() -> None:
    """Write it to each doctor who is missed at a visit; repeating it changes nothing."""
    now = clinic_now()
    told = Message.objects.filter(
        appointment=OuterRef("pk"), kind=Kind.PATIENT_WAITING, about=OuterRef("starts_at")
    )
    for visit in kept_waiting(Appointment.objects.exclude(Exists(told)), now=now):
        tell_doctor(Kind.PATIENT_WAITING, visit, now=now)


def list_days() -> None:
    """Write it to each doctor whose morning it is and who has visits today; as above."""
    now = clinic_now()
    zones = Doctor.objects.values_list("timezone", flat=True)
    for zone in map(ZoneInfo, zones.distinct()):
        local = now.astimezone(zone)
        if not LIST_FROM <= local.time() < LIST_UNTIL:
            continue
        start, end = day_bounds(local.date(), local.date(), zone)
        told = Message.objects.filter(to=OuterRef("doctor"), kind=Kind.DAY_LIST, about=start)
        visits = Appointment.objects.filter(
            doctor__timezone=zone.key,
            status=Status.CONFIRMED,
            starts_at__gte=start,
            starts_at__lt=end,
            ends_at__gt=now,
        ).exclude(Exists(told))
        for doctor_id in visits.values_list("doctor", flat=True).distinct():
            tell_of_day(doctor_id, start, now=now)
