"""The clinics: what patients read of them, and what they get back when they cancel."""

from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.validators import RegexValidator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from clinicall.booking import particulars
from clinicall.people.models import Clinic
from clinicall.web.filled_in import usable
from clinicall.web.signed_in import SignedInRequest
from clinicall.web.staff.staff_only import admin_only, clinics_of, staff_only
from clinicall.web.time_zone import zone_choices

MOST_HOURS = 30 * 24


class ClinicForm(forms.ModelForm):  # type: ignore[type-arg]
    """The currency stays: the prices of all that was booked are in it."""

    timezone = forms.ChoiceField(
        choices=zone_choices,
        label=_("Time zone"),
        help_text=_("Doctors keep the zone their hours are written in."),
        error_messages={"invalid_choice": _("Choose a town from the list.")},
    )
    phone = forms.CharField(
        label=_("Phone"),
        required=False,
        help_text=_("Patients are shown it where something needs the clinic."),
        widget=forms.TextInput({"type": "tel"}),
    )
    refund_hours = forms.IntegerField(
        label=_("Until how many hours before a visit patients get money back"),
        min_value=0,
        max_value=MOST_HOURS,
        error_messages={"required": _("Enter a number of hours, or 0 for until the start.")},
        widget=forms.NumberInput({"inputmode": "numeric", "min": 0, "max": MOST_HOURS}),
    )
    refund_percent = forms.IntegerField(
        label=_("How much of the fee, in percent"),
        min_value=0,
        max_value=100,
        error_messages={"required": _("Enter a percentage, or 0 for nothing back.")},
        help_text=_(
            "For who books from then on. If the clinic or the doctor cancels, it is always all."
        ),
        widget=forms.NumberInput({"inputmode": "numeric", "min": 0, "max": 100}),
    )

    class Meta:
        model = Clinic
        fields = (
            "name",
            "timezone",
            "phone",
            "refund_hours",
            "refund_percent",
            "remind_day_before",
            "remind_hour_before",
            "quiet_from",
            "quiet_until",
        )
        labels = {
            "name": _("Name"),
            "remind_day_before": _("Remind patients a day before a visit"),
            "remind_hour_before": _("Remind patients an hour before a visit"),
            "quiet_from": _("Quiet hours begin"),
            "quiet_until": _("Quiet hours end"),
        }
        help_texts = {
            "quiet_from": _("By the patient’s clock. A reminder that is due in them waits."),
            "quiet_until": _("The same as their begin, and there are none."),
        }
        error_messages = {
            "name": {"required": _("Enter a name.")},
        } | {
            name: {"required": _("Enter a time."), "invalid": _("Enter a time, like 21:00.")}
            for name in ("quiet_from", "quiet_until")
        }
        widgets = {"name": forms.TextInput({"dir": "auto"})} | {
            name: forms.TimeInput({"type": "time"}, format="%H:%M")
            for name in ("quiet_from", "quiet_until")
        }

    def clean_name(self) -> str:
        return usable(particulars.person_name, self.cleaned_data["name"])

    def clean_phone(self) -> str:
        phone: str = self.cleaned_data["phone"]
        return (
            usable(lambda text: particulars.phone(text, settings.COUNTRY), phone) if phone else ""
        )


class NewClinicForm(ClinicForm):
    currency = forms.CharField(
        label=_("Currency"),
        max_length=3,
        error_messages={"required": _("Enter three capital letters, like LKR.")},
        help_text=_("Its three letters, like LKR. It cannot be changed later."),
        validators=[RegexValidator(r"\A[A-Z]{3}\Z", _("Enter three capital letters, like LKR."))],
    )

    class Meta(ClinicForm.Meta):
        fields = ("name", "currency", *ClinicForm.Meta.fields[1:])  # type: ignore[assignment]


@require_safe
@staff_only
def staff_clinic(request: SignedInRequest) -> HttpResponse:
    context = {"clinics": clinics_of(request.user).order_by("name")}
    return render(request, "staff/clinic.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@admin_only
def change_clinic(request: SignedInRequest, clinic_id: UUID) -> HttpResponse:
    clinic = get_object_or_404(Clinic, pk=clinic_id)
    form = ClinicForm(request.POST or None, instance=clinic)
    if request.method == "POST" and form.is_valid():
        form.save()
        said = _("Saved. Visits that are booked keep what was agreed for them.")
        messages.success(request, said)
        return redirect("staff_clinic")
    return _form(request, form, _("Change the clinic"))


@require_http_methods(["GET", "HEAD", "POST"])
@admin_only
def add_clinic(request: SignedInRequest) -> HttpResponse:
    first = {"timezone": settings.CLINIC_TIMEZONE, "currency": settings.CURRENCY}
    form = NewClinicForm(request.POST or None, initial=first)
    if request.method == "POST" and form.is_valid():
        clinic = form.save()
        said = _("%(clinic)s is added. Invite its staff and doctors next.")
        messages.success(request, said % {"clinic": clinic.name})
        return redirect("staff_clinic")
    return _form(request, form, _("Add a clinic"))


def _form(request: SignedInRequest, form: ClinicForm, title: str | Promise) -> HttpResponse:
    context = {"form": form, "title": title}
    return render(request, "staff/clinic_form.html", context, status=422 if form.errors else 200)
