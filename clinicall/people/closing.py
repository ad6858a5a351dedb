"""Closing an account: nobody signs in with it any more, and whoever is signed in with it is put out."""

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clinicall.core.refusals import Refusal
from clinicall.people.models import Role, User
from clinicall.people.signed_in_elsewhere import end_everywhere


class LastAdmin(Refusal):
    code, title = "not_possible_now", _("This is the last admin, so the account stays open")


@transaction.atomic
def close_account(user_id: UUID) -> None:
    """Repeating it changes nothing. Raises LastAdmin; then nothing has changed."""
    # All of them are locked, in one order, so that two who close each other's account meet here.
    admins = User.objects.filter(role=Role.ADMIN, is_active=True).order_by("pk")
    open_admins = set(admins.select_for_update(no_key=True).values_list("pk", flat=True))
    if open_admins == {user_id}:
        raise LastAdmin
    User.objects.filter(pk=user_id).update(is_active=False)
    # Django knows no inactive account, whatever its cookie says; the sessions go all the same.
    end_everywhere(user_id)
