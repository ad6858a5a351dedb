"""Where the people who run the clinic begin: what needs a person, then the day in figures."""

from datetime import timedelta

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from clinicall.booking.models import Appointment
from clinicall.booking.overseeing import (
    Stand,
    applications,
    day_of,
    doctors_without_hours,
    failed_lately,
    standing_at,
)
from clinicall.booking.unsettled import unsettled
from clinicall.core import clock
from clinicall.web.signed_in import SignedInRequest
from clinicall.web.staff.staff_only import staff_only

NAMES = 10  # of doctors without hours, before the rest are counted


@require_safe
@staff_only
def home(request: SignedInRequest) -> HttpResponse:
    """Counts and doctors' names only; nothing here is of one patient."""
    now, reader = clock.now(), request.user
    today = now.astimezone(request.zone).date()
    monday = today + timedelta(days=7 - today.weekday())
    overseen = Appointment.objects.overseen_by(reader)
    idle = list(doctors_without_hours(reader, monday, request.zone))
    context = {
        "today": today,
        "monday": monday,
        "money": unsettled(reader, now=now).told_to_a_person,
        "failed": failed_lately(reader, now=now).count(),
        "unmarked": overseen.filter(standing_at(Stand.UNMARKED, now)).count(),
        "idle": idle[:NAMES],
        "idle_count": len(idle),
        "more_idle": len(idle[NAMES:]),
        "applications": applications(reader).count(),
        "day": day_of(reader, today, request.zone, now=now),
        "holds": overseen.filter(standing_at(Stand.PENDING, now)).count(),
    }
    return render(request, "staff/home.html", context)
