"""Booking for somebody on the phone: doctor, time, and what the caller says of themselves.

It is the same hold as a patient's own. The patient pays, by a link that is mailed to them.
"""

import secrets
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from clinicall import wiring
from clinicall.booking import checkout, openings
from clinicall.booking.models import Appointment
from clinicall.booking.searching import Search, specializations
from clinicall.booking.states import Status
from clinicall.core import clock
from clinicall.core.refusals import Refusal, SlotGone
from clinicall.people.doctors import overseen_by
from clinicall.people.models import Doctor, User
from clinicall.people.unproven import NotAPatient, patient_at
from clinicall.schedule.models import Slot
from clinicall.web.patient.doctor import picker
from clinicall.web.patient.forms import wish_from
from clinicall.web.patient.search import SearchForm, page_of
from clinicall.web.signed_in import SignedInRequest
from clinicall.web.staff.appointments import say_whether_mailed
from clinicall.web.staff.forms import CallerForm
from clinicall.web.staff.staff_only import staff_only

# What holds and claims say to the patient, said to somebody else.
REFUSALS = {
    "patient_busy": _("This patient has another appointment at this time"),
    "too_many_holds": _("This patient holds two times already: one has to be paid or let go first"),
    "idempotency_key_reused": _("This form was sent before with other details"),
}


@require_safe
@staff_only
def doctors(request: SignedInRequest) -> HttpResponse:
    """The clinic's doctors with an open time, soonest first."""
    form = SearchForm(request.GET)
    form.is_valid()
    name, chosen = form.cleaned_data.get("name", ""), form.cleaned_data.get("specialization")
    # Staff book for their own clinic, and admins, who belong to none, for all.
    results, page = page_of(Search(name, chosen, clinic=request.user.clinic_id), request)
    context = {
        "form": form,
        "chosen": chosen,
        "specializations": specializations(),
        "found": results.found,
        "now": results.at,
        "page": page,
    }
    return render(request, "staff/book.html", context)


@require_safe
@staff_only
def times(request: SignedInRequest, doctor_id: UUID) -> HttpResponse:
    """The doctor's calendar and times, turned by `?month=` and `?date=` as on the doctor's own page."""
    theirs = overseen_by(request.user).values("pk")
    doctors = openings.doctors_with_next_opening().filter(pk__in=theirs)
    doctor = get_object_or_404(doctors, pk=doctor_id)
    context = {**picker(request, doctor), "book_with": "staff_book_for"}
    return render(request, "staff/times.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only
def book_for(request: SignedInRequest, doctor_id: UUID, slot_id: int) -> HttpResponse:
    """One form for one time. Every refusal brings it back with all that was typed."""
    active = overseen_by(request.user).filter(active=True)
    doctor = get_object_or_404(active, pk=doctor_id)
    # None when it is another doctor's, or was withdrawn while the form was open.
    slot = Slot.objects.filter(pk=slot_id, doctor=doctor).first()
    if request.method != "POST":
        form = CallerForm(initial={"once": secrets.token_urlsafe(16)})
        return _show(request, doctor, slot, form, status=200 if openings.is_open(slot) else 404)
    form = CallerForm(request.POST)
    if not form.is_valid():
        return _show(request, doctor, slot, form, status=422)
    try:
        if slot is None:
            raise SlotGone
        made = _book(slot, form.cleaned_data, by=request.user)
    except NotAPatient:
        form.add_error(
            "email", _("This address is not a patient’s. Ask the caller for another one.")
        )
        return _show(request, doctor, slot, form, status=422)
    except Refusal as refusal:
        return _show(request, doctor, slot, form, refusal=refusal, status=refusal.status)
    if Appointment.objects.get(pk=made).status_at(clock.now())[0] == Status.PENDING:
        say_whether_mailed(request, made, once=form.cleaned_data["once"])
    return redirect("staff_appointment", made)


def _book(slot: Slot, filled: dict[str, str], *, by: User) -> UUID:
    wish, once = wish_from(filled, slot)
    return checkout.book(
        wish,
        patient_at(wish.email),
        gateway=wiring.payment_gateway(),
        line=wiring.video_line(),
        once=once,
        by=by,
    )


def _show(
    request: SignedInRequest,
    doctor: Doctor,
    slot: Slot | None,
    form: CallerForm,
    *,
    refusal: Refusal | None = None,
    status: int,
) -> HttpResponse:
    gone = not openings.is_open(slot)
    context = {
        "doctor": doctor,
        "doctor_zone": ZoneInfo(doctor.timezone),
        "price": doctor.fee if doctor.fee_amount else None,
        "slot": slot,
        "form": form,
        "refusal": refusal and (REFUSALS.get(refusal.code) or refusal.detail),
        "gone": gone,
        "alternatives": openings.next_openings(doctor.pk) if gone else [],
    }
    return render(request, "staff/book_for.html", context, status=status)
