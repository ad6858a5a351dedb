"""Hours as a doctor writes them. What hours can be cut is the schedule's to say; the form tells where."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, time
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator
from django.forms import BoundField
from django.utils.dateformat import format as date_format

from clinicall.core.refusals import Fault
from clinicall.schedule.slotting import LONGEST, MOST_SLOTS, SHORTEST, Window
from clinicall.web.doctor.week import week_of
from clinicall.web.templatetags.times import clock_time

WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
MOST_PERIODS = MOST_SLOTS  # as many as a date can have, with a slot in each
TO_THE_MINUTE = ["%H:%M"]
LAST_DAY = date(2999, 12, 31)  # farther on, the week of a day may not be in the calendar
# Where a fault in a member of a window is shown; all others concern the form as a whole.
FIELD_OF = {"startTime": "start", "endTime": "end", "durationMinutes": "minutes"}


class PeriodsForm(forms.Form):
    """The hours of a day: periods numbered from 1, of which the first `needed` must be filled in.

    A period whose two times are empty does not count.
    """

    def __init__(self, *args: Any, periods: int, needed: int = 0, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.numbers = range(1, periods + 1)
        for n in self.numbers:
            self.fields |= _fields(n, required=n <= needed)

    def periods(self) -> list[list[BoundField]]:
        """The fields period by period, for the template."""
        return [[self[f"{kind}_{n}"] for kind in FIELD_OF.values()] for n in self.numbers]

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        for n in self.numbers:
            names = [f"{kind}_{n}" for kind in FIELD_OF.values()]
            if data.get(f"start_{n}") or data.get(f"end_{n}"):
                for name in names:
                    if data.get(name) is None and name not in self.errors:
                        self.add_error(name, self.fields[name].error_messages["required"])
        if not self.errors and not self._filled():
            raise forms.ValidationError("Enter some hours. To have none that day, delete them.")
        return data

    def _filled(self) -> list[int]:
        return [n for n in self.numbers if self.cleaned_data.get(f"start_{n}") is not None]

    def windows(self, days: Iterable[date]) -> list[Window]:
        """All periods of the first day, then all of the next."""
        data = self.cleaned_data
        return [
            Window(day, data[f"start_{n}"], data[f"end_{n}"], data[f"minutes_{n}"])
            for day in days
            for n in self._filled()
        ]

    def show_faults(self, faults: Iterable[Fault], days: Mapping[date, str | None]) -> None:
        """Put each fault of `windows(days)` beside the field it is about; `days` says which field each
        day was written in. A fault that not every day has tells which."""
        places = [(day, n) for day in days for n in self._filled()]
        where: dict[tuple[str | None, str], list[date]] = defaultdict(list)
        for fault in faults:
            _, _, place = fault.pointer.partition("#/windows/")
            index, _, member = place.partition("/")
            if not index:
                where[None, fault.detail] = list(days)
                continue
            day, n = places[int(index)]
            kind = FIELD_OF.get(member)
            where[f"{kind}_{n}" if kind else days[day], fault.detail].append(day)
        for (field, detail), wrong in where.items():
            if len(set(wrong)) == len(days):
                self.add_error(field, detail)
            else:
                for day in sorted(set(wrong)):
                    self.add_error(field, f"{_day(day)}: {detail}")

    def show_conflicts(self, conflicts: Iterable[Mapping[str, str]]) -> None:
        """Say in words which hours the new ones overlap."""
        for told in conflicts:
            start, end = (time.fromisoformat(told[name]) for name in ("startTime", "endTime"))
            hours = f"{clock_time(start)} to {clock_time(end)}"
            day = _day(date.fromisoformat(told["date"]))
            self.add_error(None, f"These hours overlap {hours} on {day}. Nothing was saved.")


class AddHoursForm(PeriodsForm):
    day = forms.DateField(
        label="Date",
        validators=[MaxValueValidator(LAST_DAY, "Enter a date, for example 2026-11-25")],
        error_messages={
            "required": "Choose a date",
            "invalid": "Enter a date, for example 2026-11-25",
        },
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
    )
    also_on = forms.TypedMultipleChoiceField(
        label="Also use these hours on these days of the same week",
        coerce=int,
        choices=list(enumerate(WEEKDAYS)),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, earliest: date, latest: date, **kwargs: Any) -> None:
        super().__init__(*args, periods=2, needed=1, **kwargs)
        self.fields["day"].widget.attrs |= {"min": f"{earliest}", "max": f"{latest}"}

    def days(self) -> dict[date, str | None]:
        """The days these hours are for, and the field that says so."""
        chosen = self.cleaned_data["day"]
        others = {week_of(chosen)[n] for n in self.cleaned_data["also_on"]} - {chosen}
        return {chosen: "day", **dict.fromkeys(sorted(others), "also_on")}


def _fields(n: int, *, required: bool) -> dict[str, forms.Field]:
    at = {"type": "time", "step": "300"}
    invalid = "Enter a time, for example 09:00"
    return {
        f"start_{n}": forms.TimeField(
            label="Start",
            required=required,
            input_formats=TO_THE_MINUTE,
            error_messages={"required": "Enter a start time", "invalid": invalid},
            widget=forms.TimeInput(at, format="%H:%M"),
        ),
        f"end_{n}": forms.TimeField(
            label="End",
            required=required,
            input_formats=TO_THE_MINUTE,
            error_messages={"required": "Enter an end time", "invalid": invalid},
            widget=forms.TimeInput(at, format="%H:%M"),
        ),
        f"minutes_{n}": forms.IntegerField(
            label="Minutes for each appointment",
            required=required,
            initial=15,
            error_messages={
                "required": "Enter how many minutes an appointment takes",
                "invalid": "Enter a whole number of minutes",
            },
            widget=forms.NumberInput(
                {"min": SHORTEST, "max": LONGEST, "list": "lengths", "inputmode": "numeric"}
            ),
        ),
    }


def _day(day: date) -> str:
    return date_format(day, "l j F Y")
