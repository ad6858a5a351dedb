"""Moving a confirmed visit: another time of the same doctor, a last look at what changes, and the move."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from clinicall import wiring
from clinicall.booking import moving, openings
from clinicall.booking.holds import SlotTaken
from clinicall.booking.models import Appointment
from clinicall.core import clock
from clinicall.core.refusals import Refusal, SlotGone
from clinicall.schedule.models import Slot
from clinicall.web.patient.appointments import shown_to
from clinicall.web.patient.doctor import picker
from clinicall.web.signed_in import SignedInRequest, patients_only
from clinicall.web.standing import Standing
from clinicall.web.templatetags.times import instant_date, instant_time


@require_safe
@patients_only
def choose(request: SignedInRequest, appointment_id: UUID) -> HttpResponse:
    """The doctor's calendar and times, turned by `?month=` and `?date=` as on the doctor's own page."""
    standing = _standing(request, appointment_id)
    context: dict[str, object] = {"a": standing, "visit": standing.appointment}
    if standing.may_move:
        doctors = openings.doctors_with_next_opening()
        doctor = doctors.filter(pk=standing.appointment.doctor_id).first()
        context |= picker(request, doctor) if doctor else {}
    return render(request, "patient/move.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@patients_only
def move_to(request: SignedInRequest, appointment_id: UUID, slot_id: int) -> HttpResponse:
    """From when to when, and what stays; then the move. A refusal leaves the visit where it is."""
    standing = _standing(request, appointment_id)
    visit = standing.appointment
    if visit.slot_id == slot_id:  # also when the same press comes twice
        return redirect("appointment", appointment_id)
    if not standing.may_move:
        return redirect("move", appointment_id)
    slot = Slot.objects.filter(pk=slot_id, doctor=visit.doctor_id).first()
    try:
        if request.method == "POST":
            moving.move(appointment_id, slot_id, by=request.user, line=wiring.video_line())
        else:
            _refuse_unless_open(slot)
    except Refusal as refusal:
        return show(request, standing, slot, refusal)
    if request.method != "POST":
        return show(request, standing, slot)
    visit.refresh_from_db()
    say_moved(request, visit)
    return redirect("appointment", appointment_id)


def say_moved(request: SignedInRequest, visit: Appointment) -> None:
    messages.success(
        request,
        _(
            "Your appointment is moved to %(date)s, %(time)s."
            " Price and reference are the same as before."
        )
        % {"date": instant_date(visit.starts_at), "time": instant_time(visit.starts_at)},
    )


def _standing(request: SignedInRequest, appointment_id: UUID) -> Standing:
    found = get_object_or_404(shown_to(request.user), pk=appointment_id)
    return Standing(found, request.user, clock.now())


def _refuse_unless_open(slot: Slot | None) -> None:
    """So that nobody reads a page about a time that has long been given away."""
    if slot is None:
        raise SlotGone
    if not openings.is_open(slot):
        raise SlotTaken(alternatives=openings.next_openings(slot.doctor_id))


def show(
    request: SignedInRequest,
    standing: Standing,
    slot: Slot | None,
    refusal: Refusal | None = None,
) -> HttpResponse:
    context = {
        "a": standing,
        "slot": slot,
        "refusal": refusal,
        "alternatives": refusal.facts.get("alternatives", []) if refusal else [],
        "cancel_until_minutes": settings.CANCEL_UNTIL_MINUTES,
    }
    status = refusal.status if refusal else 200
    return render(request, "patient/move_to.html", context, status=status)
