"""Who may open a page at all; what they may see on it is asked of the rows."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from clinicall.people.models import Role, User
from clinicall.web.viewer import PageRequest

P = ParamSpec("P")


class SignedInRequest(PageRequest):
    user: User


View = Callable[Concatenate[SignedInRequest, P], HttpResponse]


def signed_in(view: View[P]) -> View[P]:
    """Sends strangers to sign in and then back here; no browser or proxy keeps the page."""
    return never_cache(login_required(view))


def patients_only(view: View[P]) -> View[P]:
    """Like `signed_in`, and tells other accounts in words that this page is not for them."""

    @wraps(view)
    def guarded(request: SignedInRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if request.user.role != Role.PATIENT:
            return render(request, "patient/not_a_patient.html", status=403)
        return view(request, *args, **kwargs)

    return signed_in(guarded)


def patients_and_guests(
    view: Callable[Concatenate[PageRequest, P], HttpResponse],
) -> Callable[Concatenate[PageRequest, P], HttpResponse]:
    """Also for people without an account; other accounts are told that this page is not for them."""

    @wraps(view)
    def guarded(request: PageRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if request.user.is_authenticated and request.user.role != Role.PATIENT:
            return render(request, "patient/not_a_patient.html", status=403)
        return view(request, *args, **kwargs)

    return never_cache(guarded)
