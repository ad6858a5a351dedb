"""Reads for those who run a clinic: staff find what is of their own clinic, an admin all there is."""

import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from clinicall.booking import particulars
from clinicall.booking.ending import MARK_WITHIN
from clinicall.booking.models import Appointment, Delivery, Message, reading_as, room_closed
from clinicall.booking.openings import day_bounds
from clinicall.booking.states import Status
from clinicall.core.ids import READABLE
from clinicall.people import doctors
from clinicall.people.models import Doctor, DoctorState, Role, User
from clinicall.records.sealed import blind_indexes
from clinicall.schedule.models import Slot

REFERENCE_LENGTH = 8
FOR_LONG = timedelta(minutes=5)
# What was to be told before that is no matter of today's.
LATELY = timedelta(days=7)


class Stand(StrEnum):
    """What staff look for appointments by: the four statuses as they read now, and what is left to do."""

    PENDING = "pending"
    CONFIRMED = "confirmed"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    UNMARKED = "unmarked"  # over, and nobody has said whether it took place


def standing_at(stand: Stand, now: datetime) -> Q:
    if stand is Stand.UNMARKED:
        may_be_marked = Q(status=Status.CONFIRMED, ends_at__gt=now - MARK_WITHIN)
        return may_be_marked & room_closed(now)
    return reading_as(Status(stand), now)


def told_by_a_caller(text: str) -> Q:
    """Appointments by what a caller says: the reference, their phone number in any spelling, or words of
    their name in any order. Raises NotUsable for figures that are neither reference nor number."""
    said = unicodedata.normalize("NFC", text)
    reference = said.replace(" ", "").upper()
    found = Q(reference=reference)
    if any(character.isalpha() for character in said):
        return found | _named(said)
    try:
        number = particulars.phone(said, settings.COUNTRY)
    except particulars.NotUsable:
        if len(reference) == REFERENCE_LENGTH and set(reference) <= set(READABLE):
            return found
        raise
    return found | Q(phone_index__in=blind_indexes(number, field="phone"))


def _named(words: str) -> Q:
    named = Q()
    for word in words.split():
        named &= Q(first_name__icontains=word) | Q(last_name__icontains=word)
    return named


@dataclass(frozen=True)
class Day:
    """How many visits of a day there are, and where they stand."""

    visits: int
    to_come: int
    completed: int
    cancelled: int


def day_of(reader: User, day: date, zone: ZoneInfo, *, now: datetime) -> Day:
    start, end = day_bounds(day, day, zone)
    visits = Appointment.objects.overseen_by(reader).filter(
        starts_at__gte=start, starts_at__lt=end, confirmed_at__isnull=False
    )
    stands = Q(status__in=(Status.CONFIRMED, Status.COMPLETED))
    return Day(
        **visits.aggregate(
            visits=Count("pk", filter=stands),
            to_come=Count("pk", filter=Q(status=Status.CONFIRMED, starts_at__gt=now)),
            completed=Count("pk", filter=Q(status=Status.COMPLETED)),
            cancelled=Count("pk", filter=Q(status=Status.CANCELLED)),
        )
    )


def doctors_without_hours(reader: User, first: date, zone: ZoneInfo) -> QuerySet[Doctor]:
    """The active ones who offer nothing in the seven days from `first` on."""
    start, end = day_bounds(first, first + timedelta(days=6), zone)
    offered = Slot.objects.filter(doctor=OuterRef("pk"), starts_at__gte=start, starts_at__lt=end)
    return doctors.overseen_by(reader).filter(~Exists(offered), active=True).order_by("name", "pk")


def messages_of(reader: User) -> QuerySet[Message]:
    """What was told about the appointments that they oversee, and to those doctors."""
    told = Message.objects.select_related("to", "appointment")
    if reader.role == Role.ADMIN:
        return told
    if reader.role != Role.STAFF:
        return told.none()
    of_the_clinic = Q(appointment__doctor__clinic_id=reader.clinic_id)
    return told.filter(of_the_clinic | Q(appointment=None, to__clinic_id=reader.clinic_id))


def stuck_at(now: datetime) -> Q:
    """Messages that should have gone out: tried in vain for a while, or not even tried."""
    tried_in_vain = Q(tries__gt=0, written_at__lt=now - FOR_LONG)
    return Q(state=Delivery.WAITING) & (tried_in_vain | Q(next_try_at__lt=now - FOR_LONG))


def failed_lately(reader: User, *, now: datetime) -> QuerySet[Message]:
    return messages_of(reader).filter(state=Delivery.FAILED, written_at__gt=now - LATELY)


def applications(reader: User) -> QuerySet[Doctor]:
    return doctors.overseen_by(reader).filter(state=DoctorState.APPLIED)
