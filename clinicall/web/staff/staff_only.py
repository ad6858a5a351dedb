"""The clinic's own pages are for its staff and for admins."""

from functools import wraps
from typing import ParamSpec

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils.translation import gettext as _

from clinicall.people.models import Clinic, Role, User
from clinicall.web.signed_in import SignedInRequest, View, signed_in

P = ParamSpec("P")


def staff_only(view: View[P]) -> View[P]:
    """Like `signed_in`, and tells other accounts that the page is not for them."""
    return _only(view, Role.STAFF, Role.ADMIN)


def admin_only(view: View[P]) -> View[P]:
    """Like `staff_only`, for an admin alone."""
    return _only(view, Role.ADMIN)


def _only(view: View[P], *roles: Role) -> View[P]:
    @wraps(view)
    def guarded(request: SignedInRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if request.user.role not in roles:
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return signed_in(guarded)


def clinics_of(user: User) -> QuerySet[Clinic]:
    """The clinics whose pages these are: an admin's are all."""
    clinics = Clinic.objects.all()
    return clinics if user.role == Role.ADMIN else clinics.filter(user=user)


def say_whether_sent(request: SignedInRequest, sent: bool, said: str) -> None:
    """What was done, on the next page; and if the mail about it could not be sent, that too."""
    if sent:
        messages.success(request, said)
    else:
        told = _("%(done)s But the mail could not be sent.") % {"done": said}
        messages.warning(request, told)
