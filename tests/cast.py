"""The cast: Ana and Ben book, Dr Osei and Dr Silva consult, Cleo may see nothing of it."""

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import Argon2PasswordHasher, make_password

from clinicall.people.models import Clinic, Doctor, Patient, Role, Specialization, User

# Slow by design, a quarter of a second each time that anybody signs in; in the tests it may be quick.
Argon2PasswordHasher.time_cost = Argon2PasswordHasher.parallelism = 1
Argon2PasswordHasher.memory_cost = 8

PASSWORD = "a long enough secret"
PASSWORD_HASH = make_password(PASSWORD)


def a_clinic() -> Clinic:
    return Clinic.objects.create(name="Lakeside", timezone="Asia/Colombo", currency="LKR")


def a_doctor(
    clinic: Clinic,
    name: str,
    specialization: str,
    *,
    fee: int = 250_000,
    timezone: str = "Asia/Colombo",
) -> Doctor:
    user = _user(name, Role.DOCTOR, clinic=clinic)
    return Doctor.objects.create(
        user=user,
        clinic=clinic,
        name=name,
        specialization=Specialization.objects.get_or_create(name=specialization)[0],
        timezone=timezone,
        fee_amount=fee,
        languages=["English", "Sinhala"],
    )


def a_patient(name: str) -> Patient:
    return Patient.objects.create(user=_user(name, Role.PATIENT))


def _user(name: str, role: Role, **facts: object) -> User:
    user = User(email=f"{name.split()[-1].lower()}@clinic.example", role=role, **facts)
    user.password = PASSWORD_HASH
    user.save()
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user
