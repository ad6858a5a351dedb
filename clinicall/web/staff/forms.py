"""What staff search by, and what they say when they cancel or book for somebody."""

from datetime import date
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clinicall.booking import particulars
from clinicall.booking.overseeing import Stand, told_by_a_caller
from clinicall.people.doctors import overseen_by
from clinicall.people.models import Doctor, User
from clinicall.web.filled_in import usable
from clinicall.web.patient.forms import ParticularsForm

STANDS = {
    Stand.PENDING: _("Waiting for payment"),
    Stand.CONFIRMED: _("Confirmed"),
    Stand.COMPLETED: _("Completed"),
    Stand.CANCELLED: _("Cancelled"),
    Stand.UNMARKED: _("Not marked yet"),
}


class DoctorField(forms.ModelChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, doctor: Doctor) -> str:
        return doctor.name


class FindForm(forms.Form):
    said = forms.CharField(
        required=False,
        max_length=100,
        label=_("Reference, phone or name"),
        widget=forms.TextInput(
            {"type": "search", "autocomplete": "off", "spellcheck": "false", "dir": "auto"}
        ),
        error_messages={"max_length": _("Use at most 100 characters.")},
    )
    day = forms.DateField(
        label=_("Day"),
        required=False,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        validators=[
            # Far enough from the ends of the calendar to count days from it.
            MinValueValidator(date(2000, 1, 1), _("Choose a day after the year 2000.")),
            MaxValueValidator(date(2199, 12, 31), _("Choose a day before the year 2200.")),
        ],
        error_messages={"invalid": _("Write the day like 2026-11-25.")},
    )
    doctor = DoctorField(
        Doctor.objects.none(),
        label=_("Doctor"),
        required=False,
        empty_label=_("All doctors"),
        error_messages={"invalid_choice": _("Choose one of the doctors.")},
    )
    status = forms.ChoiceField(
        label=_("Status"),
        required=False,
        choices=[("", pgettext_lazy("statuses", "All")), *STANDS.items()],
        error_messages={"invalid_choice": _("Choose one of the statuses.")},
    )

    def __init__(self, *args: Any, reader: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        doctors = self.fields["doctor"]
        assert isinstance(doctors, DoctorField)
        # Their names are all that is shown of them, and they may be many.
        doctors.queryset = (
            overseen_by(reader).select_related(None).only("name").order_by("name", "pk")
        )

    def clean_said(self) -> str:
        said: str = self.cleaned_data["said"]
        if said:
            try:
                self.found = told_by_a_caller(said)
            except particulars.NotUsable as error:
                raise forms.ValidationError(
                    _("Enter a whole phone number, a reference of 8 signs, or a name.")
                ) from error
        return said


class ReasonForm(forms.Form):
    """Why the clinic cancels."""

    note = forms.CharField(
        label=_("Why?"),
        help_text=_("The patient reads this. Write nothing about their health."),
        widget=forms.Textarea({"rows": 3, "dir": "auto"}),
        error_messages={"required": _("Write why, for the patient to read.")},
    )

    def clean_note(self) -> str:
        return usable(particulars.reason, self.cleaned_data["note"])


class CallerForm(ParticularsForm):
    """What the caller says of themselves, typed by somebody else."""

    WORDS = {
        "first_name": (_("First name"), _("Enter the caller’s first name.")),
        "last_name": (
            _("Last name"),
            _("Enter the caller’s last name, or – if they have one name only."),
        ),
        "phone": (_("Phone"), _("Enter the caller’s phone number.")),
        "nic": (_("NIC"), _("Enter the number of the caller’s identity card.")),
        "email": (_("Email"), _("Enter the caller’s email address.")),
        "reason": (_("Why do they want to see the doctor?"), _("Write a few words about why.")),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, (label, required) in self.WORDS.items():
            field = self.fields[name]
            field.label, field.error_messages["required"] = label, required
            # The browser at the desk shall not offer one patient's details to the next.
            field.widget.attrs["autocomplete"] = "off"
        self.fields["nic"].help_text = _(
            "As printed on their card. The doctor uses it to know who they are."
        )
        self.fields["email"].help_text = _("By it they sign in, pay, and come to the visit.")
        self.fields["reason"].help_text = _(
            "In their words. Only the doctor and the patient see it."
        )
