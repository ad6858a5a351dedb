"""The clinic's own pages are for its staff and for admins."""

from functools import wraps
from typing import ParamSpec

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse

from clinicall.people.models import Role
from clinicall.web.signed_in import SignedInRequest, View, signed_in

P = ParamSpec("P")


def staff_only(view: View[P]) -> View[P]:
    """Like `signed_in`, and tells other accounts that the page is not for them."""

    @wraps(view)
    def guarded(request: SignedInRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if request.user.role not in (Role.STAFF, Role.ADMIN):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return signed_in(guarded)
