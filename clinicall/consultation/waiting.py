"""Patients who have come and wait for a doctor who is nowhere to be seen."""

from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, QuerySet

from clinicall.booking.models import Appointment
from clinicall.booking.states import Status
from clinicall.consultation.evidence import GRACE
from clinicall.consultation.models import Presence, Side
from clinicall.consultation.who_came import who_came

# Whoever only looks in is not waiting.
STAYED = timedelta(minutes=1)
# Before the start, or before the later one that the doctor has told.
MISSED_FROM = timedelta(minutes=2)
A_DAY = timedelta(days=1)  # no visit is longer


def kept_waiting(visits: QuerySet[Appointment], *, now: datetime) -> list[Appointment]:
    """Those of them whose patient has been there for a minute, while the room is open or about to be needed
    and their doctor is neither there nor at another visit."""
    here = Presence.objects.filter(gone=False, until__gt=now - GRACE)
    patients = here.filter(appointment=OuterRef("pk"), side=Side.PATIENT)
    doctors = here.filter(
        appointment__doctor=OuterRef("doctor"),
        appointment__starts_at__range=(now - A_DAY, now + A_DAY),
        side=Side.DOCTOR,
    )
    around = visits.filter(
        status=Status.CONFIRMED,
        starts_at__gt=now - A_DAY,
        starts_at__lte=now + MISSED_FROM,
    )
    alone = [
        visit for visit in around.filter(Exists(patients), ~Exists(doctors)) if _is_time(visit, now)
    ]
    came = who_came([visit.pk for visit in alone], now=now)
    return [
        visit
        for visit in alone
        if (patient := came[visit.pk].being(Side.PATIENT)) and now - patient.since >= STAYED
    ]


def _is_time(visit: Appointment, now: datetime) -> bool:
    return visit.expected_at - MISSED_FROM <= now < visit.closes_at
