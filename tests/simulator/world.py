"""Who there is in every history: three doctors, four patients and somebody at the desk."""

import random
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from random import Random
from unittest.mock import patch
from uuid import UUID

from django.db import connection

from clinicall.people.models import Clinic, Doctor, DoctorState, Patient, Role, Specialization, User
from tests.clinic_clock import NOON, ClinicClock

# What a history writes. The people stay, and begin each history as they were.
HISTORY = """truncate consultation_presence, consultation_channelnotice, booking_nicreveal,
booking_waitlistentry, booking_message, booking_transition, booking_appointment, payments_event,
payments_refund, payments_payment, schedule_slot, schedule_availability, records_idempotencykey
restart identity"""
POLICIES = ((0, 100), (24, 50), (2, 80), (12, 0), (0, 33))  # hours before, percent
FEES = {"osei": 250_000, "perera": 99_999, "silva": 0}


@dataclass
class World:
    clinic: Clinic
    doctors: list[Doctor]
    patients: list[Patient]
    desk: User

    def name(self, person: UUID) -> str:
        return self.names[person]

    def __post_init__(self) -> None:
        everybody = [*(d.user for d in self.doctors), *(p.user for p in self.patients), self.desk]
        self.names = {user.pk: user.first_name for user in everybody}


def build() -> World:
    """Once for each database."""
    clinic = Clinic.objects.create(
        id=UUID(int=1), name="Lakeside", timezone="Asia/Colombo", currency="LKR"
    )
    numbers = iter(range(2, 100))

    def user(name: str, role: Role) -> User:
        return User.objects.create(
            id=UUID(int=next(numbers)),
            email=f"{name}@clinic.example",
            first_name=name,
            role=role,
            clinic=clinic if role != Role.PATIENT else None,
        )

    kind = Specialization.objects.create(name="General practice")
    doctors = [
        Doctor.objects.create(
            user=user(name, Role.DOCTOR),
            clinic=clinic,
            name=name,
            specialization=kind,
            timezone="Asia/Colombo",
            fee_amount=fee,
        )
        for name, fee in FEES.items()
    ]
    patients = [
        Patient.objects.create(user=user(name, Role.PATIENT))
        for name in ("ana", "ben", "cleo", "dan")
    ]
    return World(clinic, doctors, patients, user("desk", Role.STAFF))


def doctor_costs(doctor: Doctor, fee: int, *, active: bool) -> None:
    Doctor.objects.filter(pk=doctor.pk).update(
        fee_amount=fee, state=DoctorState.ACTIVE if active else DoctorState.SUSPENDED
    )


def clinic_gives_back(hours: int, percent: int) -> None:
    """From now on, of what a patient cancels so many hours before."""
    Clinic.objects.update(refund_hours=hours, refund_percent=percent)


def begin(world: World, clock: ClinicClock, random: Random) -> None:
    """Nothing has happened yet; it is Monday noon, and the clinic has some refund policy."""
    with connection.cursor() as cursor:
        cursor.execute(HISTORY)
        for doctor in world.doctors:
            doctor_costs(doctor, FEES[doctor.name], active=True)
        clinic_gives_back(*random.choice(POLICIES))
    clock.set(NOON)


@contextmanager
def names_drawn_from(source: Random) -> Iterator[None]:
    """Ids, references and nonces of the product come from `source`, so that a seed tells all."""
    with patch("os.urandom", source.randbytes), patch.object(random, "_urandom", source.randbytes):
        assert secrets.token_hex(1)
        yield
