"""The form that asks for a time, and the answer: a payment page, a confirmation, or a refusal in words."""

import json
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from clinicall import wiring
from clinicall.booking import checkout, openings
from clinicall.booking.holds import Once, PatientBusy, TooManyHolds, Wish
from clinicall.booking.models import Appointment
from clinicall.booking.states import LIVE
from clinicall.core import clock
from clinicall.core.refusals import IdempotencyKeyReused, Refusal, SlotGone
from clinicall.people.models import Doctor
from clinicall.schedule.models import Slot
from clinicall.web.headers import admit_payment
from clinicall.web.patient.forms import ParticularsForm, first_filled
from clinicall.web.signed_in import SignedInRequest, patients_only
from clinicall.web.standing import Standing

ALTERNATIVES = 3


@require_http_methods(["GET", "HEAD", "POST"])
@patients_only
def book(request: SignedInRequest, doctor_id: UUID, slot_id: int) -> HttpResponse:
    """One form for one slot. Every refusal brings it back with all that was typed."""
    doctors = Doctor.objects.filter(active=True).select_related("clinic", "specialization")
    doctor = get_object_or_404(doctors, pk=doctor_id)
    # None when it is another doctor's, or was withdrawn while the form was open.
    slot = Slot.objects.filter(pk=slot_id, doctor=doctor).first()
    if request.method == "POST":
        return answer(request, doctor, slot)
    return ask(request, doctor, slot)


def ask(request: SignedInRequest, doctor: Doctor, slot: Slot | None) -> HttpResponse:
    mine = Appointment.objects.visible_to(request.user).order_by("-created_at")
    here = list(mine.filter(slot=slot)) if slot else []
    now = clock.now()
    for appointment in here:
        if appointment.status_at(now)[0] in LIVE:
            return redirect("appointment", appointment.pk)
    if slot is None or not is_open(slot):
        context = {"doctor": doctor, "alternatives": alternatives(doctor)}
        return render(request, "patient/not_free.html", context, status=404)
    # Who tried for this very time before also finds the reason they gave.
    before = here[0] if here else mine.first()
    filled = first_filled(request.user, before, with_reason=bool(here))
    return show(request, doctor, slot, ParticularsForm(initial=filled))


def answer(request: SignedInRequest, doctor: Doctor, slot: Slot | None) -> HttpResponse:
    form = ParticularsForm(request.POST)
    if not form.is_valid():
        return show(request, doctor, slot, form, status=422)
    try:
        if slot is None:
            raise SlotGone
        appointment_id = send(request, slot, form.cleaned_data)
    except Refusal as refusal:
        return show(request, doctor, slot, form, refusal=refusal, status=refusal.status)
    url = next_step(request, appointment_id)
    if request.headers.get("X-Requested-With") == "fetch":
        # The dialog's script cannot read where a redirect leads, and must go there itself.
        return HttpResponse(status=201, headers={"Location": url})
    return redirect(url)


@require_POST
@patients_only
def again(request: SignedInRequest, appointment_id: UUID) -> HttpResponse:
    """Hold the time of a hold that came to nothing once more, with all that was typed then.

    Pressed twice, it holds once. A refusal shows the filled form.
    """
    mine = Appointment.objects.visible_to(request.user)
    doctors = ("doctor__clinic", "doctor__specialization")
    before = get_object_or_404(mine.select_related("slot", "payment", *doctors), pk=appointment_id)
    if "once" in request.POST:  # the form, which came back without a time to send it for
        return answer(request, before.doctor, before.slot)
    standing = Standing(before, request.user, clock.now())
    if not standing.failed or standing.waits_for_money:
        return redirect("appointment", appointment_id)
    filled = first_filled(request.user, before, with_reason=True)
    try:
        if before.slot is None or not before.doctor.active:
            raise SlotGone
        made = send(request, before.slot, {**filled, "once": f"again {appointment_id}"})
    except Refusal as refusal:
        form = ParticularsForm(initial=filled)
        return show(
            request, before.doctor, before.slot, form, refusal=refusal, status=refusal.status
        )
    return redirect(next_step(request, made))


def send(request: SignedInRequest, slot: Slot, filled: dict[str, str]) -> UUID:
    particulars = {name: text for name, text in filled.items() if name != "once"}
    body = json.dumps({"slot": slot.pk, **particulars}, sort_keys=True)
    return checkout.book(
        Wish(slot_id=slot.pk, **particulars),
        request.user.patient,
        gateway=wiring.payment_gateway(),
        line=wiring.video_line(),
        once=Once(filled["once"], body.encode()),
    )


def next_step(request: SignedInRequest, appointment_id: UUID) -> str:
    """To the provider's page while there is something to pay there, else to the appointment's own."""
    appointment = Appointment.objects.select_related("payment").get(pk=appointment_id)
    standing = Standing(appointment, request.user, clock.now())
    return standing.checkout_url or reverse("appointment", args=[appointment_id])


def show(
    request: SignedInRequest,
    doctor: Doctor,
    slot: Slot | None,
    form: ParticularsForm,
    *,
    refusal: Refusal | None = None,
    status: int = 200,
) -> HttpResponse:
    gone = slot is None or not is_open(slot)
    context = {
        "doctor": doctor,
        "doctor_zone": ZoneInfo(doctor.timezone),
        "price": doctor.fee if doctor.fee_amount else None,
        "slot": slot,
        "form": form,
        "refusal": refusal,
        "has_others": isinstance(refusal, PatientBusy | TooManyHolds | IdempotencyKeyReused),
        "gone": gone,
        "alternatives": alternatives(doctor) if gone else [],
        "cancel_until_minutes": settings.CANCEL_UNTIL_MINUTES,
    }
    form_page = render(request, "patient/book.html", context, status=status)
    return admit_payment(request, form_page)


def is_open(slot: Slot) -> bool:
    return openings.open_slots().filter(pk=slot.pk).exists()


def alternatives(doctor: Doctor) -> list[Slot]:
    return list(openings.open_slots().filter(doctor=doctor).order_by("starts_at")[:ALTERNATIVES])
