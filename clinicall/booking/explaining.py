"""Reads: why a doctor can or cannot be had at an instant, fact by fact, for whoever has to answer that.

Nothing here names a patient or says why they come.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext_lazy

from clinicall.booking.models import Appointment
from clinicall.booking.openings import SlotState, day_bounds, is_open, slot_states
from clinicall.booking.states import LIVE, Status
from clinicall.people.models import Doctor, DoctorState, Role, User
from clinicall.schedule.models import Availability, Slot
from clinicall.schedule.slotting import FARTHEST

# In a sentence: an appointment is…
IS = {
    Status.PENDING: pgettext_lazy("an appointment is", "pending"),
    Status.CONFIRMED: pgettext_lazy("an appointment is", "confirmed"),
    Status.COMPLETED: pgettext_lazy("an appointment is", "completed"),
}


class Verdict(StrEnum):
    OPEN = "open"
    HELD = "held"
    BOOKED = "booked"
    PAST = "past"
    CLOSED = "closed"  # no slot there, or one that nobody can have


@dataclass(frozen=True)
class Fact:
    """Times in the detail are wall times of the doctor's zone, unless it says otherwise."""

    code: str
    detail: str


@dataclass(frozen=True)
class Explanation:
    """`local` is `at` in the doctor's zone; `slot` is the one that has `at` in it, open or not."""

    at: datetime
    local: datetime
    verdict: Verdict
    slot: Slot | None
    facts: list[Fact]


def explained_to(user: User) -> "QuerySet[Doctor]":
    """The doctors whose times are this account's to ask about; also those who take nobody now."""
    doctors = Doctor.objects.select_related("clinic")
    match user.role:
        case Role.ADMIN:
            return doctors
        case Role.STAFF:
            return doctors.filter(clinic=user.clinic_id)
        case _:
            return doctors.filter(user=user).exclude(state=DoctorState.APPLIED)


def explain(doctor: Doctor, at: datetime, *, to: User, now: datetime) -> Explanation:
    """What opens or closes this instant. `to` must be one that `explained_to` allows."""
    zone = ZoneInfo(doctor.timezone)
    covering = Availability.objects.filter(doctor=doctor, starts_at__lte=at, ends_at__gt=at)
    hours = covering.first()
    slot = Slot.objects.filter(doctor=doctor, starts_at__lte=at, ends_at__gt=at).first()
    state = slot_states([slot], now=now)[slot.pk] if slot else None
    # A reference leads to a person, so it is for those who look after that person.
    names_appointments = to.role in (Role.DOCTOR, Role.STAFF)
    facts = [
        *_of_the_zone(at, zone),
        *_of_the_doctor(doctor),
        *(_of_the_hours(hours, zone) if hours else _of_hours_nearby(doctor, at, zone)),
    ]
    if slot and state:
        facts += _of_the_slot(slot, state, zone)
        facts += _of_its_appointments(slot, state, zone, names_appointments)
    elif hours:
        facts.append(_why_no_slot(hours, at, zone))
    facts += _of_the_date(hours, at, zone, now)
    return Explanation(at, at.astimezone(zone), _verdict(slot, state), slot, facts)


def _verdict(slot: Slot | None, state: SlotState | None) -> Verdict:
    if slot is None or state is None:
        return Verdict.CLOSED
    if state is SlotState.OPEN and not is_open(slot):
        return Verdict.CLOSED
    return Verdict(state)


def _of_the_zone(at: datetime, zone: ZoneInfo) -> Iterator[Fact]:
    local = at.astimezone(zone)
    told = {
        "time": _clock(local),
        "day": date_format(local),
        "zone": zone.key,
        "offset": _offset(local),
    }
    yield Fact("local_time", _("%(time)s on %(day)s in %(zone)s (%(offset)s).") % told)
    before, after = day_bounds(local.date(), local.date(), zone)
    if before.utcoffset() != after.utcoffset():
        yield Fact(
            "clocks_change",
            _("The clocks change that day, from %(before)s to %(after)s.")
            % {"before": _offset(before), "after": _offset(after)},
        )
    if local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset():
        twice = (
            _("%(time)s comes twice that day; this is the second.")
            if local.fold
            else _("%(time)s comes twice that day; this is the first.")
        )
        yield Fact("comes_twice", twice % {"time": _clock(local)})


def _of_the_doctor(doctor: Doctor) -> Iterator[Fact]:
    if not doctor.active:
        yield Fact("not_active", _("The doctor takes no appointments now."))
    if doctor.fee_amount and settings.PAYMENT_PROVIDER == "none":
        yield Fact(
            "no_payments",
            _("A visit costs %(fee)s, and this clinic takes no payments online.")
            % {"fee": doctor.fee},
        )


def _of_the_hours(hours: Availability, zone: ZoneInfo) -> Iterator[Fact]:
    told = ngettext(
        "Inside the hours %(hours)s by %(minutes)d minute.",
        "Inside the hours %(hours)s by %(minutes)d minutes.",
        hours.duration_minutes,
    )
    span = _span(hours.starts_at, hours.ends_at, zone)
    yield Fact("in_hours", told % {"hours": span, "minutes": hours.duration_minutes})
    if hours.timezone != zone.key:
        yield Fact(
            "written_elsewhere",
            _(
                "They were written as %(start)s to %(end)s on %(day)s in %(zone)s, the doctor’s zone"
                " at that time."
            )
            % {
                "start": f"{hours.start_time:%H:%M}",
                "end": f"{hours.end_time:%H:%M}",
                "day": date_format(hours.date),
                "zone": hours.timezone,
            },
        )


def _of_hours_nearby(doctor: Doctor, at: datetime, zone: ZoneInfo) -> Iterator[Fact]:
    yield Fact("no_hours", _("There are no hours at this time."))
    mine = Availability.objects.filter(doctor=doctor)
    before = mine.filter(ends_at__lte=at).order_by("-ends_at").first()
    after = mine.filter(starts_at__gt=at).order_by("starts_at").first()
    if before:
        told = _("The nearest hours before it are %(hours)s on %(day)s.")
        yield Fact("hours_before", told % _when(before, zone))
    else:
        yield Fact("hours_before", _("There are no hours before it."))
    if after:
        told = _("The nearest hours after it are %(hours)s on %(day)s.")
        yield Fact("hours_after", told % _when(after, zone))
    else:
        yield Fact("hours_after", _("There are no hours after it."))


def _when(hours: Availability, zone: ZoneInfo) -> dict[str, str]:
    return {
        "hours": _span(hours.starts_at, hours.ends_at, zone),
        "day": date_format(hours.starts_at.astimezone(zone)),
    }


def _of_the_slot(slot: Slot, state: SlotState, zone: ZoneInfo) -> Iterator[Fact]:
    yield Fact(
        "slot", _("In the slot %(times)s.") % {"times": _span(slot.starts_at, slot.ends_at, zone)}
    )
    match state:
        case SlotState.OPEN:
            yield Fact("open", _("Nobody has it."))
        case SlotState.PAST:
            began = _clock(slot.starts_at.astimezone(zone))
            yield Fact("past", _("It began at %(time)s.") % {"time": began})
        case SlotState.HELD | SlotState.BOOKED:
            pass  # told with the appointment that has it


def _of_its_appointments(
    slot: Slot, state: SlotState, zone: ZoneInfo, named: bool
) -> Iterator[Fact]:
    appointments = list(Appointment.objects.filter(slot=slot).order_by("created_at"))
    for one in appointments:
        if one.status == Status.CANCELLED and one.confirmed_at:
            released = (
                _("Appointment %(reference)s had it and is cancelled, which released the time.")
                if named
                else _("Appointment had it and is cancelled, which released the time.")
            )
            yield Fact("released", released % {"reference": one.reference})
    if any(_never_came_about(one, state) for one in appointments):
        yield Fact("lapsed", _("It was held before, and released again without a payment."))
    for one in appointments:
        if one.status in LIVE and state is SlotState.HELD:
            until = one.held_until.astimezone(zone)
            held = (
                _(
                    "Held until %(time)s on %(day)s while it is offered to a patient who waits for one."
                )
                if one.offer_for_id
                else _("Held until %(time)s on %(day)s while a patient pays.")
            )
            yield Fact("held", held % {"time": _clock(until), "day": date_format(until)})
        elif one.status in LIVE and state is SlotState.BOOKED:
            booked = (
                _("Appointment %(reference)s has it and is %(status)s.")
                if named and one.confirmed_at
                else _("Appointment has it and is %(status)s.")
            )
            told = {"reference": one.reference, "status": IS[Status(one.status)]}
            yield Fact("booked", booked % told)


def _never_came_about(one: Appointment, state: SlotState) -> bool:
    """A hold that is over, also when no worker has written that down yet."""
    if one.offer_for_id:
        return False
    if one.status == Status.CANCELLED:
        return one.confirmed_at is None
    return one.status == Status.PENDING and state is not SlotState.HELD


def _why_no_slot(hours: Availability, at: datetime, zone: ZoneInfo) -> Fact:
    if at >= hours.ends_at - hours.leftover:
        minutes = hours.leftover // timedelta(minutes=1)
        last = _clock((hours.ends_at - hours.leftover).astimezone(zone))
        told = ngettext(
            "The last slot ends at %(last)s; the %(minutes)d minute after it is too short for a"
            " %(long)s-minute appointment.",
            "The last slot ends at %(last)s; the %(minutes)d minutes after it are too short for a"
            " %(long)s-minute appointment.",
            minutes,
        )
        facts = {"last": last, "minutes": minutes, "long": hours.duration_minutes}
        return Fact("left_over", told % facts)
    return Fact("withdrawn", _("The slot was withdrawn when its appointment was cancelled."))


def _of_the_date(
    hours: Availability | None, at: datetime, zone: ZoneInfo, now: datetime
) -> Iterator[Fact]:
    today = now.astimezone(zone).date()
    day = hours.date if hours else at.astimezone(zone).date()
    if day <= today:
        said = (
            _("The date is today, so its hours stay as they are.")
            if day == today
            else _("The date is past, so its hours stay as they are.")
        )
        yield Fact("not_manageable", said)
    elif day > today + FARTHEST:
        far = _("The date is more than %(days)s days ahead.") % {"days": FARTHEST.days}
        yield Fact("too_far", far)


def _clock(local: datetime) -> str:
    return f"{local:%H:%M}"


def _span(start: datetime, end: datetime, zone: ZoneInfo) -> str:
    span = {"start": _clock(start.astimezone(zone)), "end": _clock(end.astimezone(zone))}
    return _("%(start)s to %(end)s") % span


def _offset(local: datetime) -> str:
    sign_hours_minutes = f"{local:%z}"
    return f"UTC{sign_hours_minutes[:3]}:{sign_hours_minutes[3:5]}"
