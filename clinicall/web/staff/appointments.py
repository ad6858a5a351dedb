"""The clinic's appointments for its staff: found, looked at, marked and cancelled.

What staff see of a patient are name, phone and e-mail; neither the reason nor the NIC, nor what doctor and
patient write to each other. Every look is noted.
"""

import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clinicall import wiring
from clinicall.booking import ending
from clinicall.booking.ending import MARK_WITHIN
from clinicall.booking.models import Appointment, AppointmentQuerySet, Transition
from clinicall.booking.noting import note_on
from clinicall.booking.openings import day_bounds
from clinicall.booking.overseeing import Stand, standing_at
from clinicall.booking.states import CancelReason, Outcome, Status
from clinicall.core import clock
from clinicall.core.refusals import Refusal
from clinicall.messages.for_callers import mail_way_to_pay
from clinicall.people.models import Role, User
from clinicall.records.models import Action
from clinicall.records.sealed import CannotUnseal, readable, seal, unseal
from clinicall.web.signed_in import SignedInRequest
from clinicall.web.staff.forms import FindForm, ReasonForm
from clinicall.web.staff.messages import Told
from clinicall.web.staff.staff_only import staff_only
from clinicall.web.standing import Standing

PAGE = 20
MOST = 200  # of what is found is counted and listed; who means another has more to ask for
ONCE = re.compile(r"[A-Za-z0-9_-]{1,64}")
BY = {
    Role.PATIENT: pgettext_lazy("by whom", "the patient"),
    Role.DOCTOR: pgettext_lazy("by whom", "the doctor"),
    Role.STAFF: pgettext_lazy("by whom", "the clinic"),
    Role.ADMIN: pgettext_lazy("by whom", "the clinic"),
    "clock": pgettext_lazy("by whom", "the system"),
}
WHY_CANCELLED = {
    CancelReason.HOLD_EXPIRED: gettext_lazy("Cancelled: the time to pay ran out"),
    CancelReason.PAYMENT_FAILED: gettext_lazy("Cancelled: the payment did not go through"),
    CancelReason.BY_PATIENT: gettext_lazy("Cancelled by the patient"),
    CancelReason.BY_DOCTOR: gettext_lazy("Cancelled by the doctor"),
    CancelReason.BY_CLINIC: gettext_lazy("Cancelled by the clinic"),
    CancelReason.DOCTOR_NO_SHOW: gettext_lazy("Cancelled: the doctor did not come"),
    CancelReason.NOT_HELD: gettext_lazy("Cancelled: the visit did not take place"),
    CancelReason.SLOT_GONE: gettext_lazy("Cancelled: the time could not be kept"),
    CancelReason.ACCOUNT_ERASED: gettext_lazy("Cancelled: the patient’s account was erased"),
}


@dataclass(frozen=True)
class Overseen(Standing):
    """An appointment as the clinic sees it."""

    @property
    def patient_name(self) -> str:
        return f"{self.appointment.first_name} {self.appointment.last_name}"

    @property
    def phone(self) -> str | None:
        """None where it cannot be read."""
        return readable(self.appointment, "phone")

    @property
    def chip(self) -> str:
        if self.appointment.outcome == Outcome.NO_SHOW_PATIENT:
            return _("Patient did not come")
        return _("Not marked yet") if self.may_be_marked else super().chip

    @property
    def chip_kind(self) -> str:
        return "warn" if self.may_be_marked else super().chip_kind

    @property
    def may_be_marked(self) -> bool:
        """Its room has closed, and nobody has said how it went."""
        in_time = self.now < self.mark_until
        return self.status == Status.CONFIRMED and self.is_over and in_time

    @property
    def mark_until(self) -> datetime:
        return self.appointment.ends_at + MARK_WITHIN

    @property
    def steps(self) -> Iterator[tuple[datetime, str]]:
        """What happened to it, in words and in order."""
        a = self.appointment
        for step in a.transitions.order_by("id"):
            yield step.at, in_words(step, is_free=a.payment_id is None)
        if a.status != self.status:  # by the clock alone; the step is written later
            yield a.held_until, str(WHY_CANCELLED[CancelReason.HOLD_EXPIRED])


def in_words(step: Transition, *, is_free: bool) -> str:
    by = {"who": BY.get(step.actor, BY["clock"])}
    match step.from_status, step.to_status:
        case _, Status.PENDING:
            return _asked_for(step, is_free=is_free) % by
        case Status.CONFIRMED, Status.CONFIRMED:
            return _("Moved to another time by %(who)s") % by
        case Status.COMPLETED, Status.CONFIRMED:
            return _("Marking undone by %(who)s") % by
        case Status.CANCELLED, Status.CONFIRMED:
            return _("Confirmed after all: the payment came late, and the time was still free")
        case _, Status.CONFIRMED:
            return (
                _("Confirmed, free of charge") if is_free else _("Confirmed: the payment arrived")
            )
        case _, Status.CANCELLED:
            return str(WHY_CANCELLED[CancelReason(step.why)])
    return _completed(step) % by


def _asked_for(step: Transition, *, is_free: bool) -> str:
    if step.actor == Role.PATIENT:
        return _("Asked for by %(who)s") if is_free else _("Held by %(who)s")
    if is_free:
        return _("Asked for by %(who)s, for a caller")
    return _("Held by %(who)s, for a caller")


def _completed(step: Transition) -> str:
    """By what was seen, where nobody has marked it."""
    seen = BY.get(step.actor) in (None, BY["clock"])
    if step.why == Outcome.NO_SHOW_PATIENT:
        return (
            _("Completed: the patient did not come, by what was seen")
            if seen
            else _("Completed: the patient did not come, by %(who)s")
        )
    return (
        _("Completed: it took place, by what was seen")
        if seen
        else _("Completed: it took place, by %(who)s")
    )


def overseen_by(reader: User) -> AppointmentQuerySet:
    return Appointment.objects.overseen_by(reader).select_related(
        "doctor__specialization", "doctor__clinic", "payment__refund"
    )


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only
def appointments(request: SignedInRequest) -> HttpResponse:
    """What a caller says is posted, and then stands in the address only sealed: addresses are logged."""
    if request.method == "POST":
        form = FindForm(request.POST, reader=request.user)
        if form.is_valid():
            return redirect(f"{reverse('staff_appointments')}{_asked(form, request.user)}")
        return render(request, "staff/appointments.html", {"form": form}, status=422)
    form = FindForm({**request.GET.dict(), "said": _unsealed(request)}, reader=request.user)
    if not form.is_valid():
        return render(request, "staff/appointments.html", {"form": form}, status=422)
    now = clock.now()
    found = _found(form, request, now=now)[:MOST]
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    shown = [Overseen(one, request.user, now) for one in page.object_list]
    listed = [one.appointment for one in shown]
    note_on(Action.LISTED, "staff_appointments", *listed, by=request.user)
    context = {
        "form": form,
        "page": page,
        "most": MOST,
        "shown": shown,
        "asked": any(form.cleaned_data.values()),
        "from_today": _is_from_today(form),
        "now": now,
    }
    return render(request, "staff/appointments.html", context)


def _asked(form: FindForm, reader: User) -> str:
    wanted = form.cleaned_data
    parts = {
        "said": seal(wanted["said"], place=_place_of_search(reader)) if wanted["said"] else "",
        "day": wanted["day"] or "",
        "doctor": wanted["doctor"].pk if wanted["doctor"] else "",
        "status": wanted["status"],
    }
    given = {name: part for name, part in parts.items() if part}
    return f"?{urlencode(given)}" if given else ""


def _unsealed(request: SignedInRequest) -> str:
    sealed = request.GET.get("said")
    if not sealed:
        return ""
    try:
        return unseal(sealed, place=_place_of_search(request.user))
    except (CannotUnseal, ValueError) as error:
        raise Http404 from error


def _place_of_search(reader: User) -> str:
    """Nobody else can open an address with what this one searched for."""
    return f"search:{reader.pk}:said"


def _found(form: FindForm, request: SignedInRequest, *, now: datetime) -> QuerySet[Appointment]:
    wanted = form.cleaned_data
    found = overseen_by(request.user)
    if wanted["said"]:
        found = found.filter(form.found)
    if wanted["doctor"]:
        found = found.filter(doctor=wanted["doctor"])
    if wanted["status"]:
        found = found.filter(standing_at(Stand(wanted["status"]), now))
    today = now.astimezone(request.zone).date()
    if day := wanted["day"]:
        start, end = day_bounds(day, day, request.zone)
        found = found.filter(starts_at__gte=start, starts_at__lt=end)
    elif _is_from_today(form):
        midnight, _end = day_bounds(today, today, request.zone)
        found = found.filter(starts_at__gte=midnight)
    # Of somebody who is looked for, the latest is the likeliest; a day is read from its morning on.
    return found.order_by("-starts_at" if wanted["said"] else "starts_at", "pk")


def _is_from_today(form: FindForm) -> bool:
    wanted = form.cleaned_data
    return not (wanted["said"] or wanted["day"] or wanted["status"] == Stand.UNMARKED)


@require_safe
@staff_only
def appointment(request: SignedInRequest, appointment_id: UUID) -> HttpResponse:
    found = get_object_or_404(overseen_by(request.user), pk=appointment_id)
    note_on(Action.VIEWED, "staff_appointment", found, by=request.user)
    context = {
        "a": Overseen(found, request.user, clock.now()),
        "told": [Told(one) for one in found.messages.select_related("to").order_by("-written_at")],
        "once": secrets.token_urlsafe(16),
    }
    return render(request, "staff/appointment.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only
def cancel(request: SignedInRequest, appointment_id: UUID) -> HttpResponse:
    """Whatever was paid goes back in full; a repeated press changes nothing."""
    found = get_object_or_404(overseen_by(request.user), pk=appointment_id)
    standing = Overseen(found, request.user, clock.now())
    if standing.status == Status.CANCELLED:
        return redirect("staff_appointment", appointment_id)
    note_on(Action.VIEWED, "staff_cancel", found, by=request.user)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    context: dict[str, object] = {
        "a": standing,
        "form": form,
        "offer_again": "offer_again" in request.POST,
    }
    if not form.is_valid():
        return render(request, "staff/cancel.html", context, status=422 if form.errors else 200)
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
        return render(request, "staff/cancel.html", context, status=refusal.status)
    messages.success(request, _("The appointment is cancelled."))
    return redirect("staff_appointment", appointment_id)


@require_POST
@staff_only
def complete(request: SignedInRequest, appointment_id: UUID) -> HttpResponse:
    """How a visit went that nobody has marked: `outcome=attended` or `outcome=no_show_patient`."""
    found = get_object_or_404(overseen_by(request.user), pk=appointment_id)
    try:
        outcome = Outcome(request.POST.get("outcome", ""))
    except ValueError as error:
        raise BadRequest from error
    if not Overseen(found, request.user, clock.now()).may_be_marked:
        messages.error(request, _("This visit cannot be marked now. Nothing was changed."))
        return redirect("staff_appointment", appointment_id)
    try:
        ending.complete(appointment_id, outcome, by=request.user)
    except Refusal as refusal:
        said = _("%(why)s. Nothing was changed.") % {"why": refusal.detail.rstrip(".")}
        messages.error(request, said)
    return redirect("staff_appointment", appointment_id)


@require_POST
@staff_only
def mail_again(request: SignedInRequest, appointment_id: UUID) -> HttpResponse:
    """The way to pay once more, while the time is held; a press that comes twice mails once."""
    found = get_object_or_404(overseen_by(request.user), pk=appointment_id)
    once = request.POST.get("once", "")
    if not ONCE.fullmatch(once):
        raise BadRequest
    if Overseen(found, request.user, clock.now()).status != Status.PENDING:
        said = _("This time waits for no payment any more. Nothing was mailed.")
        messages.info(request, said)
    else:
        say_whether_mailed(request, found.pk, once=once)
    return redirect("staff_appointment", appointment_id)


def say_whether_mailed(request: SignedInRequest, appointment_id: UUID, *, once: str) -> None:
    if mail_way_to_pay(appointment_id, by=request.user, once=once):
        messages.success(request, _("The way to pay is mailed to the patient."))
    else:
        said = _("The mail could not be sent. Send it again from this page.")
        messages.error(request, said)
