"""The accounts of those who work at a clinic: an admin makes them, helps them back in and closes them."""

from uuid import UUID

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.db.models import QuerySet

from clinicall.people.closing import close_account
from clinicall.people.inviting import invite
from clinicall.people.models import Clinic, Role, User
from clinicall.people.signed_in_elsewhere import end_everywhere
from clinicall.records.audit import note
from clinicall.records.models import Action


def who_run_clinics() -> QuerySet[User]:
    return User.objects.filter(role__in=[Role.STAFF, Role.ADMIN]).select_related("clinic")


@transaction.atomic
def invite_staff(email: str, clinic: Clinic, *, by: User) -> User:
    """Raises AlreadyHere."""
    user = invite(email, Role.STAFF, clinic)
    note(Action.CHANGED, "invite_staff", by=by, of=[user.pk])
    return user


@transaction.atomic
def take_factors_away(user: User, *, by: User | None) -> None:
    """Of somebody who has lost all of them; they are put out, and where one must be, they set up another
    at their next sign-in. `by` is None when the operator does it."""
    Authenticator.objects.filter(user=user).delete()
    end_everywhere(user.pk)
    note(Action.CHANGED, "take_factors_away", by=by, of=[user.pk])


@transaction.atomic
def dismiss(user_id: UUID, *, by: User) -> None:
    """They are put out at once. Raises LastAdmin; then nothing has changed."""
    close_account(user_id)
    note(Action.CHANGED, "dismiss", by=by, of=[user_id])


@transaction.atomic
def bring_back(user_id: UUID, *, by: User) -> None:
    """Their account is open again, with the password and the second factor that they had."""
    if User.objects.filter(pk=user_id, is_active=False).update(is_active=True):
        note(Action.CHANGED, "bring_back", by=by, of=[user_id])
