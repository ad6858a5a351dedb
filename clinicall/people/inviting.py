"""Accounts that the clinic makes for its people; they choose their own password by a one-time link."""

from allauth.account import app_settings
from allauth.account.models import EmailAddress
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import reverse

from clinicall.people.models import Clinic, Role, User


class AlreadyHere(Exception):
    """There is an account with this e-mail."""


def invite(email: str, role: Role, clinic: Clinic | None = None) -> User:
    """An account that nobody can sign in to yet. Raises AlreadyHere."""
    try:
        with transaction.atomic():
            # The admin role is the whole right to the back office; Django asks for it by this name.
            user = User.objects.create_user(
                email, role=role, clinic=clinic, is_superuser=role == Role.ADMIN
            )
    except IntegrityError as clash:  # one account for each e-mail
        raise AlreadyHere from clash
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def one_time_link(user: User) -> str:
    """`one_time_path` for a mail."""
    return settings.SITE_URL + one_time_path(user)


def one_time_path(user: User) -> str:
    """Where they choose their password: for PASSWORD_RESET_TIMEOUT seconds, and until they have."""
    token = app_settings.PASSWORD_RESET_TOKEN_GENERATOR().make_token(user)
    place = {"uidb36": user_pk_to_url_str(user), "key": token}
    return reverse("account_reset_password_from_key", kwargs=place)
