"""Running late: a doctor says by how much, and whoever they are still to see hears it once.

The end of those visits and the closing of their rooms move by it; a room never opens later.
"""

from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Exists, OuterRef

from clinicall.booking.models import Appointment, AppointmentQuerySet, room_closed
from clinicall.booking.noting import note_on
from clinicall.booking.openings import day_bounds
from clinicall.booking.states import Kind, Status
from clinicall.booking.telling import heard_last, take_back, tell_patient
from clinicall.consultation.models import ChannelNotice, Place, Presence, Side
from clinicall.core.announce import agenda_topic, announce
from clinicall.core.clock import now as clinic_now
from clinicall.people.models import Doctor
from clinicall.records.models import Action

CHOICES = (10, 20, 30, 45)  # minutes
# Until then a word can be taken back, and nobody has heard it.
TOLD_AFTER = timedelta(minutes=1)


def still_to_begin(doctor: Doctor, *, now: datetime) -> AppointmentQuerySet:
    """Confirmed visits of the doctor's own day whose room has not closed and in which the doctor has never
    been, in the order of time. Who only looked into the waiting room was not in the visit."""
    today = now.astimezone(ZoneInfo(doctor.timezone)).date()
    _, midnight = day_bounds(today, today, ZoneInfo(doctor.timezone))
    mine = Appointment.objects.filter(
        ~room_closed(now), doctor=doctor, status=Status.CONFIRMED, starts_at__lt=midnight
    )
    by_doctor = {"appointment": OuterRef("pk"), "side": Side.DOCTOR}
    in_the_room = Presence.objects.filter(**by_doctor, place=Place.ROOM)
    in_the_call = ChannelNotice.objects.filter(**by_doctor)
    return mine.exclude(Exists(in_the_room) | Exists(in_the_call)).order_by("starts_at")


@transaction.atomic
def say(doctor: Doctor, minutes: int) -> list[UUID]:
    """The doctor is late by that many minutes, whatever they said before; with 0, on time after all.

    Answers the appointments for which that is new. Saying it again changes nothing.
    """
    now = clinic_now()
    others = still_to_begin(doctor, now=now).exclude(delay_minutes=minutes)
    changed = []
    for visit in others.select_for_update():
        visit.delay_minutes = minutes
        if _may_close_so(visit, now):
            visit.save(update_fields=["delay_minutes"])
            _tell(visit, now)
            changed.append(visit)
    note_on(Action.CHANGED, "running_late", *changed, by=doctor.user)
    # Whoever waits for one of these visits listens here too.
    announce(agenda_topic(doctor.pk), {"event": "late"})
    return [visit.pk for visit in changed]


def _may_close_so(visit: Appointment, now: datetime) -> bool:
    """A smaller delay neither shuts a room at once nor leaves somebody in it with a pass for longer."""
    assert visit.token_expires_at is not None
    return now < visit.closes_at and visit.token_expires_at <= visit.closes_at


def _tell(visit: Appointment, now: datetime) -> None:
    """Unless it is what the patient has heard already, or as it was before they heard anything."""
    take_back(Kind.RUNNING_LATE, visit)
    heard = heard_last(Kind.RUNNING_LATE, visit)
    if visit.delay_minutes != (heard.facts["delay"] if heard else 0):
        tell_patient(
            Kind.RUNNING_LATE, visit, now=now, due_at=now + TOLD_AFTER, delay=visit.delay_minutes
        )
