"""A doctor's pages are for doctors, and know which doctor looks at them."""

from collections.abc import Callable
from datetime import date
from typing import Concatenate, ParamSpec

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect

from clinicall.people.models import Doctor, DoctorState
from clinicall.web.signed_in import SignedInRequest, View, signed_in

P = ParamSpec("P")
DoctorsView = Callable[Concatenate[SignedInRequest, Doctor, P], HttpResponse]


def doctors_only(view: DoctorsView[P]) -> View[P]:
    """Hands the view its doctor; other accounts are told that the page is not for them.

    Who has only applied is sent to the page that says so.
    """

    def guarded(request: SignedInRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        doctor = Doctor.objects.select_related("clinic").filter(user=request.user).first()
        if doctor is None:
            raise PermissionDenied
        if doctor.state == DoctorState.APPLIED:
            return redirect("application")
        return view(request, doctor, *args, **kwargs)

    return signed_in(guarded)


def day_in(text: str) -> date | None:
    """`2026-11-25`, or a week as `2026-W48`, which is its Monday. None also for what is no date: a
    mistyped address shows the present all the same."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    # Far enough from the ends of the calendar to count weeks from it.
    return day if 2000 <= day.year < 2200 else None
