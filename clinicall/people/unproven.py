"""Accounts of addresses that somebody has given, and that nobody may have proven yet to be theirs."""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.account.utils import filter_users_by_email, has_verified_email
from django.contrib.auth.hashers import make_password
from django.db import transaction

from clinicall.people.models import Patient, Role, User


class NotAPatient(Exception):
    """The account of this address may not book: a doctor's, the clinic's own, or a closed one."""


def account_of(email: str) -> User | None:
    """A patient's account is made where there is none, without a password: its owner signs in by a code
    mailed there. One that is there stays as it is; None for one that is closed."""
    found: list[User] = filter_users_by_email(email, prefer_verified=True)
    user = found[0] if found else _made(email.lower())
    return user if user.is_active else None


def patient_at(email: str) -> Patient:
    """The same, for whoever books for them. Raises NotAPatient."""
    user = account_of(email)
    if user is None or user.role != Role.PATIENT:
        raise NotAPatient
    return user.patient


@transaction.atomic
def _made(email: str) -> User:
    # Two forms may come at once; the unique e-mail lets one of them make the account.
    password = make_password(None)
    user, is_new = User.objects.get_or_create(email=email, defaults={"password": password})
    if is_new:
        Patient.objects.create(user=user)
        EmailAddress.objects.create(user=user, email=email, primary=True)
    return user


def forget_a_strangers_password(user: User, method: str, **_: Any) -> None:
    """Whoever signed up with an address that was not theirs waits, with a password that they know, for its
    owner to prove it; so what was set before is no password any more."""
    if method == "code" and user.has_usable_password() and not has_verified_email(user):
        user.set_unusable_password()
        user.save(update_fields=["password"])
