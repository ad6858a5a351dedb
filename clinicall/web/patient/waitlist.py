"""Waiting for an earlier time than one's own, and answering when one is offered; all of it is shown on the
page of the visit."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from clinicall import wiring
from clinicall.booking import waitlist
from clinicall.core import clock
from clinicall.core.refusals import Refusal
from clinicall.web.patient.appointments import shown_to
from clinicall.web.patient.moving import say_moved, show
from clinicall.web.signed_in import SignedInRequest, patients_only
from clinicall.web.standing import Standing


@require_POST
@patients_only
def wait(request: SignedInRequest, appointment_id: UUID) -> HttpResponse:
    """Who cannot move the visit any more cannot wait either, and is told why by the page about moving."""
    visit = get_object_or_404(shown_to(request.user), pk=appointment_id)
    try:
        waitlist.wait(visit.pk, by=request.user)
    except Refusal:
        return redirect("move", appointment_id)
    return redirect("appointment", appointment_id)


@require_POST
@patients_only
def stop_waiting(request: SignedInRequest, appointment_id: UUID) -> HttpResponse:
    visit = get_object_or_404(shown_to(request.user), pk=appointment_id)
    waitlist.stop_waiting(visit.pk, by=request.user)
    return redirect("appointment", appointment_id)


@require_POST
@patients_only
def take(request: SignedInRequest, appointment_id: UUID, offer_id: UUID) -> HttpResponse:
    """A refusal leaves the visit where it is."""
    visit = get_object_or_404(shown_to(request.user), pk=appointment_id)
    offer = get_object_or_404(visit.offers.select_related("slot"), pk=offer_id)
    try:
        waitlist.take(offer.pk, by=request.user, line=wiring.video_line())
    except Refusal as refusal:
        return show(request, Standing(visit, request.user, clock.now()), offer.slot, refusal)
    visit.refresh_from_db()
    say_moved(request, visit)
    return redirect("appointment", appointment_id)


@require_POST
@patients_only
def decline(request: SignedInRequest, appointment_id: UUID, offer_id: UUID) -> HttpResponse:
    visit = get_object_or_404(shown_to(request.user), pk=appointment_id)
    offer = get_object_or_404(visit.offers, pk=offer_id)
    waitlist.decline(offer.pk, by=request.user)
    messages.success(request, _("You keep your time, and still wait for an earlier one."))
    return redirect("appointment", appointment_id)
