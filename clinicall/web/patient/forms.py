"""What a patient fills in to book. The checks are booking's own; the form gives them words and places."""

import json
import secrets
from typing import Any

from django import forms
from django.conf import settings
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from clinicall.booking import particulars
from clinicall.booking.holds import Once, Wish
from clinicall.booking.models import Appointment
from clinicall.people.models import User
from clinicall.records.sealed import readable
from clinicall.schedule.models import Slot
from clinicall.web.filled_in import usable

NIC_HINTS = {"LK": _("As printed on your card: 9 digits then V or X, or 12 digits.")}


class ParticularsForm(forms.Form):
    first_name = forms.CharField(
        label=_("First name"),
        error_messages={"required": _("Enter your first name.")},
        widget=forms.TextInput(
            {"autocomplete": "given-name", "spellcheck": "false", "dir": "auto"}
        ),
    )
    last_name = forms.CharField(
        label=_("Last name"),
        error_messages={"required": _("Enter your last name, or – if you have one name only.")},
        widget=forms.TextInput(
            {"autocomplete": "family-name", "spellcheck": "false", "dir": "auto"}
        ),
    )
    phone = forms.CharField(
        label=_("Phone"),
        help_text=_("The clinic uses it only about this appointment."),
        error_messages={"required": _("Enter a phone number.")},
        widget=forms.TextInput({"type": "tel", "autocomplete": "tel"}),
    )
    nic = forms.CharField(
        label=_("NIC"),
        error_messages={"required": _("Enter the number of your identity card.")},
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
    )
    email = forms.CharField(
        label=_("Email"),
        error_messages={"required": _("Enter an email address.")},
        widget=forms.TextInput(
            {"type": "email", "autocomplete": "email", "spellcheck": "false", "inputmode": "email"}
        ),
    )
    reason = forms.CharField(
        label=_("Why do you want to see the doctor?"),
        help_text=_("A few words, for example: cough for two weeks."),
        error_messages={"required": _("Write a few words about why you want to see the doctor.")},
        widget=forms.Textarea({"rows": 4, "dir": "auto"}),
    )
    # One for each showing of the form: sending it twice books once.
    once = forms.CharField(
        widget=forms.HiddenInput,
        max_length=64,
        validators=[RegexValidator(r"\A[A-Za-z0-9_-]+\Z")],
        error_messages=dict.fromkeys(
            ("required", "invalid", "max_length"), _("Reload the page, then send the form again.")
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        hint = NIC_HINTS.get(settings.COUNTRY, _("As printed on your card."))
        use = _("The doctor uses it to know who you are.")
        self.fields["nic"].help_text = f"{hint} {use}"

    def clean_first_name(self) -> str:
        return usable(particulars.person_name, self.cleaned_data["first_name"])

    def clean_last_name(self) -> str:
        return usable(particulars.person_name, self.cleaned_data["last_name"])

    def clean_phone(self) -> str:
        phone = self.cleaned_data["phone"]
        return usable(lambda text: particulars.phone(text, settings.COUNTRY), phone)

    def clean_nic(self) -> str:
        nic = self.cleaned_data["nic"]
        return usable(lambda text: particulars.nic(text, settings.COUNTRY), nic)

    def clean_email(self) -> str:
        return usable(particulars.email, self.cleaned_data["email"])

    def clean_reason(self) -> str:
        return usable(particulars.reason, self.cleaned_data["reason"])


class CancelForm(forms.Form):
    """What someone who cancels may tell the other one."""

    note = forms.CharField(
        required=False,
        help_text=_("For example why, or when you could instead. Only the two of you can read it."),
        widget=forms.Textarea({"rows": 3, "dir": "auto"}),
    )

    def __init__(self, *args: Any, label: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["note"].label = label

    def clean_note(self) -> str:
        note: str = self.cleaned_data["note"]
        return usable(particulars.reason, note) if note else ""


def wish_from(filled: dict[str, str], slot: Slot) -> tuple[Wish, Once]:
    """What a filled ParticularsForm asks for; the same one sent again asks for the same."""
    told = {name: text for name, text in filled.items() if name != "once"}
    body = json.dumps({"slot": slot.pk, **told}, sort_keys=True)
    return Wish(slot_id=slot.pk, **told), Once(filled["once"], body.encode())


def first_filled(
    user: User | None, before: Appointment | None, *, with_reason: bool
) -> dict[str, str]:
    """What we know already, so that nobody types it twice; the reason only to try the same again."""
    once = secrets.token_urlsafe(16)
    if before is None:
        if user is None:
            return {"once": once}
        names = {"first_name": user.first_name, "last_name": user.last_name}
        return {**names, "email": user.email, "once": once}
    kept = ["first_name", "last_name", "phone", "nic", "email"]
    if with_reason:
        kept.append("reason")
    return {**{name: _known(before, name) for name in kept}, "once": once}


def _known(before: Appointment, name: str) -> str:
    return readable(before, name) or ""
