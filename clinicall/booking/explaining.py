"""Reads: why a doctor can or cannot be had at an instant, fact by fact, for whoever has to answer that.

Nothing here names a patient or says why they come.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import QuerySet
from django.utils.dateformat import format as date_format

from clinicall.booking.models import Appointment
from clinicall.booking.openings import SlotState, day_bounds, is_open, slot_states
from clinicall.booking.states import LIVE, Status
from clinicall.people.models import Doctor, DoctorState, Role, User
from clinicall.schedule.models import Availability, Slot
from clinicall.schedule.slotting import FARTHEST


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
    yield Fact("local_time", f"{_clock(local)} on {_day(local)} in {zone.key} ({_offset(local)}).")
    before, after = day_bounds(local.date(), local.date(), zone)
    if before.utcoffset() != after.utcoffset():
        yield Fact(
            "clocks_change",
            f"The clocks change that day, from {_offset(before)} to {_offset(after)}.",
        )
    if local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset():
        which = "second" if local.fold else "first"
        yield Fact("comes_twice", f"{_clock(local)} comes twice that day; this is the {which}.")


def _of_the_doctor(doctor: Doctor) -> Iterator[Fact]:
    if not doctor.active:
        yield Fact("not_active", "The doctor takes no appointments now.")
    if doctor.fee_amount and settings.PAYMENT_PROVIDER == "none":
        yield Fact(
            "no_payments",
            f"A visit costs {doctor.fee}, and this clinic takes no payments online.",
        )


def _of_the_hours(hours: Availability, zone: ZoneInfo) -> Iterator[Fact]:
    span = _span(hours.starts_at, hours.ends_at, zone)
    yield Fact("in_hours", f"Inside the hours {span} by {hours.duration_minutes} minutes.")
    if hours.timezone != zone.key:
        yield Fact(
            "written_elsewhere",
            f"They were written as {hours.start_time:%H:%M} to {hours.end_time:%H:%M} on"
            f" {_day(hours.date)} in {hours.timezone}, the doctor’s zone at that time.",
        )


def _of_hours_nearby(doctor: Doctor, at: datetime, zone: ZoneInfo) -> Iterator[Fact]:
    yield Fact("no_hours", "There are no hours at this time.")
    mine = Availability.objects.filter(doctor=doctor)
    before = mine.filter(ends_at__lte=at).order_by("-ends_at").first()
    after = mine.filter(starts_at__gt=at).order_by("starts_at").first()
    for code, said, near in (("hours_before", "before", before), ("hours_after", "after", after)):
        if near:
            span = _span(near.starts_at, near.ends_at, zone)
            on = _day(near.starts_at.astimezone(zone))
            yield Fact(code, f"The nearest hours {said} it are {span} on {on}.")
        else:
            yield Fact(code, f"There are no hours {said} it.")


def _of_the_slot(slot: Slot, state: SlotState, zone: ZoneInfo) -> Iterator[Fact]:
    yield Fact("slot", f"In the slot {_span(slot.starts_at, slot.ends_at, zone)}.")
    match state:
        case SlotState.OPEN:
            yield Fact("open", "Nobody has it.")
        case SlotState.PAST:
            yield Fact("past", f"It began at {_clock(slot.starts_at.astimezone(zone))}.")
        case SlotState.HELD | SlotState.BOOKED:
            pass  # told with the appointment that has it


def _of_its_appointments(
    slot: Slot, state: SlotState, zone: ZoneInfo, named: bool
) -> Iterator[Fact]:
    appointments = list(Appointment.objects.filter(slot=slot).order_by("created_at"))

    def which(one: Appointment) -> str:
        return f" {one.reference}" if named and one.confirmed_at else ""

    for one in appointments:
        if one.status == Status.CANCELLED and one.confirmed_at:
            yield Fact(
                "released",
                f"Appointment{which(one)} had it and is cancelled, which released the time.",
            )
    if any(_never_came_about(one, state) for one in appointments):
        yield Fact("lapsed", "It was held before, and released again without a payment.")
    for one in appointments:
        if one.status in LIVE and state is SlotState.HELD:
            until = one.held_until.astimezone(zone)
            yield Fact("held", f"Held until {_clock(until)} on {_day(until)} while a patient pays.")
        elif one.status in LIVE and state is SlotState.BOOKED:
            yield Fact("booked", f"Appointment{which(one)} has it and is {one.status}.")


def _never_came_about(one: Appointment, state: SlotState) -> bool:
    """A hold that is over, also when no worker has written that down yet."""
    if one.status == Status.CANCELLED:
        return one.confirmed_at is None
    return one.status == Status.PENDING and state is not SlotState.HELD


def _why_no_slot(hours: Availability, at: datetime, zone: ZoneInfo) -> Fact:
    if at >= hours.ends_at - hours.leftover:
        minutes = hours.leftover // timedelta(minutes=1)
        last = _clock((hours.ends_at - hours.leftover).astimezone(zone))
        return Fact(
            "left_over",
            f"The last slot ends at {last}; the {minutes} minutes after it are too short for a"
            f" {hours.duration_minutes}-minute appointment.",
        )
    return Fact("withdrawn", "The slot was withdrawn when its appointment was cancelled.")


def _of_the_date(
    hours: Availability | None, at: datetime, zone: ZoneInfo, now: datetime
) -> Iterator[Fact]:
    today = now.astimezone(zone).date()
    day = hours.date if hours else at.astimezone(zone).date()
    if day <= today:
        said = "today" if day == today else "past"
        yield Fact("not_manageable", f"The date is {said}, so its hours stay as they are.")
    elif day > today + FARTHEST:
        yield Fact("too_far", f"The date is more than {FARTHEST.days} days ahead.")


def _clock(local: datetime) -> str:
    return f"{local:%H:%M}"


def _day(day: date) -> str:
    return date_format(day, "l j F Y")


def _span(start: datetime, end: datetime, zone: ZoneInfo) -> str:
    return f"{_clock(start.astimezone(zone))} to {_clock(end.astimezone(zone))}"


def _offset(local: datetime) -> str:
    sign_hours_minutes = f"{local:%z}"
    return f"UTC{sign_hours_minutes[:3]}:{sign_hours_minutes[3:5]}"
