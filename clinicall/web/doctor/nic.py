"""The whole NIC of one patient, once the doctor has said what they need it for."""

from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from clinicall.booking import particulars
from clinicall.booking.models import Appointment
from clinicall.booking.noting import note_on
from clinicall.booking.revealing import reveal_nic
from clinicall.core import clock
from clinicall.core.limits import NIC_REVEALS
from clinicall.core.refusals import SlowDown
from clinicall.people.models import Doctor
from clinicall.records.models import Action
from clinicall.web.doctor.doctors_only import doctors_only
from clinicall.web.filled_in import usable
from clinicall.web.signed_in import SignedInRequest
from clinicall.web.standing import Standing


class PurposeForm(forms.Form):
    purpose = forms.CharField(
        label=_("What do you need the whole number for?"),
        help_text=_("The patient can read this. For example: to write a prescription."),
        error_messages={"required": _("Write what you need the number for.")},
        widget=forms.TextInput({"dir": "auto"}),
    )

    def clean_purpose(self) -> str:
        return usable(particulars.purpose, self.cleaned_data["purpose"])


@require_http_methods(["GET", "HEAD", "POST"])
@doctors_only
def show_nic(request: SignedInRequest, doctor: Doctor, appointment_id: UUID) -> HttpResponse:
    """Asks what for; the answer to that shows the number, and nothing keeps it."""
    mine = Appointment.objects.visible_to(doctor.user).select_related("doctor__specialization")
    found = get_object_or_404(mine, pk=appointment_id)
    standing = Standing(found, request.user, clock.now())
    if not standing.masked_nic:  # nobody can read it, and the appointment's page says so
        return redirect("appointment", appointment_id)
    note_on(Action.VIEWED, "nic", found, by=doctor.user)
    form = PurposeForm(request.POST if request.method == "POST" else None)
    context: dict[str, object] = {"a": standing, "form": form}
    if not form.is_valid():
        return render(request, "doctor/nic.html", context, status=422 if form.errors else 200)
    try:
        NIC_REVEALS.count(doctor.pk)
    except SlowDown as refusal:
        form.add_error(None, refusal.detail)
        page = render(request, "doctor/nic.html", context, status=refusal.status)
        page["Retry-After"] = str(refusal.seconds)
        return page
    purpose = form.cleaned_data["purpose"]
    context["nic"] = reveal_nic(found.pk, by=request.user, purpose=purpose)
    return render(request, "doctor/nic.html", context)
