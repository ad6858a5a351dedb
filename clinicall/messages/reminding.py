"""Reminders: written down by the clock when they are due, once for each time of a visit."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, QuerySet

from clinicall.booking.models import Appointment, Channel, Message
from clinicall.booking.states import Kind, Status
from clinicall.booking.telling import tell_patient
from clinicall.consultation.models import DeviceCheck
from clinicall.core.clock import now as clinic_now
from clinicall.people.models import Clinic

BEFORE = {
    Kind.REMINDER_DAY: timedelta(hours=24),
    Kind.DEVICE_CHECK: timedelta(hours=4),
    Kind.REMINDER_HOUR: timedelta(hours=1),
}
# A check of longer ago says little of the device that will be used.
CHECKED_WITHIN = timedelta(days=30)
# A text that comes later than this before the start only makes a patient look at their phone once more.
STILL_OF_USE = timedelta(minutes=15)


def remind() -> None:
    """Write down what is due now; repeating it changes nothing."""
    now = clinic_now()
    for kind, before in BEFORE.items():
        for appointment in _due(kind, before, now):
            _write(kind, appointment, now)


def _due(kind: Kind, before: timedelta, now: datetime) -> QuerySet[Appointment]:
    """The visits this much ahead or less, whose patients had word of them before, and not this one."""
    ahead = Appointment.objects.filter(
        status=Status.CONFIRMED, starts_at__gt=now, starts_at__lte=now + before
    )
    this_time = Message.objects.filter(appointment=OuterRef("pk"), about=OuterRef("starts_at"))
    # Who booked or moved only since then has just been told, and another word of it is noise.
    told = this_time.filter(kind__in=(Kind.CONFIRMED, Kind.MOVED))
    due = ahead.exclude(Exists(this_time.filter(kind=kind))).exclude(
        Exists(told.filter(written_at__gt=OuterRef("starts_at") - before))
    )
    if kind == Kind.DEVICE_CHECK:
        checks = DeviceCheck.objects.filter(checked_at__gt=now - CHECKED_WITHIN)
        due = due.exclude(Exists(checks.filter(user=OuterRef("patient"))))
    if kind == Kind.REMINDER_DAY:
        # So late that the other one says it: we were away.
        due = due.filter(starts_at__gt=now + BEFORE[Kind.REMINDER_HOUR])
    return due.select_related("patient__user", "doctor__clinic")


def _write(kind: Kind, appointment: Appointment, now: datetime) -> None:
    """In the quiet hours it waits for their end. Where that is too late for the visit, a mail goes at once,
    which wakes nobody, and no text."""
    zone = ZoneInfo(appointment.patient.user.timezone or appointment.doctor.timezone)
    peace = quiet_until(now, zone, appointment.doctor.clinic)
    in_time = peace <= appointment.starts_at - STILL_OF_USE
    channels = (Channel.MAIL, Channel.SMS) if in_time else (Channel.MAIL,)
    tell_patient(kind, appointment, now=now, due_at=peace if in_time else now, channels=channels)


def quiet_until(now: datetime, zone: ZoneInfo, clinic: Clinic) -> datetime:
    """When the clinic's quiet hours end in that zone, if they are on now; else now."""
    local = now.astimezone(zone)
    begin, end = clinic.quiet_from, clinic.quiet_until
    at = local.time()
    quiet = begin <= at < end if begin <= end else at >= begin or at < end
    if not quiet:
        return now
    day = local.date() + timedelta(days=1 if at >= end else 0)
    return datetime.combine(day, end, tzinfo=zone).astimezone(UTC)
