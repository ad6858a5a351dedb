"""From a guest's hold to their payment: the code was right, and what the browser holds becomes theirs."""

from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from clinicall import wiring
from clinicall.booking import checkout, guests
from clinicall.booking.models import Appointment
from clinicall.core.refusals import NotFound, Refusal, WrongRole
from clinicall.web.patient import held
from clinicall.web.patient.booking import next_step, show
from clinicall.web.patient.forms import ParticularsForm, first_filled
from clinicall.web.signed_in import SignedInRequest, signed_in
from clinicall.web.viewer import PageRequest


@require_safe
@signed_in
def claim(request: SignedInRequest, appointment_id: UUID) -> HttpResponse:
    """Where everybody who signs in comes by, as long as their browser holds a time as a guest.

    By a link alone nothing can be claimed: the browser must be the one that sent the form.
    """
    as_guest = held.held_by(request)
    if as_guest is None or as_guest.appointment.pk != appointment_id:
        get_object_or_404(Appointment.objects.visible_to(request.user), pk=appointment_id)
        return redirect("appointment", appointment_id)
    answer = claimed(request, as_guest.appointment)
    held.forget(request)
    return answer


def claimed(request: SignedInRequest, hold: Appointment) -> HttpResponse:
    try:
        guests.claim_hold(hold.pk, by=request.user)
    except NotFound:
        # They have signed in to an account that has not proven the address in the form.
        guests.let_go(hold.pk)
        return redirect(form_for(hold))
    except WrongRole:
        return render(request, "patient/not_a_patient.html", status=403)
    except Refusal as refusal:
        form = ParticularsForm(initial=first_filled(request.user, hold, with_reason=True))
        return show(request, hold.doctor, hold.slot, form, refusal=refusal, status=refusal.status)
    checkout.go_on(hold.pk, gateway=wiring.payment_gateway(), line=wiring.video_line())
    return goes_on(request, hold.pk)


def goes_on(request: SignedInRequest, appointment_id: UUID) -> HttpResponse:
    """To the payment by a page of ours: browsers hold what a form may lead to against all that follows,
    and the form that asked for the code may not lead to another site."""
    own, url = reverse("appointment", args=[appointment_id]), next_step(request, appointment_id)
    if url == own:
        return redirect(own)
    return render(request, "patient/to_payment.html", {"url": url})


@require_POST
@never_cache
def let_go(request: PageRequest, appointment_id: UUID) -> HttpResponse:
    """The guest wants to change what they wrote: the time is free, and their form is filled in."""
    as_guest = held.held_by(request)
    if as_guest is None or as_guest.appointment.pk != appointment_id:
        raise Http404
    guests.let_go(appointment_id)
    return redirect(form_for(as_guest.appointment))


def form_for(hold: Appointment) -> str:
    if hold.slot_id is None:
        return reverse("doctor", args=[hold.doctor_id])
    return reverse("book", args=[hold.doctor_id, hold.slot_id])
