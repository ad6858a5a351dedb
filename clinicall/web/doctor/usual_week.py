"""A doctor's usual week, as the doctor writes it. It offers patients nothing until it is used."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.forms import BoundField
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from clinicall.core.refusals import Fault, Invalid
from clinicall.people.models import Doctor
from clinicall.schedule.models import Availability
from clinicall.schedule.slotting import Window
from clinicall.schedule.usual import SOME_MONDAY, usual_week, write_usual_week
from clinicall.web.doctor.doctors_only import day_in, doctors_only
from clinicall.web.doctor.forms import FIELD_OF, MOST_PERIODS, HoursForm
from clinicall.web.doctor.week import week_of
from clinicall.web.signed_in import SignedInRequest

PERIODS = 3  # of each weekday, at least: room for two breaks


class UsualWeekForm(HoursForm):
    """Every weekday's periods, under keys such as `2_1`: the first of Wednesday."""

    def __init__(self, *args: Any, periods: int, **kwargs: Any) -> None:
        self.of_day = [[f"{day}_{n}" for n in range(1, periods + 1)] for day in range(7)]
        super().__init__(*args, keys=[key for keys in self.of_day for key in keys], **kwargs)

    def days(self) -> list[tuple[str, bool, list[list[BoundField]], list[list[BoundField]]]]:
        """Each weekday: whether anything is written for it, its periods in use and those folded away."""
        return [
            (name, self.has_some(keys), self.shown(keys), self.folded(keys))
            for name, keys in zip(WEEKDAYS.values(), self.of_day, strict=True)
        ]

    def windows(self) -> list[Window]:
        return [self.window(key, _date_of(key)) for key in self.filled()]

    def show_faults(self, faults: Iterable[Fault]) -> None:
        filled = self.filled()
        for fault in faults:
            place = fault.pointer.partition("#/windows/")[2]
            index, _slash, member = place.partition("/")
            self.add_error(f"{FIELD_OF[member]}_{filled[int(index)]}", fault.detail)


@require_http_methods(["GET", "HEAD", "POST"])
@doctors_only
def write(request: SignedInRequest, doctor: Doctor) -> HttpResponse:
    """Write the usual week; `?from=2026-W48` begins with the hours of that week."""
    usual = usual_week(doctor)
    like = day_in(request.GET.get("from", ""))
    if request.method == "POST":
        posted = sum(name.startswith("start_0_") for name in request.POST)
        form = UsualWeekForm(request.POST, periods=min(posted, MOST_PERIODS))
    else:
        form = _form_of(_hours_in_week_of(doctor, like) if like else usual)
    if form.is_valid():
        try:
            write_usual_week(doctor, form.windows())
        except Invalid as refusal:
            form.show_faults(refusal.faults)
        else:
            messages.success(
                request, _("Your usual week is written. Published hours stay as they are.")
            )
            return redirect("usual_week")
    context = {
        "form": form,
        "is_written": bool(usual),
        "like": week_of(like) if like else None,
        "doctor_zone": ZoneInfo(doctor.timezone),
    }
    return render(request, "doctor/usual_week.html", context, status=422 if form.errors else 200)


def _form_of(week: Sequence[Window]) -> UsualWeekForm:
    """The hours there are, with room for one period more on every day."""
    of_day: dict[int, list[Window]] = defaultdict(list)
    for window in week:
        of_day[window.date.weekday()].append(window)
    initial: dict[str, object] = {}
    for day, windows in of_day.items():
        for n, one in enumerate(windows, 1):
            initial[f"start_{day}_{n}"] = one.start
            initial[f"end_{day}_{n}"] = one.end
            initial[f"minutes_{day}_{n}"] = one.minutes
    most = max(map(len, of_day.values()), default=0)
    return UsualWeekForm(initial=initial, periods=max(PERIODS, most + 1))


def _hours_in_week_of(doctor: Doctor, day: date) -> list[Window]:
    rows = Availability.objects.filter(doctor=doctor, date__in=week_of(day)).order_by("starts_at")
    return [Window(row.date, row.start_time, row.end_time, row.duration_minutes) for row in rows]


def _date_of(key: str) -> date:
    return SOME_MONDAY + timedelta(days=int(key.partition("_")[0]))
