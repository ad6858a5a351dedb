"""Whose account it is when somebody books on the phone."""

from allauth.account.models import EmailAddress
from allauth.account.utils import filter_users_by_email
from django.contrib.auth.hashers import make_password
from django.db import transaction

from clinicall.people.models import Patient, Role, User


class NotAPatient(Exception):
    """The account with this e-mail may not book: a doctor's, the clinic's own, or a closed one."""


def patient_at(email: str) -> Patient:
    """The patient with this e-mail, else a new one who has not shown yet that it is theirs and signs in
    by a code mailed there. Raises NotAPatient."""
    known = filter_users_by_email(email, prefer_verified=True)
    user = known[0] if known else _new_account(email)
    if user.role != Role.PATIENT or not user.is_active:
        raise NotAPatient
    return user.patient


@transaction.atomic
def _new_account(email: str) -> User:
    # Two may take the same call; the unique e-mail lets one of them make the account.
    user, made = User.objects.get_or_create(
        email=email.lower(), defaults={"password": make_password(None)}
    )
    if made:
        EmailAddress.objects.create(user=user, email=user.email, verified=False, primary=True)
        Patient.objects.create(user=user)
    return user
