"""The form that asks for a time, and the answer: a payment page, a confirmation, or a refusal in words."""

from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from clinicall import wiring
from clinicall.booking import checkout, openings
from clinicall.booking.holds import PatientBusy, TooManyHolds
from clinicall.booking.models import Appointment, AppointmentQuerySet
from clinicall.booking.states import LIVE
from clinicall.core import clock
from clinicall.core.limits import HOLDS_FROM_AN_ADDRESS, HOLDS_OF_A_PATIENT
from clinicall.core.refusals import IdempotencyKeyReused, Refusal, SlotGone
from clinicall.people.models import Doctor
from clinicall.people.reading import remember_browser
from clinicall.schedule.models import Slot
from clinicall.web.headers import admit_payment
from clinicall.web.patient import held
from clinicall.web.patient.forms import ParticularsForm, first_filled, wish_from
from clinicall.web.signed_in import patients_and_guests
from clinicall.web.standing import Standing
from clinicall.web.viewer import PageRequest


@require_http_methods(["GET", "HEAD", "POST"])
@patients_and_guests
def book(request: PageRequest, doctor_id: UUID, slot_id: int) -> HttpResponse:
    """One form for one slot. Every refusal brings it back with all that was typed."""
    doctors = Doctor.objects.filter(active=True).select_related("clinic", "specialization")
    doctor = get_object_or_404(doctors, pk=doctor_id)
    # None when it is another doctor's, or was withdrawn while the form was open.
    slot = Slot.objects.filter(pk=slot_id, doctor=doctor).first()
    if request.method == "POST":
        return answer(request, doctor, slot)
    return ask(request, doctor, slot)


def ask(request: PageRequest, doctor: Doctor, slot: Slot | None) -> HttpResponse:
    as_guest = held.held_by(request)
    if as_guest and request.user.is_authenticated:
        return redirect("claim", as_guest.appointment.pk)
    mine = seen_by(request).order_by("-created_at")
    here = list(mine.filter(slot=slot)) if slot else []
    now = clock.now()
    for appointment in here:
        if appointment.status_at(now)[0] in LIVE:
            return redirect(page_of(request, appointment.pk))
    if not openings.is_open(slot):
        context = {"doctor": doctor, "alternatives": openings.next_openings(doctor.pk)}
        return render(request, "patient/not_free.html", context, status=404)
    # Who tried for this very time before also finds the reason they gave.
    before = here[0] if here else mine.first()
    user = request.user if request.user.is_authenticated else None
    filled = first_filled(user, before, with_reason=bool(here))
    return show(request, doctor, slot, ParticularsForm(initial=filled))


def answer(request: PageRequest, doctor: Doctor, slot: Slot | None) -> HttpResponse:
    form = ParticularsForm(request.POST)
    if not form.is_valid():
        return show(request, doctor, slot, form, status=422)
    try:
        count_hold(request)
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
@patients_and_guests
def again(request: PageRequest, appointment_id: UUID) -> HttpResponse:
    """Hold the time of a hold that came to nothing once more, with all that was typed then.

    Pressed twice, it holds once. A refusal shows the filled form.
    """
    as_guest = held.held_by(request)
    if as_guest and as_guest.appointment.pk != appointment_id:
        return redirect(page_of(request, as_guest.appointment.pk))
    doctors = ("doctor__clinic", "doctor__specialization")
    mine = seen_by(request).select_related("patient__user", "slot", "payment", *doctors)
    before = get_object_or_404(mine, pk=appointment_id)
    if "once" in request.POST:  # the form, which came back without a time to send it for
        return answer(request, before.doctor, before.slot)
    standing = Standing(before, before.patient.user, clock.now())
    if not standing.failed or (standing.waits_for_money and not before.patient.guest):
        return redirect(page_of(request, appointment_id))
    filled = first_filled(before.patient.user, before, with_reason=True)
    try:
        count_hold(request)
        if before.slot is None or not before.doctor.active:
            raise SlotGone
        made = send(request, before.slot, {**filled, "once": f"again {appointment_id}"})
    except Refusal as refusal:
        form = ParticularsForm(initial=filled)
        return show(
            request, before.doctor, before.slot, form, refusal=refusal, status=refusal.status
        )
    return redirect(next_step(request, made))


def seen_by(request: PageRequest) -> AppointmentQuerySet:
    """A patient's own; of whoever has not signed in, the one that they hold as a guest."""
    if request.user.is_authenticated:
        return Appointment.objects.visible_to(request.user)
    as_guest = held.held_by(request)
    return Appointment.objects.filter(pk__in=[as_guest.appointment.pk] if as_guest else [])


def count_hold(request: PageRequest) -> None:
    """Raises SlowDown."""
    if request.user.is_authenticated:
        HOLDS_OF_A_PATIENT.count(request.user.pk)
    HOLDS_FROM_AN_ADDRESS.count(request.META["REMOTE_ADDR"])


def send(request: PageRequest, slot: Slot, filled: dict[str, str]) -> UUID:
    wish, once = wish_from(filled, slot)
    gateway = wiring.payment_gateway()
    if request.user.is_authenticated:
        remember_browser(request, request.user)
        patient, line = request.user.patient, wiring.video_line()
        return checkout.book(wish, patient, gateway=gateway, line=line, once=once)
    return held.hold(request, wish, provider=gateway.name if gateway else "none", once=once)


def next_step(request: PageRequest, appointment_id: UUID) -> str:
    """To the provider's page while there is something to pay there, else to the appointment's own."""
    if not request.user.is_authenticated:
        return page_of(request, appointment_id)
    appointment = Appointment.objects.select_related("payment").get(pk=appointment_id)
    standing = Standing(appointment, request.user, clock.now())
    return standing.checkout_url or page_of(request, appointment_id)


def page_of(request: PageRequest, appointment_id: UUID) -> str:
    """Of what a guest holds, the page that asks for their code."""
    if request.user.is_authenticated:
        return reverse("appointment", args=[appointment_id])
    return reverse("account_confirm_login_code")


def show(
    request: PageRequest,
    doctor: Doctor,
    slot: Slot | None,
    form: ParticularsForm,
    *,
    refusal: Refusal | None = None,
    status: int = 200,
) -> HttpResponse:
    gone = not openings.is_open(slot)
    if not request.user.is_authenticated:
        form.fields["email"].help_text = _("We send a code to it, which you then enter here.")
    context = {
        "doctor": doctor,
        "doctor_zone": ZoneInfo(doctor.timezone),
        "price": doctor.fee if doctor.fee_amount else None,
        "slot": slot,
        "form": form,
        "refusal": refusal,
        "has_others": isinstance(refusal, PatientBusy | TooManyHolds | IdempotencyKeyReused),
        "gone": gone,
        "alternatives": openings.next_openings(doctor.pk) if gone else [],
        "cancel_until_minutes": settings.CANCEL_UNTIL_MINUTES,
    }
    form_page = render(request, "patient/book.html", context, status=status)
    return admit_payment(request, form_page)
