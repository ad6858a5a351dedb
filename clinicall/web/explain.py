"""Why a doctor can or cannot be had at some time: for the doctor, and for the staff who are asked."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import PermissionDenied
from django.core.validators import MaxValueValidator, MinValueValidator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from clinicall.booking.explaining import Verdict, explain, explained_to
from clinicall.core import clock
from clinicall.people.models import Doctor, Role
from clinicall.web.signed_in import SignedInRequest, signed_in

VERDICTS = {
    Verdict.OPEN: (gettext_lazy("Open: patients can book it"), "ok"),
    Verdict.HELD: (gettext_lazy("Held for a patient"), "warn"),
    Verdict.BOOKED: (gettext_lazy("Booked"), "info"),
    Verdict.PAST: (gettext_lazy("Past"), "over"),
    Verdict.CLOSED: (gettext_lazy("Closed: nobody can book it"), "danger"),
}
FIRST_DAY, LAST_DAY = date(1970, 1, 2), date(2999, 12, 30)  # farther off there may be no instant
NO_DATE = gettext_lazy("Enter a date, for example 2026-11-25.")


class TimeForm(forms.Form):
    """A wall time of the doctor's zone; of one that comes twice the first, unless `second`."""

    date = forms.DateField(
        label=gettext_lazy("Date"),
        input_formats=["%Y-%m-%d"],
        validators=[MinValueValidator(FIRST_DAY, NO_DATE), MaxValueValidator(LAST_DAY, NO_DATE)],
        error_messages={"required": gettext_lazy("Choose a date."), "invalid": NO_DATE},
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
    )
    time = forms.TimeField(
        label=gettext_lazy("Time"),
        input_formats=["%H:%M"],
        error_messages={
            "required": gettext_lazy("Enter a time."),
            "invalid": gettext_lazy("Enter a time, for example 09:00."),
        },
        widget=forms.TimeInput({"type": "time"}, format="%H:%M"),
    )
    second = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, zone: ZoneInfo, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = zone

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if not self.errors:
            wall = datetime.combine(data["date"], data["time"])
            local = wall.replace(tzinfo=self.zone, fold=data["second"])
            data["at"] = local.astimezone(UTC)
            if data["at"].astimezone(self.zone).replace(tzinfo=None) != wall:
                told = _("The clocks go forward: %(time)s does not exist that day.")
                self.add_error("time", told % {"time": f"{wall:%H:%M}"})
        return data


@require_safe
@signed_in
def explain_time(request: SignedInRequest, doctor_id: UUID) -> HttpResponse:
    """One minute of a doctor's, `?date=2026-11-25&time=09:00` in the doctor's zone."""
    if request.user.role == Role.PATIENT:
        raise PermissionDenied
    doctor: Doctor = get_object_or_404(explained_to(request.user), pk=doctor_id)
    zone, now = ZoneInfo(doctor.timezone), clock.now()
    here = now.astimezone(zone)
    asked = "date" in request.GET or "time" in request.GET
    form = TimeForm(
        request.GET if asked else None,
        initial={"date": here.date(), "time": here.time()},
        zone=zone,
    )
    context: dict[str, object] = {"doctor": doctor, "doctor_zone": zone, "form": form}
    if form.is_valid():
        told = explain(doctor, form.cleaned_data["at"], to=request.user, now=now)
        verdict, kind = VERDICTS[told.verdict]
        context |= {"told": told, "verdict": verdict, "verdict_kind": kind}
        context["has_second"] = any(fact.code == "comes_twice" for fact in told.facts)
    return render(request, "explain.html", context, status=422 if form.errors else 200)
