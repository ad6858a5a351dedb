"""A patient's appointments: all of them, one of them, and cancelling it. A doctor opens the latter too."""

from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from clinicall import wiring
from clinicall.booking import ending, openings, waitlist
from clinicall.booking.models import (
    Appointment,
    AppointmentQuerySet,
    WaitlistEntry,
    reading_as,
    room_closed,
)
from clinicall.booking.noting import note_on
from clinicall.booking.settling import settle
from clinicall.booking.states import LIVE, Status
from clinicall.consultation.who_came import who_came
from clinicall.core import clock
from clinicall.core.refusals import Refusal, TryAgain
from clinicall.messages.calendar import to_take_along
from clinicall.payments.gateway import GatewayDown
from clinicall.payments.models import OPEN
from clinicall.people.models import User
from clinicall.records.models import Action
from clinicall.schedule.models import Slot
from clinicall.web.headers import admit_payment
from clinicall.web.patient.forms import CancelForm
from clinicall.web.signed_in import SignedInRequest, patients_only, signed_in
from clinicall.web.standing import Standing

PAGE = 20
LONGEST_LOOK = 9  # digits; Python reads no number of thousands
LOOKS = 20  # a page without script asks so often whether the money has come, 3 seconds apart


def shown_to(user: User) -> AppointmentQuerySet:
    return Appointment.objects.visible_to(user).select_related(
        "doctor__specialization", "doctor__clinic", "payment__refund"
    )


@require_safe
@patients_only
def appointments(request: SignedInRequest) -> HttpResponse:
    """What is to come, the next of it on top; `?when=past` shows the rest."""
    now = clock.now()
    mine = shown_to(request.user)
    visits = Q(status=Status.CONFIRMED) & ~room_closed(now)
    to_come = visits | reading_as(Status.PENDING, now)
    coming = list(mine.filter(to_come).order_by("starts_at"))
    came = who_came([a.pk for a in coming], now=now)
    upcoming = [Standing(a, request.user, now, came[a.pk]) for a in coming]
    past = Paginator(mine.exclude(to_come).order_by("-starts_at"), PAGE)
    page = past.get_page(request.GET.get("page"))
    next_visit = next((one for one in upcoming if one.status == Status.CONFIRMED), None)
    context = {
        "next_visit": next_visit,
        "upcoming": upcoming,
        "is_near": any(one.is_near for one in upcoming),
        "past": [Standing(a, request.user, now) for a in page.object_list],
        "past_count": past.count,
        "page": page,
        "shows_past": request.GET.get("when") == "past",
    }
    return render(request, "patient/appointments.html", context)


@require_safe
@signed_in
def appointment(request: SignedInRequest, appointment_id: UUID) -> HttpResponse:
    """One appointment as it stands; also where a payment page sends people back to."""
    found = get_object_or_404(shown_to(request.user), pk=appointment_id)
    if found.payment and found.payment.state in OPEN:
        # Coming back proves nothing: we ask the provider ourselves.
        with suppress(GatewayDown, TryAgain):
            settle(found.payment.pk, gateway_for=wiring.payment_gateway, line=wiring.video_line())
        found = shown_to(request.user).get(pk=appointment_id)
    note_on(Action.VIEWED, "appointment", found, by=request.user)
    now = clock.now()
    standing = Standing(found, request.user, now, who_came([found.pk], now=now)[found.pk])
    free = openings.open_slots().filter(pk__in=[found.slot_id])
    others = Appointment.objects.filter(slot=found.slot_id, status__in=LIVE).exclude(pk=found.pk)
    look = request.GET.get("look", "")[:LONGEST_LOOK]
    context = {
        "a": standing,
        "free_again": standing.failed and not standing.waits_for_money and free.exists(),
        "given_away": standing.came_to_nothing and others.exists(),
        "earlier": _earlier(standing),
        "next_look": (int(look) if look.isdecimal() else 0) + 1,
        "looks": LOOKS,
        "cancel_until_minutes": settings.CANCEL_UNTIL_MINUTES,
    }
    # Its form may hold the time again, and then leads to the payment.
    return admit_payment(request, render(request, "patient/appointment.html", context))


@require_safe
@signed_in
def by_reference(request: SignedInRequest, reference: str) -> HttpResponse:
    """From the short address in a text to the phone."""
    mine = Appointment.objects.visible_to(request.user)
    return redirect("appointment", get_object_or_404(mine, reference=reference).pk)


@dataclass(frozen=True)
class Earlier:
    """What there is before the time of a visit: for its patient alone, and for everybody."""

    offer: Appointment | None
    waits: bool
    soonest: Slot | None


def _earlier(standing: Standing) -> Earlier | None:
    """None where the visit cannot be moved anyway."""
    visit = standing.appointment
    if not standing.may_move or not visit.doctor.active:
        return None
    return Earlier(
        waitlist.offer_to(visit, now=standing.now),
        WaitlistEntry.objects.filter(appointment=visit).exists(),
        waitlist.earlier_times(visit).first(),
    )


@require_safe
@patients_only
def calendar_file(request: SignedInRequest, appointment_id: UUID) -> HttpResponse:
    """A confirmed visit for the patient's own calendar."""
    mine = Appointment.objects.visible_to(request.user).filter(status=Status.CONFIRMED)
    found = get_object_or_404(mine, pk=appointment_id)
    told = to_take_along(found, now=clock.now())
    response = HttpResponse(told, content_type="text/calendar; method=PUBLISH; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="appointment.ics"'
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def cancel(request: SignedInRequest, appointment_id: UUID) -> HttpResponse:
    """What cancelling means, in money and in time; then the cancelling."""
    found = get_object_or_404(shown_to(request.user), pk=appointment_id)
    standing = Standing(found, request.user, clock.now())
    if standing.status == Status.CANCELLED:
        return redirect("appointment", appointment_id)
    note_on(Action.VIEWED, "cancel", found, by=request.user)
    if standing.for_doctor:
        label = _("A note for the patient")
    else:
        label = _("A note for %(name)s") % {"name": standing.with_whom}
    form = CancelForm(request.POST if request.method == "POST" else None, label=label)
    context: dict[str, object] = {
        "a": standing,
        "form": form,
        "cancel_until_minutes": settings.CANCEL_UNTIL_MINUTES,
    }
    if not form.is_valid():
        return render(request, "patient/cancel.html", context, status=422 if form.errors else 200)
    try:
        ending.cancel(
            appointment_id,
            by=request.user,
            gateway_for=wiring.payment_gateway,
            line=wiring.video_line(),
            note=form.cleaned_data["note"],
            offer_again="offer_again" in request.POST,
        )
    except Refusal as refusal:
        context["refusal"] = refusal
        return render(request, "patient/cancel.html", context, status=refusal.status)
    return redirect("appointment", appointment_id)
