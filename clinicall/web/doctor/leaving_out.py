"""Hours for many dates at once: those in the way are listed on the form, to be left out one by one."""

from datetime import date
from typing import Any

from django import forms

from clinicall.schedule.planning import MOST_WEEKS
from clinicall.schedule.repeating import DatesUnfit
from clinicall.web.doctor.doctors_only import day_in
from clinicall.web.doctor.words import in_words


class DatesField(forms.Field):
    """Dates as `2026-12-02`, also several in one value. Which of them will do is the schedule's to say."""

    widget = forms.CheckboxSelectMultiple

    def to_python(self, value: Any) -> list[date]:
        found = [day_in(text) for text in " ".join(value or []).split()]
        if None in found:
            raise forms.ValidationError("Choose dates from the list")
        return sorted({day for day in found if day})


class LeavingOutForm(forms.Form):
    leave_out = DatesField(label="Leave these dates out", required=False)

    def show_unfit(self, refusal: DatesUnfit) -> None:
        """List the dates that cannot take the hours, each to be ticked; none is ticked for the doctor."""
        unfit = [
            (told["date"], f"{in_words(date.fromisoformat(told['date']))}: {told['detail']}")
            for told in refusal.facts["dates"]
        ]
        self.fields["leave_out"].widget.choices = unfit
        some = f"{len(unfit)} of these dates" if len(unfit) > 1 else "One of these dates"
        self.add_error("leave_out", f"{some} cannot take the hours. Nothing was saved.")

    def in_the_way(self) -> list[str]:
        """The dates that are listed, as the form sends them."""
        return [day for day, _ in self.fields["leave_out"].widget.choices]


def weeks_field(label: str, help_text: str = "") -> forms.IntegerField:
    wrong = f"Enter a number of weeks from 1 to {MOST_WEEKS}"
    return forms.IntegerField(
        label=label,
        help_text=help_text,
        initial=1,
        min_value=1,
        max_value=MOST_WEEKS,
        error_messages=dict.fromkeys(("required", "invalid", "min_value", "max_value"), wrong),
        widget=forms.NumberInput({"inputmode": "numeric"}),
    )
