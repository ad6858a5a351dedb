"""A doctor: who it is, the days with open times, and the times of one day."""

from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from clinicall.booking import openings
from clinicall.booking.models import Appointment, reading_as
from clinicall.booking.searching import Search, search
from clinicall.booking.states import Status
from clinicall.core import clock
from clinicall.core.clock import ClinicNow
from clinicall.core.limits import PUBLIC_READS
from clinicall.people.models import Doctor, Role
from clinicall.schedule.slotting import FARTHEST
from clinicall.web.patient.booking import page_of, seen_by
from clinicall.web.patient.linked_data import linked_data
from clinicall.web.patient.month import by_part, first_of, last_of, month_of
from clinicall.web.templatetags.times import iso
from clinicall.web.time_zone import read_instant
from clinicall.web.viewer import PageRequest

SIMILAR = 3


@require_safe
# Also on the way back to this page: a time on it may have gone.
@cache_control(private=True, no_cache=True)
def doctor(request: PageRequest, doctor_id: UUID) -> HttpResponse:
    """`?month=2026-12` turns the calendar, `?date=2026-12-03` chooses a day, `?at=` the day on which
    this instant lies; without any, the next day with an open time. All in the viewer's zone.
    `?view=list` writes the days with open times as a list."""
    PUBLIC_READS.count(request.META["REMOTE_ADDR"])
    doctor = openings.doctors_with_next_opening().filter(pk=doctor_id).first()
    if doctor is None:
        raise Http404
    context = {
        **picker(request, doctor),
        "linked_data": linked_data(doctor),
        "held": held_here(request, doctor),
        "similar": search(Search(specialization=doctor.specialization_id), size=SIMILAR).found,
        "cancel_until_minutes": settings.CANCEL_UNTIL_MINUTES,
    }
    return render(request, "patient/doctor.html", context)


def held_here(request: PageRequest, doctor: Doctor) -> list[tuple[Appointment, str]]:
    """What the viewer holds of this doctor's, and the page on which each of them goes on."""
    if request.user.is_authenticated and request.user.role != Role.PATIENT:
        return []
    holds = seen_by(request).filter(reading_as(Status.PENDING, ClinicNow()), doctor=doctor)
    return [(hold, page_of(request, hold.pk)) for hold in holds.order_by("starts_at")]


def picker(request: PageRequest, doctor: "openings.DoctorWithOpening") -> dict[str, Any]:
    """What patient/_picker.html shows: a month of this doctor's and the times of one of its days."""
    today = clock.now().astimezone(request.zone).date()
    latest = today + FARTHEST
    next_day = doctor.next_opening and doctor.next_opening.astimezone(request.zone).date()
    chosen = read_date(request.GET.get("date", ""), "%Y-%m-%d")
    if at := read_instant(request.GET.get("at", "")):
        chosen = at.astimezone(request.zone).date()
    turned = read_date(request.GET.get("month", ""), "%Y-%m")
    if chosen is None and turned is None:
        chosen = next_day
    shown = first_of(min(max(turned or chosen or today, today), latest))
    days = openings.open_slots_by_day(doctor, shown, last_of(shown), request.zone)
    free = {day: len(slots) for day, slots in days.items()}
    if chosen and not (chosen >= today and first_of(chosen) == shown):
        chosen = None
    times = days.get(chosen, []) if chosen else []
    first_time = times[0].starts_at if times else None
    as_list = request.GET.get("view") == "list"
    return {
        "doctor": doctor,
        "doctor_zone": ZoneInfo(doctor.timezone),
        "month": month_of(shown, free, earliest=today, latest=latest),
        "month_is_empty": not days,
        "today": today,
        "next_day": next_day,
        "chosen": chosen,
        "first_time": first_time,
        "parts": by_part(times, request.zone),
        "as_list": as_list,
        "and_view": "&view=list" if as_list else "",
        "change_zone": change_zone(request, first_time, shown, as_list=as_list),
    }


def change_zone(
    request: PageRequest, first_time: datetime | None, shown: date, *, as_list: bool
) -> str:
    """Where the zone is changed. It leads back to the same times, on whichever day they then are."""
    query = {"at": iso(first_time)} if first_time else {"month": f"{shown:%Y-%m}"}
    query |= {"view": "list"} if as_list else {}
    said = {"first": iso(first_time)} if first_time else {}
    back = {"next": f"{request.path}?{urlencode(query)}", **said}
    return f"{reverse('time_zone')}?{urlencode(back)}"


def read_date(text: str, form: str) -> date | None:
    """None also for what is no date: a mistyped address shows the calendar all the same."""
    try:
        return datetime.strptime(text, form).date()  # noqa: DTZ007 (a date has no zone)
    except ValueError:
        return None
