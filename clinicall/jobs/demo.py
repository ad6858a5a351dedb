"""A clinic to try things out in: people, hours, visits behind us and ahead, and one about to begin."""

import secrets
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import Enum, auto
from itertools import cycle
from random import Random
from uuid import UUID
from zoneinfo import ZoneInfo

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import connection, transaction

from clinicall import wiring
from clinicall.booking.holds import ANYWHERE, lapse
from clinicall.booking.models import STAYS_OPEN, Appointment, Transition
from clinicall.booking.states import LIVE, CancelReason, Outcome, Status
from clinicall.booking.withdrawing import withdraw_slots
from clinicall.core.announce import announce
from clinicall.core.clock import now as clinic_now
from clinicall.core.ids import new_reference
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
from clinicall.payments.models import (
    Payment,
    PaymentState,
    Refund,
    RefundState,
    SandboxCheckout,
    SandboxRefund,
)
from clinicall.people.clinics import first_clinic
from clinicall.people.models import Clinic, Doctor, Patient, Role, Specialization, User
from clinicall.schedule.models import Availability, Slot
from clinicall.schedule.slotting import CannotCut, Cut, Interval, Window, cut
from clinicall.video.provider import PATIENT_UID, VideoLine, channel_name

PASSWORD = "clinicall demo"  # noqa: S105 (no secret: every start of a demo prints it)
DOMAIN = "demo.example"
FEES = [2_500, 3_000, 1_800, 3_500, 2_200, 4_000]
FREE = 1  # the second doctor asks for no fee
A_WEEK = timedelta(days=7)
PAST_VISITS = 3  # of each patient, as far as there were times
STARTS_IN, LASTS = timedelta(minutes=5), timedelta(minutes=30)


class Story(Enum):
    """What becomes of a visit of the demo."""

    AHEAD = auto()
    ATTENDED = auto()
    PATIENT_STAYED_AWAY = auto()
    PATIENT_CANCELLED = auto()
    DOCTOR_CANCELLED = auto()
    CARD_DECLINED = auto()
    NEVER_PAID = auto()


PAST_STORIES = [
    *(Story.ATTENDED, Story.ATTENDED, Story.PATIENT_CANCELLED, Story.ATTENDED, Story.ATTENDED),
    *(Story.PATIENT_STAYED_AWAY, Story.ATTENDED, Story.DOCTOR_CANCELLED, Story.ATTENDED),
    *(Story.CARD_DECLINED, Story.ATTENDED, Story.NEVER_PAID, Story.ATTENDED),
]


@dataclass(frozen=True)
class Visit:
    slot: Slot
    doctor: Doctor
    patient: User
    story: Story
    booked_at: datetime
    reason: str


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
    _write(_visits(seeing, booking, now))


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
            (Availability(**_written(doctor, window, zone, made)), made)
            for i, doctor in enumerate(doctors[first : first + 50], first)
            for zone in [ZoneInfo(doctor.timezone)]
            for window in _windows(WEEKS[i % len(WEEKS)], now.astimezone(zone).date(), days)
            for made in [cut(window, zone)]
        ]
        Availability.objects.bulk_create(row for row, _ in hours)
        _copy_slots(hours)


def _windows(week: Sequence[Hours], today: date, days: int) -> Iterator[Window]:
    for ahead in range(-A_WEEK.days, days + 1):
        day = today + timedelta(days=ahead)
        for hours in week:
            if day.weekday() in hours.days:
                yield Window(day, hours.start, hours.end, hours.minutes)


def _written(doctor: Doctor, window: Window, zone: ZoneInfo, made: Cut) -> dict[str, object]:
    return {
        "doctor": doctor,
        "date": window.date,
        "timezone": zone.key,
        "start_time": window.start,
        "end_time": window.end,
        "duration_minutes": window.minutes,
        "starts_at": made.whole.start,
        "ends_at": made.whole.end,
    }


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


def _visits(
    doctors: Sequence[Doctor], patients: Sequence[User], now: datetime
) -> Iterator[Visit]:
    """Three behind for each patient, one ahead for every other; doctor1's next days are busiest."""
    behind = _slots_between(now - A_WEEK, now - STAYS_OPEN - LASTS, doctors)
    ahead = _slots_between(now + timedelta(days=1), now + A_WEEK, doctors)
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
                # Fees are what a card is declined for.
                plot = story if doctor.fee_amount or story not in UNPAID else Story.ATTENDED
                booked_at = min(now, slot.starts_at) - timedelta(hours=6 + 5 * k + i % 5)
                yield Visit(slot, doctor, patient, plot, booked_at, next(reasons))


def _slots_between(
    start: datetime, end: datetime, doctors: Sequence[Doctor]
) -> dict[UUID, list[Slot]]:
    """The slots of each doctor in these instants, in an order that spreads visits over the days."""
    slots: dict[UUID, list[Slot]] = defaultdict(list)
    found = Slot.objects.filter(doctor__in=doctors, starts_at__gte=start, starts_at__lt=end)
    for slot in found.order_by("pk"):
        slots[slot.doctor_id].append(slot)
    dice = Random(1)  # noqa: S311 (the same visits every time; nothing is guessed from them)
    for some in slots.values():
        dice.shuffle(some)
    return slots


def _take(offered: list[Slot], taken: list[Slot]) -> Slot | None:
    """The next slot that is not at the same time as one this patient has, off the list."""
    for slot in offered:
        if all(slot.ends_at <= other.starts_at or other.ends_at <= slot.starts_at for other in taken):
            offered.remove(slot)
            taken.append(slot)
            return slot
    return None
