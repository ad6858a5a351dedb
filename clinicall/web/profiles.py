"""What is said of a doctor, as a form: by themselves who apply, and by the clinic."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.text import capfirst, get_text_list
from django.utils.translation import gettext_lazy as _

from clinicall.booking import particulars
from clinicall.core.money import exponent, minor_units
from clinicall.people.doctors import Profile, specialization_named
from clinicall.people.models import Clinic, Doctor, Specialization
from clinicall.web.filled_in import usable
from clinicall.web.time_zone import zone_choices

MOST_LANGUAGES = 10
LANGUAGE_LENGTH = 40


class ProfileForm(forms.Form):
    name = forms.CharField(
        label=_("Name"),
        help_text=_("As patients read it, for example: Dr Kofi Osei."),
        error_messages={"required": _("Enter a name.")},
        widget=forms.TextInput({"spellcheck": "false", "dir": "auto"}),
    )
    specialization = forms.CharField(
        label=_("Specialization"),
        help_text=_("For example: Cardiology. A new one is added to the list."),
        error_messages={"required": _("Enter a specialization.")},
        widget=forms.TextInput({"list": "specializations", "autocomplete": "off", "dir": "auto"}),
    )
    licence = forms.CharField(
        label=_("Licence number"),
        required=False,  # doctors made by a command have none yet
        max_length=60,
        help_text=_("The number under which they may practise. Only the clinic sees it."),
        error_messages={
            "required": _("Enter the number of the licence."),
            "max_length": _("Use at most 60 characters of the licence number."),
        },
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
    )
    fee = forms.CharField(
        label=_("Fee for one visit"),
        error_messages={"required": _("Enter a fee, or 0 if visits are free of charge.")},
        widget=forms.TextInput({"inputmode": "decimal", "autocomplete": "off"}),
    )
    languages = forms.CharField(
        label=_("Languages"),
        required=False,
        help_text=_("With commas between them, for example: English, Sinhala."),
        widget=forms.TextInput({"autocomplete": "off", "dir": "auto"}),
    )
    about = forms.CharField(
        label=_("About"),
        required=False,
        help_text=_("What patients should know. They read it on the doctor’s page."),
        widget=forms.Textarea({"rows": 5, "dir": "auto"}),
    )

    def __init__(self, *args: Any, clinics: QuerySet[Clinic], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.clinics = list(clinics.order_by("name"))
        currencies = get_text_list(sorted({clinic.currency for clinic in self.clinics}))
        told = _("In %(currencies)s, like 2500 or 2500.00; 0 is free of charge.")
        self.fields["fee"].help_text = told % {"currencies": currencies}

    def clean_name(self) -> str:
        return usable(particulars.person_name, self.cleaned_data["name"])

    def clean_specialization(self) -> str | Specialization:
        return usable(particulars.person_name, self.cleaned_data["specialization"])

    def clean_licence(self) -> str:
        licence: str = self.cleaned_data["licence"]
        if not licence.isprintable():
            raise forms.ValidationError(_("Leave out signs that cannot be printed."))
        return licence

    def clean_languages(self) -> list[str]:
        told = [one.strip() for one in self.cleaned_data["languages"].split(",") if one.strip()]
        if len(told) > MOST_LANGUAGES:
            raise forms.ValidationError(
                _("Name at most %(most)s languages.") % {"most": MOST_LANGUAGES}
            )
        if any(len(one) > LANGUAGE_LENGTH for one in told):
            too_long = _("Use at most %(most)s characters a language.")
            raise forms.ValidationError(too_long % {"most": LANGUAGE_LENGTH})
        return [usable(particulars.person_name, one) for one in told]

    def clean_about(self) -> str:
        about: str = self.cleaned_data["about"]
        return usable(particulars.reason, about) if about else ""

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if "fee" in data and not self.errors:
            try:
                data["fee_amount"] = minor_units(data["fee"], self.clinic().currency)
            except ValueError as error:
                self.add_error("fee", capfirst(f"{error}"))
        return data

    def clinic(self) -> Clinic:
        """Whose doctor it is about; of forms that ask for it, once they are clean."""
        return self.clinics[0]

    def profile(self) -> Profile:
        """Of a clean form. Makes the specialization if it is a new one."""
        data = self.cleaned_data
        named = data["specialization"]
        return Profile(
            name=data["name"],
            specialization=(
                named if isinstance(named, Specialization) else specialization_named(named)
            ),
            fee_amount=data["fee_amount"],
            languages=data["languages"],
            about=data["about"],
            licence=data["licence"],
        )


class NewDoctorForm(ProfileForm):
    """`clinics` are those to choose from; with one of them, nothing is asked."""

    email = forms.CharField(
        label=_("Email"),
        error_messages={"required": _("Enter an email address.")},
        widget=forms.TextInput({"type": "email", "spellcheck": "false", "inputmode": "email"}),
    )
    timezone = forms.ChoiceField(
        choices=zone_choices,
        label=_("Time zone"),
        help_text=_(
            "Where the hours are written: the town nearest to it that keeps the same time."
        ),
        error_messages={"invalid_choice": _("Choose a town from the list.")},
    )
    clinic_id = forms.ChoiceField(
        label=_("Clinic"), error_messages={"invalid_choice": _("Choose a clinic from the list.")}
    )

    field_order = ("email", "name", "clinic_id")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["licence"].required = True
        if len(self.clinics) == 1:
            del self.fields["clinic_id"]
        else:
            choices = [(f"{clinic.pk}", clinic.name) for clinic in self.clinics]
            self.fields["clinic_id"].choices = choices  # type: ignore[attr-defined]

    def clean_email(self) -> str:
        return usable(particulars.email, self.cleaned_data["email"])

    def clinic(self) -> Clinic:
        if "clinic_id" not in self.fields:
            return self.clinics[0]
        chosen = self.cleaned_data["clinic_id"]
        return next(clinic for clinic in self.clinics if f"{clinic.pk}" == chosen)


class ApplicationForm(NewDoctorForm):
    """What a doctor says of themselves; the list of specializations is the clinic's."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["specialization"] = forms.ModelChoiceField(
            Specialization.objects.order_by("name"),
            label=_("Specialization"),
            empty_label=_("Choose one"),
            error_messages={
                "required": _("Choose a specialization."),
                "invalid_choice": _("Choose a specialization from the list."),
            },
        )
        self.fields["licence"].help_text = _("The clinic looks at it. Patients do not see it.")
        self.fields["about"].help_text = _("What patients should know of you.")
        self.order_fields(self.field_order)

    def clean_specialization(self) -> Specialization:
        chosen: Specialization = self.cleaned_data["specialization"]
        return chosen


def said_of(doctor: Doctor) -> dict[str, str]:
    """The fields of a ProfileForm as they stand."""
    digits = exponent(doctor.clinic.currency)
    return {
        "name": doctor.name,
        "specialization": doctor.specialization.name,
        "licence": doctor.licence,
        "fee": f"{doctor.fee_amount / 10**digits:.{digits}f}",
        "languages": ", ".join(doctor.languages),
        "about": doctor.about,
    }
