"""The way into the call, for the doctor and the patient of one appointment."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from clinicall.booking.models import ended
from clinicall.booking.noting import note_on
from clinicall.booking.openings import day_bounds
from clinicall.booking.states import Status
from clinicall.consultation.attending import ticket_for
from clinicall.consultation.who_came import who_came
from clinicall.core import clock
from clinicall.people.sessions import name_in
from clinicall.records.models import Action
from clinicall.web.headers import admit_call
from clinicall.web.patient.appointments import shown_to
from clinicall.web.signed_in import SignedInRequest, signed_in
from clinicall.web.standing import Standing


@require_safe
@signed_in
def room(request: SignedInRequest, appointment_id: UUID) -> HttpResponse:
    """The room while its door is open, and the waiting room in the hour before; else when or why not."""
    found = get_object_or_404(shown_to(request.user), pk=appointment_id)
    note_on(Action.VIEWED, "room", found, by=request.user)
    now = clock.now()
    came = who_came([found.pk], now=now)
    standing = Standing(found, request.user, now, came[found.pk])
    context = {"a": standing, "ticket": ticket_for(found, request.user, name_in(request))}
    if standing.may_join:
        return admit_call(request, render(request, "patient/room.html", context))
    if standing.may_wait:
        return render(request, "patient/waiting_room.html", context)
    return render(
        request, "patient/no_room.html", {"a": standing, "next_visit": next_visit_after(standing)}
    )


def next_visit_after(standing: Standing) -> Standing | None:
    """Whom this doctor sees next today; patients go home."""
    if not standing.for_doctor or not standing.is_over:
        return None
    viewer, now = standing.viewer, standing.now
    today = now.astimezone(standing.doctor_zone).date()
    _, midnight = day_bounds(today, today, standing.doctor_zone)
    to_come = shown_to(viewer).filter(~ended(now), status=Status.CONFIRMED, starts_at__lt=midnight)
    found = to_come.exclude(pk=standing.appointment.pk).order_by("starts_at").first()
    if found is None:
        return None
    note_on(Action.VIEWED, "room", found, by=viewer)
    return Standing(found, viewer, now, who_came([found.pk], now=now)[found.pk])
