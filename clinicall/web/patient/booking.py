"""The form that asks for a time, and the answer: a payment page, a confirmation, or a refusal in words."""

import json
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from clinicall import wiring
from clinicall.booking import openings
from clinicall.booking.checkout import book as book_slot
from clinicall.booking.holds import Once, Wish
from clinicall.booking.models import Appointment
from clinicall.booking.states import LIVE, Status
from clinicall.core import clock
from clinicall.core.refusals import Refusal, SlotGone
from clinicall.people.models import Doctor
from clinicall.schedule.models import Slot
from clinicall.web.patient.forms import ParticularsForm, first_filled
from clinicall.web.patient.signed_in import SignedInRequest, patients_only

ALTERNATIVES = 3
PARTICULARS = ("first_name", "last_name", "phone", "nic", "email", "reason")


@require_http_methods(["GET", "HEAD", "POST"])
@patients_only
def book(request: SignedInRequest, doctor_id: UUID, slot_id: int) -> HttpResponse:
    doctors = Doctor.objects.filter(active=True).select_related("clinic", "specialization")
    doctor = get_object_or_404(doctors, pk=doctor_id)
    # Withdrawn, or another doctor's: at this address there is no such time.
    slot = Slot.objects.filter(pk=slot_id, doctor=doctor).first()
    if request.method == "POST":
        return send(request, doctor, slot)
    return ask(request, doctor, slot)


def ask(request: SignedInRequest, doctor: Doctor, slot: Slot | None) -> HttpResponse:
    """The empty form, or what became of the time meanwhile."""
    mine = Appointment.objects.visible_to(request.user)
    if slot and (held := own_live(mine, slot)):
        return redirect("appointment", held.pk)
    if slot is None or not openings.open_slots().filter(pk=slot.pk).exists():
        context = {"doctor": doctor, "alternatives": alternatives(doctor)}
        return render(request, "patient/not_free.html", context, status=404)
    again = mine.filter(slot=slot).order_by("-created_at").first()
    before = again or mine.order_by("-created_at").first()
    form = ParticularsForm(
        initial=first_filled(request.user, before, with_reason=again is not None)
    )
    return show(request, doctor, slot, form)


def own_live(mine: "QuerySet[Appointment]", slot: Slot) -> Appointment | None:
    now = clock.now()
    kept = mine.filter(slot=slot, status__in=LIVE)
    return next((a for a in kept if a.status_at(now)[0] in LIVE), None)


def send(request: SignedInRequest, doctor: Doctor, slot: Slot | None) -> HttpResponse:
    form = ParticularsForm(request.POST)
    if not form.is_valid():
        return show(request, doctor, slot, form, status=422)
    try:
        if slot is None:
            raise SlotGone
        made = ask_for(slot, form.cleaned_data, request)
    except Refusal as refusal:
        return show(request, doctor, slot, form, refusal=refusal, status=refusal.status)
    return go_on(request, made)
