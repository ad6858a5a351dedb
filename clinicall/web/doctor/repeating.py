"""A doctor's hours again on other dates: a day copied, a week repeated, the usual week used."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import messages
from django.core.validators import MaxValueValidator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from clinicall.core import clock
from clinicall.core.refusals import Invalid
from clinicall.people.models import Doctor
from clinicall.schedule import repeating
from clinicall.schedule.models import Availability
from clinicall.schedule.planning import A_WEEK
from clinicall.schedule.publish import Overlap
from clinicall.schedule.slotting import FARTHEST, Window
from clinicall.schedule.usual import usual_week
from clinicall.web.doctor.doctors_only import day_in, doctors_only
from clinicall.web.doctor.forms import LAST_DAY, NO_DATE
from clinicall.web.doctor.leaving_out import DatesField, LeavingOutForm, weeks_field
from clinicall.web.doctor.week import days_of, today_of, week_of, written_day_or_404
from clinicall.web.doctor.words import card_of, overlaps, what_was_added
from clinicall.web.signed_in import SignedInRequest

A_DAY = timedelta(days=1)
WEEKS_AT_FIRST, WEEKS_MORE, WEEKS_AT_MOST = 4, 8, 53  # as many as the year ahead lies in


class CopyDayForm(LeavingOutForm):
    dates = DatesField(error_messages={"required": _("Choose at least one date.")})


class RepeatWeekForm(LeavingOutForm):
    weeks = weeks_field(_("For how many weeks after this one"))


class UseUsualWeekForm(LeavingOutForm):
    week = forms.DateField(
        label=_("From the week of"),
        validators=[MaxValueValidator(LAST_DAY, NO_DATE)],
        error_messages={
            "required": _("Choose a date."),
            "invalid": NO_DATE,
        },
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
    )
    weeks = weeks_field(_("For how many weeks"))


@require_http_methods(["GET", "HEAD", "POST"])
@doctors_only
def copy_day(request: SignedInRequest, doctor: Doctor, day: str) -> HttpResponse:
    """The hours of a day on other dates as well; `more` shows dates further ahead to choose from."""
    now = clock.now()
    shown = written_day_or_404(doctor, day, now)
    sends = request.method == "POST" and "more" not in request.POST
    form = CopyDayForm(request.POST if sends else None)
    if form.is_valid():
        data = form.cleaned_data
        published = _published(
            request,
            doctor,
            form,
            lambda: repeating.copy_day(
                doctor, shown.date, data["dates"], leaving_out=data["leave_out"], now=now
            ),
        )
        if published:
            return published
    weeks = _weeks_to_choose(
        doctor,
        shown.date,
        at_least=request.POST.get("more") or request.POST.get("shown") or "",
        chosen={one for text in request.POST.getlist("dates") if (one := day_in(text))},
        now=now,
    )
    context = {
        "form": form,
        "day": shown,
        "slots": _slots([one.written for one in shown.hours]),
        "weeks": weeks,
        "more": len(weeks) + WEEKS_MORE if len(weeks) < WEEKS_AT_MOST else None,
        "doctor_zone": ZoneInfo(doctor.timezone),
    }
    return render(request, "doctor/copy_day.html", context, status=422 if form.errors else 200)


@dataclass(frozen=True)
class Target:
    """A date to copy hours to, if it has none: those that have are shown, not offered."""

    date: date
    has_hours: bool
    may_be_chosen: bool
    is_chosen: bool


def _weeks_to_choose(
    doctor: Doctor, day: date, *, at_least: str, chosen: set[date], now: datetime
) -> list[list[Target]]:
    """Week by week from tomorrow's on, until some weeks after the day itself."""
    today = today_of(doctor, now)
    first = week_of(today + A_DAY)[0]
    weeks = max(0, (day - first) // A_WEEK) + WEEKS_AT_FIRST
    if at_least.isdecimal():
        weeks = max(weeks, int(at_least[:3]))
    dates = [first + timedelta(days=n) for n in range(7 * min(weeks, WEEKS_AT_MOST))]
    found = Availability.objects.filter(doctor=doctor, date__range=(dates[0], dates[-1]))
    taken = set(found.values_list("date", flat=True))
    targets = [
        Target(
            one, one in taken, one not in taken and today < one <= today + FARTHEST, one in chosen
        )
        for one in dates
    ]
    return [targets[n : n + 7] for n in range(0, len(targets), 7)]


@require_http_methods(["GET", "HEAD", "POST"])
@doctors_only
def repeat_week(request: SignedInRequest, doctor: Doctor) -> HttpResponse:
    """The hours of a week, `?week=2026-W48`, in the weeks after it."""
    now = clock.now()
    week = day_in(request.GET.get("week", ""))
    if week is None:
        raise Http404
    days = [day for day in days_of(doctor, week_of(week), now=now) if day.hours]
    if not days:
        raise Http404
    form = RepeatWeekForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        data = form.cleaned_data
        published = _published(
            request,
            doctor,
            form,
            lambda: repeating.repeat_week(
                doctor, week, data["weeks"], leaving_out=data["leave_out"], now=now
            ),
        )
        if published:
            return published
    rows = [one.written for day in days for one in day.hours]
    context = {
        "form": form,
        "days": days,
        "slots": _slots(rows),
        "weekdays": " ".join(f"{day.date.weekday()}" for day in days),
        "first": week_of(week)[0],
        "last": week_of(week)[-1],
        "doctor_zone": ZoneInfo(doctor.timezone),
    }
    return render(request, "doctor/repeat_week.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@doctors_only
def use_usual_week(request: SignedInRequest, doctor: Doctor) -> HttpResponse:
    """The usual week as hours of weeks to come, from `?week=2026-W48` on."""
    now = clock.now()
    usual = usual_week(doctor)
    if not usual:
        return redirect("usual_week")
    first = day_in(request.GET.get("week", "")) or today_of(doctor, now) + A_WEEK
    form = UseUsualWeekForm(
        request.POST if request.method == "POST" else None, initial={"week": week_of(first)[0]}
    )
    if form.is_valid():
        data = form.cleaned_data
        published = _published(
            request,
            doctor,
            form,
            lambda: repeating.use_usual_week(
                doctor, data["week"], data["weeks"], leaving_out=data["leave_out"], now=now
            ),
        )
        if published:
            return published
    context = {
        "form": form,
        "usual": usual,
        "slots": sum(_minutes(one) // one.minutes for one in usual),
        "weekdays": " ".join(sorted({f"{one.date.weekday()}" for one in usual})),
        "doctor_zone": ZoneInfo(doctor.timezone),
    }
    return render(
        request, "doctor/use_usual_week.html", context, status=422 if form.errors else 200
    )


def _published(
    request: SignedInRequest,
    doctor: Doctor,
    form: LeavingOutForm,
    publish: Callable[[], list[Window]],
) -> HttpResponse | None:
    """Publishes and goes to see it; or says on the form why not."""
    try:
        added = publish()
    except repeating.DatesUnfit as refusal:
        form.show_unfit(refusal)
    except Invalid as refusal:
        for fault in refusal.faults:
            form.add_error(None, fault.detail)
    except Overlap as refusal:
        for told in overlaps(refusal.facts["conflicts"]):
            form.add_error(None, told)
    else:
        messages.success(request, what_was_added(doctor, added))
        return redirect(card_of(min(one.date for one in added)))
    return None


def _slots(rows: Sequence[Availability]) -> int:
    """As many as hours like these make on a night without a change of clocks."""
    return sum(
        (row.ends_at - row.starts_at) // timedelta(minutes=row.duration_minutes) for row in rows
    )


def _minutes(window: Window) -> int:
    start, end = window.start, window.end
    return (end.hour - start.hour) * 60 + end.minute - start.minute
