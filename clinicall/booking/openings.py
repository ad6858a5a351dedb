"""Reads: what is open. A slot is open when it is still to come and given to nobody, or to a lapsed hold."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Literal, TypedDict
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet, Subquery

from clinicall.booking.models import Appointment, lapsed
from clinicall.booking.states import LIVE, Status
from clinicall.core.clock import ClinicNow
from clinicall.people.models import Doctor
from clinicall.schedule.models import Slot

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

    class Opening(TypedDict):
        next_opening: datetime | None

    DoctorWithOpening = WithAnnotations[Doctor, Opening]


class SlotState(StrEnum):
    """How a slot reads to its doctor."""

    OPEN = "open"
    HELD = "held"
    BOOKED = "booked"
    PAST = "past"


def _keeping() -> QuerySet[Appointment]:
    """What keeps a slot from others at this moment: live, and not a lapsed hold."""
    return Appointment.objects.filter(status__in=LIVE).exclude(lapsed(ClinicNow()))


def open_slots() -> QuerySet[Slot]:
    given = _keeping().filter(slot=OuterRef("pk"))
    found = Slot.objects.filter(~Exists(given), starts_at__gt=ClinicNow(), doctor__active=True)
    if settings.PAYMENT_PROVIDER == "none":  # then only what costs nothing can be had
        return found.filter(doctor__fee_amount=0)
    return found


def is_open(slot: Slot | None) -> bool:
    """None is one that was withdrawn."""
    return slot is not None and open_slots().filter(pk=slot.pk).exists()


def next_openings(doctor_id: UUID) -> list[Slot]:
    """The soonest, for who cannot have the time that they wanted."""
    return list(open_slots().filter(doctor_id=doctor_id).order_by("starts_at")[:3])


def doctors_with_next_opening() -> "QuerySet[DoctorWithOpening]":
    """Every active doctor, with `next_opening`: their soonest open start, or None."""
    soonest = open_slots().filter(doctor=OuterRef("pk")).order_by("starts_at")
    return (
        Doctor.objects.filter(active=True)
        .select_related("clinic", "specialization")
        .annotate(next_opening=Subquery(soonest.values("starts_at")[:1]))
    )


def day_bounds(first: date, last: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The instants between which these whole days of this zone lie."""
    after = last + timedelta(days=1)
    return datetime.combine(first, time(), zone), datetime.combine(after, time(), zone)


def open_slots_by_day(
    doctor: Doctor, first: date, last: date, zone: ZoneInfo
) -> dict[date, list[Slot]]:
    """Open slots of these days, grouped by the local date of `zone`, both in order."""
    start, end = day_bounds(first, last, zone)
    found = open_slots().filter(doctor=doctor, starts_at__gte=start, starts_at__lt=end)
    return by_day(found.order_by("starts_at"), zone)


def by_day(slots: Iterable[Slot], zone: ZoneInfo) -> dict[date, list[Slot]]:
    days: dict[date, list[Slot]] = defaultdict(list)
    for slot in slots:
        days[slot.starts_at.astimezone(zone).date()].append(slot)
    return dict(days)


def locked_by(states: Iterable[SlotState]) -> Literal["booked", "held"] | None:
    """What keeps a day's hours as they are: a booking, else a hold, else nothing."""
    found = set(states)
    if SlotState.BOOKED in found:
        return "booked"
    return "held" if SlotState.HELD in found else None


def slot_states(slots: Iterable[Slot], *, now: datetime) -> dict[int, SlotState]:
    """By slot id. Whoever looks must own the slots: patients only ever learn what is open."""
    wanted = list(slots)
    keeping = dict(_keeping().filter(slot__in=wanted).values_list("slot_id", "status"))

    def state(slot: Slot) -> SlotState:
        match keeping.get(slot.pk):
            case Status.PENDING:
                return SlotState.HELD
            case None:
                return SlotState.OPEN if slot.starts_at > now else SlotState.PAST
            case _:
                return SlotState.BOOKED

    return {slot.pk: state(slot) for slot in wanted}
