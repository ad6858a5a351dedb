"""A doctor's schedule: a week of it, adding hours, and changing or deleting those of one day."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NoReturn
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.db import transaction
from django.db.models import Count
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.dateformat import format as date_format
from django.views.decorators.http import require_http_methods, require_safe

from clinicall.booking.withdrawing import SlotsInUse, replace_day, withdraw_day
from clinicall.core import clock
from clinicall.core.refusals import Invalid
from clinicall.people.models import Doctor
from clinicall.schedule.models import Availability, Slot
from clinicall.schedule.publish import Overlap, publish
from clinicall.schedule.slotting import FARTHEST, Window
from clinicall.web.doctor.doctors_only import day_in, doctors_only
from clinicall.web.doctor.forms import MOST_PERIODS, AddHoursForm, PeriodsForm
from clinicall.web.doctor.week import Day, Shown, days_of, week_of
from clinicall.web.patient.signed_in import SignedInRequest

A_DAY, A_WEEK = timedelta(days=1), timedelta(days=7)


@require_safe
@doctors_only
def schedule(request: SignedInRequest, doctor: Doctor) -> HttpResponse:
    """One week, `?week=2026-W48` or the one with a date in it; else the present one."""
    now = clock.now()
    today = _today(doctor, now)
    dates = week_of(day_in(request.GET.get("week", "")) or today)
    days = days_of(doctor, dates, now=now)
    context = {
        "doctor_zone": ZoneInfo(doctor.timezone),
        "days": days,
        "total": Shown([state for day in days for state in day.all.states]),
        "has_hours": any(day.hours for day in days),
        "first": dates[0],
        "last": dates[-1],
        "previous": dates[0] - A_WEEK,
        "next": dates[0] + A_WEEK,
        "is_this_week": today in dates,
        "may_add": today < dates[-1] <= today + FARTHEST + A_WEEK,
        "add_from": max(dates[0], today + A_DAY),
    }
    return render(request, "doctor/schedule.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@doctors_only
def add_hours(request: SignedInRequest, doctor: Doctor) -> HttpResponse:
    """Publish hours on a day to come, and the same on other days of its week: all of it or nothing."""
    now = clock.now()
    earliest = _today(doctor, now) + A_DAY
    form = AddHoursForm(
        request.POST if request.method == "POST" else None,
        initial={"date": day_in(request.GET.get("date", "")) or earliest},
        earliest=earliest,
        latest=earliest - A_DAY + FARTHEST,
    )
    if form.is_valid():
        days = form.days()
        windows = form.windows(days)
        try:
            publish(doctor, windows, now=now)
        except Invalid as refusal:
            form.show_faults(refusal.faults, days)
        except Overlap as refusal:
            form.show_conflicts(refusal.facts["conflicts"])
        else:
            messages.success(request, _what_was_added(doctor, windows))
            return redirect(f"{reverse('schedule')}?week={days[0]}")
    context = {"form": form, "doctor_zone": ZoneInfo(doctor.timezone)}
    return render(request, "doctor/add_hours.html", context, status=422 if form.errors else 200)


def _what_was_added(doctor: Doctor, windows: list[Window]) -> str:
    days = sorted({window.date for window in windows})
    rows = Availability.objects.filter(
        doctor=doctor, date__in=days, start_time__in={window.start for window in windows}
    ).annotate(slot_count=Count("slots"))
    slots = sum(row.slot_count for row in rows)
    where = date_format(days[0], "l j F Y") if len(days) == 1 else f"{len(days)} days"
    left = {(row.leftover // timedelta(minutes=1), row.duration_minutes) for row in rows}
    return " ".join(
        [
            f"{slots} slot{'s' * (slots != 1)} added on {where}.",
            *(
                f"{minutes} minutes at the end are too short for a {length}-minute appointment and"
                " are not offered."
                for minutes, length in sorted(left)
                if minutes
            ),
        ]
    )


@require_http_methods(["GET", "HEAD", "POST"])
@doctors_only
def change_day(request: SignedInRequest, doctor: Doctor, day: str) -> HttpResponse:
    """Other hours for a day to come: first what that would do, then, `confirmed`, it is done."""
    now = clock.now()
    shown = _day_or_404(doctor, day, now)
    if request.method != "POST":
        return _show_change(request, shown, _form_of(shown))
    posted = sum(name.startswith("start_") for name in request.POST)
    form = PeriodsForm(
        request.POST,
        periods=min(posted, MOST_PERIODS),
        needed=sum(name.startswith("needed_") for name in request.POST),
    )
    if not form.is_valid():
        return _show_change(request, shown, form, status=422)
    windows = form.windows([shown.date])
    try:
        difference = _change(doctor, shown.date, windows, now, for_good="confirmed" in request.POST)
    except Invalid as refusal:
        form.show_faults(refusal.faults, [shown.date])
    except Overlap as refusal:
        form.show_conflicts(refusal.facts["conflicts"])
    except SlotsInUse as refusal:
        return _show_change(request, shown, form, in_use=refusal, status=409)
    else:
        if "confirmed" in request.POST:
            messages.success(request, f"Hours changed. {difference}")
            return redirect(f"{reverse('schedule')}?week={shown.date}")
        context = {"form": form, "day": shown, "difference": difference, "windows": windows}
        return render(request, "doctor/change_day_confirm.html", context)
    return _show_change(request, shown, form, status=422)
