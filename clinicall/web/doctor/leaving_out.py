"""Hours for many dates at once: those in the way are listed on the form, to be left out one by one."""

from datetime import date
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.formats import date_format
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from clinicall.schedule.planning import MOST_WEEKS
from clinicall.schedule.repeating import DatesUnfit
from clinicall.web.doctor.doctors_only import day_in

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise


class DatesField(forms.Field):
    """Dates as `2026-12-02`, also several in one value. Which of them will do is the schedule's to say."""

    widget = forms.CheckboxSelectMultiple

    def to_python(self, value: Any) -> list[date]:
        found = [day_in(text) for text in " ".join(value or []).split()]
        if None in found:
            raise forms.ValidationError(_("Choose dates from the list."))
        return sorted({day for day in found if day})


class LeavingOutForm(forms.Form):
    leave_out = DatesField(label=gettext_lazy("Leave these dates out"), required=False)

    def show_unfit(self, refusal: DatesUnfit) -> None:
        """List the dates that cannot take the hours, each to be ticked; none is ticked for the doctor."""
        unfit = [
            (told["date"], f"{date_format(date.fromisoformat(told['date']))}: {told['detail']}")
            for told in refusal.facts["dates"]
        ]
        self.fields["leave_out"].widget.choices = unfit
        told = ngettext(
            "One of these dates cannot take the hours. Nothing was saved.",
            "%(count)s of these dates cannot take the hours. Nothing was saved.",
            len(unfit),
        )
        self.add_error("leave_out", told % {"count": len(unfit)})

    def in_the_way(self) -> list[str]:
        """The dates that are listed, as the form sends them."""
        return [day for day, _detail in self.fields["leave_out"].widget.choices]


def weeks_field(label: "_StrOrPromise", help_text: "_StrOrPromise" = "") -> forms.IntegerField:
    wrong = format_lazy(gettext_lazy("Enter a number of weeks from 1 to {most}."), most=MOST_WEEKS)
    return forms.IntegerField(
        label=label,
        help_text=help_text,
        initial=1,
        min_value=1,
        max_value=MOST_WEEKS,
        error_messages=dict.fromkeys(("required", "invalid", "min_value", "max_value"), wrong),
        widget=forms.NumberInput({"inputmode": "numeric"}),
    )
