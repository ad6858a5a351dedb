"""A doctor's schedule: a week of it, adding hours, and changing or deleting those of one day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from clinicall.booking.withdrawing import SlotsInUse, replace_day, withdraw_day
from clinicall.core import clock
from clinicall.core.refusals import Invalid, NotFound
from clinicall.people.models import Doctor
from clinicall.schedule.models import Availability, Slot, UsualHours
from clinicall.schedule.publish import NotFuture, Overlap, cut_all, refuse_overlap_within, zones_of
from clinicall.schedule.repeating import DatesUnfit, publish_weekly
from clinicall.schedule.slotting import FARTHEST, Window
from clinicall.web.doctor.doctors_only import day_in, doctors_only
from clinicall.web.doctor.forms import MOST_PERIODS, AddHoursForm, PeriodsForm
from clinicall.web.doctor.week import Day, Shown, days_of, today_of, week_of, written_day_or_404
from clinicall.web.doctor.words import card_of, leftovers, what_was_added
from clinicall.web.signed_in import SignedInRequest

A_DAY, A_WEEK = timedelta(days=1), timedelta(days=7)


@require_safe
@doctors_only
def schedule(request: SignedInRequest, doctor: Doctor) -> HttpResponse:
    """One week, `?week=2026-W48` or the one with a date in it; else the present one."""
    now = clock.now()
    today = today_of(doctor, now)
    dates = week_of(day_in(request.GET.get("week", "")) or today)
    days = days_of(doctor, dates, now=now)
    context = {
        "doctor_zone": ZoneInfo(doctor.timezone),
        "days": days,
        "total": Shown([state for day in days for state in day.all.states]),
        "has_hours": any(day.hours for day in days),
        "has_hours_before": _has_hours(doctor, dates[0] - A_WEEK),
        "has_usual_week": UsualHours.objects.filter(doctor=doctor).exists(),
        "first": dates[0],
        "last": dates[-1],
        "previous": dates[0] - A_WEEK,
        "next": dates[0] + A_WEEK,
        "is_this_week": today in dates,
        "may_add": today < dates[-1] and dates[0] <= today + FARTHEST,
        "add_from": dates[0] if today < dates[0] <= today + FARTHEST else today + A_DAY,
    }
    return render(request, "doctor/schedule.html", context)


def _has_hours(doctor: Doctor, monday: date) -> bool:
    return Availability.objects.filter(doctor=doctor, date__in=week_of(monday)).exists()


@require_http_methods(["GET", "HEAD", "POST"])
@doctors_only
def add_hours(request: SignedInRequest, doctor: Doctor) -> HttpResponse:
    """Publish hours on a day to come, on other days of its week and in weeks to come: all or nothing."""
    now = clock.now()
    earliest = today_of(doctor, now) + A_DAY
    form = AddHoursForm(
        request.POST if request.method == "POST" else None,
        initial={"day": day_in(request.GET.get("date", "")) or earliest},
        earliest=earliest,
        latest=earliest - A_DAY + FARTHEST,
    )
    if form.is_valid():
        days = form.days()
        try:
            added = publish_weekly(
                doctor,
                form.windows(days),
                form.cleaned_data["weeks"],
                leaving_out=form.cleaned_data["leave_out"],
                now=now,
            )
        except DatesUnfit as refusal:
            form.show_unfit(refusal)
        except Invalid as refusal:
            form.show_faults(refusal.faults, days)
        except Overlap as refusal:
            form.show_conflicts(refusal.facts["conflicts"])
        else:
            messages.success(request, what_was_added(doctor, added))
            return redirect(card_of(min(days)))
    context = {"form": form, "doctor_zone": ZoneInfo(doctor.timezone)}
    return render(request, "doctor/add_hours.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@doctors_only
def change_day(request: SignedInRequest, doctor: Doctor, day: str) -> HttpResponse:
    """Other hours for a day to come: first what that would do, then, `confirmed`, it is done."""
    now = clock.now()
    shown = written_day_or_404(doctor, day, now)
    context: dict[str, object] = {"day": shown, "doctor_zone": ZoneInfo(doctor.timezone)}
    if request.method != "POST":
        form = _form_of(shown)
        return render(request, "doctor/change_day.html", context | {"form": form})
    posted = sum(name.startswith("start_") for name in request.POST)
    form = PeriodsForm(request.POST, periods=min(posted, MOST_PERIODS))
    context["form"] = form
    if form.is_valid():
        windows = form.windows([shown.date])
        try:
            if "confirmed" not in request.POST:
                context["difference"] = _difference(doctor, shown, windows, now)
                context["windows"] = windows
                return render(request, "doctor/change_day_confirm.html", context)
            replace_day(doctor, shown.date, windows, now=now)
        except Invalid as refusal:
            form.show_faults(refusal.faults, {shown.date: None})
        except Overlap as refusal:
            form.show_conflicts(refusal.facts["conflicts"])
        except SlotsInUse as refusal:
            context["in_use"] = refusal
            return render(request, "doctor/change_day.html", context, status=refusal.status)
        except NotFound as refusal:
            raise Http404 from refusal
        else:
            rows = Availability.objects.filter(doctor=doctor, date=shown.date)
            changed = _("The hours of %(date)s are changed.") % {"date": date_format(shown.date)}
            messages.success(request, " ".join([changed, *leftovers(rows)]))
            return redirect(card_of(shown.date))
    return render(request, "doctor/change_day.html", context, status=422)


def _form_of(day: Day) -> PeriodsForm:
    """The hours as they are, with room for one period more."""
    initial: dict[str, object] = {}
    for n, one in enumerate(day.hours, 1):
        initial[f"start_{n}"] = one.written.start_time
        initial[f"end_{n}"] = one.written.end_time
        initial[f"minutes_{n}"] = one.written.duration_minutes
    return PeriodsForm(initial=initial, periods=len(day.hours) + 1)


@dataclass(frozen=True)
class Difference:
    """In slots."""

    removed: int
    added: int
    kept: int


def _difference(doctor: Doctor, day: Day, windows: Sequence[Window], now: datetime) -> Difference:
    """What changing the day to these windows would do. Raises Invalid and Overlap."""
    cuts = cut_all(doctor, windows, zones_of(doctor, {day.date}), now=now)
    refuse_overlap_within(cuts)
    after = {(one.start, one.end) for _window, made in cuts for one in made.slots}
    slots = Slot.objects.filter(availability__in=[hours.written for hours in day.hours])
    before = set(slots.values_list("starts_at", "ends_at"))
    return Difference(len(before - after), len(after - before), len(before & after))


@require_http_methods(["GET", "HEAD", "POST"])
@doctors_only
def delete_day(request: SignedInRequest, doctor: Doctor, day: str) -> HttpResponse:
    """Take the hours of a day to come back: what that means, then the deleting."""
    now = clock.now()
    shown = written_day_or_404(doctor, day, now)
    context: dict[str, object] = {"day": shown, "doctor_zone": ZoneInfo(doctor.timezone)}
    if request.method != "POST":
        return render(request, "doctor/delete_day.html", context)
    try:
        withdraw_day(doctor, shown.date, now=now)
    except SlotsInUse as refusal:
        context["in_use"] = refusal
        return render(request, "doctor/delete_day.html", context, status=refusal.status)
    except NotFuture as refusal:
        return render(request, "doctor/delete_day.html", context, status=refusal.status)
    except NotFound as refusal:
        raise Http404 from refusal
    deleted = _("The hours of %(date)s are deleted.") % {"date": date_format(shown.date)}
    messages.success(request, deleted)
    return redirect(card_of(shown.date))
