"""A clinic to try things out in: people, hours, visits behind us and ahead, and one about to begin."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import cycle
from random import Random
from uuid import UUID
from zoneinfo import ZoneInfo

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.db import connection, transaction

from clinicall.booking.holds import ANYWHERE, lapse
from clinicall.booking.models import STAYS_OPEN, Appointment, room_closed
from clinicall.booking.states import LIVE, Status
from clinicall.booking.withdrawing import withdraw_slots
from clinicall.core.announce import announce, doctor_topic
from clinicall.core.clock import now as clinic_now
from clinicall.core.money import EXPONENTS
from clinicall.jobs.demo_cast import (
    ABROAD,
    FIRST_NAMES,
    FOCUS,
    LANGUAGES,
    LAST_NAMES,
    REASONS,
    SPECIALIZATIONS,
    WEEKS,
    Hours,
)
from clinicall.jobs.demo_visits import Story, Visit, write
from clinicall.people.clinics import first_clinic
from clinicall.people.models import Clinic, Doctor, Patient, Role, Specialization, User
from clinicall.schedule.first_openings import may_open, note_first_slots
from clinicall.schedule.models import Availability, Slot
from clinicall.schedule.slotting import CannotCut, Cut, Interval, Window, cut

PASSWORD = "clinicall demo"  # noqa: S105 (no secret: every start of a demo prints it)
DOMAIN = "demo.example"
FEES = [2_500, 3_000, 1_800, 3_500, 2_200, 4_000]
FREE = 1  # the second doctor asks for no fee
A_WEEK = timedelta(days=7)
PAST_VISITS = 3  # of each patient, as far as there were times
STARTS_IN, LASTS = timedelta(minutes=5), timedelta(minutes=30)


UNPAID = (Story.CARD_DECLINED, Story.NEVER_PAID)
PAST_STORIES = [
    *(Story.ATTENDED, Story.ATTENDED, Story.PATIENT_CANCELLED, Story.ATTENDED, Story.ATTENDED),
    *(Story.PATIENT_STAYED_AWAY, Story.ATTENDED, Story.DOCTOR_CANCELLED, Story.ATTENDED),
    *(Story.CARD_DECLINED, Story.ATTENDED, Story.NEVER_PAID, Story.ATTENDED),
]


def is_there() -> bool:
    return User.objects.filter(email=f"doctor1@{DOMAIN}").exists()


@transaction.atomic
def create(*, doctors: int, days: int, patients: int) -> None:
    """Everybody and everything but the visit that is about to begin, which is `fresh_visit`'s."""
    now = clinic_now()
    clinic = first_clinic()
    consulting = _people(Role.DOCTOR, doctors, clinic=clinic)
    booking = _people(Role.PATIENT, patients)
    staff = User(email=f"staff@{DOMAIN}", role=Role.STAFF, clinic=clinic)
    admin = User(email=f"admin@{DOMAIN}", role=Role.ADMIN, is_superuser=True)
    _save_accounts([*consulting, *booking, staff, admin])
    Patient.objects.bulk_create(Patient(user=user) for user in booking)
    seeing = _doctors(consulting, clinic)
    _publish(seeing, days, now)
    write(_visits(seeing, booking, now))


# --- People ---


def _people(role: Role, count: int, **facts: object) -> list[User]:
    """Invented names. The lengths of the two lists share no factor, so a name rarely comes twice."""
    apart = 11 if role == Role.PATIENT else 0  # or every patient would have a doctor's name
    return [
        User(
            email=f"{role}{n}@{DOMAIN}",
            first_name=FIRST_NAMES[n % len(FIRST_NAMES)],
            last_name=LAST_NAMES[(4 * n + apart) % len(LAST_NAMES)],
            role=role,
            **facts,
        )
        for n in range(1, count + 1)
    ]


def _save_accounts(users: Sequence[User]) -> None:
    password = make_password(PASSWORD)  # slow by design, so that all share one
    for user in users:
        user.password = password
    User.objects.bulk_create(users)
    EmailAddress.objects.bulk_create(
        EmailAddress(user=user, email=user.email, verified=True, primary=True) for user in users
    )


def _doctors(users: Sequence[User], clinic: Clinic) -> list[Doctor]:
    fields = [Specialization.objects.get_or_create(name=name)[0] for name in SPECIALIZATIONS]
    unit = 10 ** EXPONENTS.get(clinic.currency, 2)
    return Doctor.objects.bulk_create(
        Doctor(
            user=user,
            clinic=clinic,
            name=f"Dr {user.first_name} {user.last_name}",
            specialization=fields[i % len(fields)],
            timezone=_zone_of(i, clinic),
            fee_amount=0 if i == FREE else FEES[i % len(FEES)] * unit,
            languages=LANGUAGES[i % len(LANGUAGES)],
            about=f"{FOCUS[i % len(FOCUS)]} In practice for {6 + i * 7 % 25} years.",
        )
        for i, user in enumerate(users)
    )


def _zone_of(i: int, clinic: Clinic) -> str:
    """Every fifth doctor has gone abroad."""
    gone, at_home = divmod(i + 1, 5)
    return clinic.timezone if at_home else ABROAD[gone % len(ABROAD)]


# --- Hours ---


def _publish(doctors: Sequence[Doctor], days: int, now: datetime) -> None:
    """Hours of the week behind and the days ahead, in portions that fit in memory for any number."""
    for first in range(0, len(doctors), 50):
        hours = [
            one
            for i, doctor in enumerate(doctors[first : first + 50], first)
            for one in _hours(doctor, WEEKS[i % len(WEEKS)], days, now)
        ]
        Availability.objects.bulk_create(row for row, _ in hours)
        _copy_slots(hours)
    note_first_slots()


def _hours(
    doctor: Doctor, week: Sequence[Hours], days: int, now: datetime
) -> Iterator[tuple[Availability, Cut]]:
    zone = ZoneInfo(doctor.timezone)
    today = now.astimezone(zone).date()
    for ahead in range(-A_WEEK.days, days + 1):
        day = today + timedelta(days=ahead)
        for hours in week:
            if day.weekday() in hours.days:
                window = Window(day, hours.start, hours.end, hours.minutes)
                made = cut(window, zone)
                yield _written(doctor, window, zone, made), made


def _written(doctor: Doctor, window: Window, zone: ZoneInfo, made: Cut) -> Availability:
    return Availability(
        doctor=doctor,
        date=window.date,
        timezone=zone.key,
        start_time=window.start,
        end_time=window.end,
        duration_minutes=window.minutes,
        starts_at=made.whole.start,
        ends_at=made.whole.end,
    )


def _copy_slots(hours: Sequence[tuple[Availability, Cut]]) -> None:
    columns = "doctor_id, availability_id, starts_at, ends_at"
    with (
        connection.cursor() as cursor,
        cursor.copy(f"copy schedule_slot ({columns}) from stdin") as copy,
    ):
        for row, made in hours:
            for one in made.slots:
                copy.write_row((row.doctor_id, row.pk, one.start, one.end))


# --- Visits ---


def _visits(doctors: Sequence[Doctor], patients: Sequence[User], now: datetime) -> Iterator[Visit]:
    """Three behind for each patient, one ahead for every other; doctor1's next days are busiest."""
    behind = _slots_between(now - A_WEEK, now - STAYS_OPEN, doctors)
    ahead = _slots_between(now + timedelta(days=1), now + timedelta(days=3), doctors)
    stories, reasons = cycle(PAST_STORIES), cycle(REASONS)
    for i, patient in enumerate(patients):
        taken: list[Slot] = []
        wanted = [
            (doctors[(PAST_VISITS * i + k) % len(doctors)], behind, next(stories))
            for k in range(PAST_VISITS)
        ]
        if i % 2 == 0:
            wanted.append((doctors[i // 2 % len(doctors)], ahead, Story.AHEAD))
        elif i < 8:
            wanted.append((doctors[0], ahead, Story.AHEAD))
        for k, (doctor, offered, story) in enumerate(wanted):
            slot = _take(offered[doctor.pk], taken)
            if slot:
                # What is free of charge is confirmed at once.
                plot = story if doctor.fee_amount or story not in UNPAID else Story.ATTENDED
                booked_at = min(now, slot.starts_at) - timedelta(hours=6 + 5 * k + i % 5)
                yield Visit(slot, doctor, patient, plot, booked_at, next(reasons))


def _slots_between(
    start: datetime, end: datetime, doctors: Sequence[Doctor]
) -> dict[UUID, list[Slot]]:
    """The slots of each doctor in these instants, in an order that spreads visits over the days."""
    slots: dict[UUID, list[Slot]] = defaultdict(list)
    found = Slot.objects.filter(doctor__in=doctors, starts_at__gte=start, ends_at__lte=end)
    for slot in found.order_by("pk"):
        slots[slot.doctor_id].append(slot)
    dice = Random(1)  # noqa: S311 (the same visits every time; nothing is guessed from them)
    for some in slots.values():
        dice.shuffle(some)
    return slots


def _take(offered: list[Slot], taken: list[Slot]) -> Slot | None:
    """The next slot that is not at the same time as one this patient has, off the list."""
    for slot in offered:
        if all(
            slot.ends_at <= other.starts_at or other.ends_at <= slot.starts_at for other in taken
        ):
            offered.remove(slot)
            taken.append(slot)
            return slot
    return None


# --- The visit about to begin ---


@transaction.atomic
def fresh_visit() -> Appointment:
    """The visit of doctor1 with patient1 that can be joined now, else a new one in 5 minutes.

    Where either of them has another appointment then, it is the next time both are free.
    """
    doctor = Doctor.objects.select_related("clinic").get(user__email=f"doctor1@{DOMAIN}")
    patient = User.objects.get(email=f"patient1@{DOMAIN}")
    lapse(ANYWHERE)
    now = clinic_now()
    theirs = Appointment.objects.filter(doctor=doctor, patient_id=patient.pk)
    confirmed = theirs.filter(~room_closed(now), status=Status.CONFIRMED)
    soonest = confirmed.order_by("starts_at").first()
    if soonest and soonest.opens_at <= now:
        return soonest
    interval = _when_both_are_free(doctor, patient, now)
    slot = _slot_for(doctor, interval)
    (made,) = write(
        [Visit(slot, doctor, patient, Story.AHEAD, now - timedelta(hours=6), REASONS[1])]
    )
    return made


def _when_both_are_free(doctor: Doctor, patient: User, now: datetime) -> Interval:
    # A whole minute, and rather sooner: the room opens as little as 5 minutes before the start.
    start = now.replace(second=0, microsecond=0) + STARTS_IN
    live = Appointment.objects.filter(status__in=LIVE)
    either = live.filter(doctor=doctor) | live.filter(patient_id=patient.pk)
    for other in either.filter(ends_at__gt=start).order_by("starts_at"):
        if other.starts_at >= start + LASTS:
            break
        start = max(start, other.ends_at)
    return Interval(start, start + LASTS)


def _slot_for(doctor: Doctor, interval: Interval) -> Slot:
    """A slot of just this time, in hours of its own. They are for today: nobody could publish them."""
    _make_room(doctor, interval)
    window, zone, made = _hours_of(interval, doctor)
    row = _written(doctor, window, zone, made)
    row.save()
    announce(doctor_topic(doctor.pk), {"event": "resync"})
    may_open(doctor.pk, interval.start)
    return Slot.objects.create(
        doctor=doctor, availability=row, starts_at=interval.start, ends_at=interval.end
    )


def _hours_of(interval: Interval, doctor: Doctor) -> tuple[Window, ZoneInfo, Cut]:
    """The interval as hours of one day, in the doctor's zone unless midnight or a change of clocks
    comes between; then in one where it is another time of day."""
    for zone in (ZoneInfo(doctor.timezone), ZoneInfo("UTC"), ZoneInfo("Asia/Colombo")):
        start, end = interval.start.astimezone(zone), interval.end.astimezone(zone)
        window = Window(start.date(), start.time(), end.time(), LASTS // timedelta(minutes=1))
        with suppress(CannotCut):
            made = cut(window, zone)
            if made.whole == interval:
                return window, zone, made
    raise AssertionError("midnight is not at one time in UTC and in Colombo")


def _make_room(doctor: Doctor, interval: Interval) -> None:
    """Take the open slots in the way out of the doctor's hours; what lies before and after them stays."""
    in_the_way = Availability.objects.filter(
        doctor=doctor, starts_at__lt=interval.end, ends_at__gt=interval.start
    )
    for hours in in_the_way:
        zone = ZoneInfo(hours.timezone)
        slots = list(hours.slots.order_by("starts_at"))
        before = [slot for slot in slots if slot.ends_at <= interval.start]
        after = [slot for slot in slots if slot.starts_at >= interval.end]
        withdraw_slots([slot.pk for slot in slots if slot not in before + after])
        kept = [part for part in (before, after) if part]
        for part in kept:
            hours.starts_at, hours.ends_at = part[0].starts_at, part[-1].ends_at
            hours.start_time = hours.starts_at.astimezone(zone).time()
            hours.end_time = hours.ends_at.astimezone(zone).time()
            hours.save()
            Slot.objects.filter(pk__in=[slot.pk for slot in part]).update(availability=hours)
            hours.pk = None  # a second part is saved as hours of its own
        if not kept:
            hours.delete()
