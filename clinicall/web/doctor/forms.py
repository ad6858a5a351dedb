"""Hours as a doctor writes them. What hours can be cut is the schedule's to say; the form tells where."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator
from django.forms import BoundField
from django.utils.dates import WEEKDAYS
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinicall.core.refusals import Fault
from clinicall.schedule.slotting import LONGEST, MOST_SLOTS, SHORTEST, Window
from clinicall.web.doctor.leaving_out import LeavingOutForm, weeks_field
from clinicall.web.doctor.week import week_of
from clinicall.web.doctor.words import overlaps

MOST_PERIODS = MOST_SLOTS  # as many as a date can have, with a slot in each
TO_THE_MINUTE = ["%H:%M"]
NO_DATE = gettext_lazy("Enter a date, for example 2026-11-25.")
LAST_DAY = date(2999, 12, 31)  # farther on, the week of a day may not be in the calendar
# Where a fault in a member of a window is shown; all others concern the form as a whole.
FIELD_OF = {"startTime": "start", "endTime": "end", "durationMinutes": "minutes"}


class HoursForm(forms.Form):
    """Periods of hours, each under a key that the names of its fields end in.

    A period whose two times are empty does not count.
    """

    def __init__(self, *args: Any, keys: Sequence[str], needed: int = 0, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.keys = keys
        for n, key in enumerate(keys):
            self.fields |= _fields(key, required=n < needed)

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        for key in self.keys:
            names = _names(key)
            if data.get(f"start_{key}") or data.get(f"end_{key}"):
                for name in names:
                    if data.get(name) is None and name not in self.errors:
                        self.add_error(name, self.fields[name].error_messages["required"])
        return data

    def filled(self) -> list[str]:
        return [key for key in self.keys if self.cleaned_data.get(f"start_{key}") is not None]

    def window(self, key: str, day: date) -> Window:
        start, end, minutes = (self.cleaned_data[name] for name in _names(key))
        return Window(day, start, end, minutes)

    def shown(self, keys: Iterable[str]) -> list[list[BoundField]]:
        """The fields of the first period, and of those that have something in them."""
        return [fields for n, fields in enumerate(self._bound(keys)) if n == 0 or _in_use(fields)]

    def folded(self, keys: Iterable[str]) -> list[list[BoundField]]:
        """The fields of the rest: room for a break."""
        return [fields for n, fields in enumerate(self._bound(keys)) if n and not _in_use(fields)]

    def has_some(self, keys: Iterable[str]) -> bool:
        return any(map(_in_use, self._bound(keys)))

    def _bound(self, keys: Iterable[str]) -> list[list[BoundField]]:
        return [[self[name] for name in _names(key)] for key in keys]


class PeriodsForm(HoursForm):
    """The hours of a day: periods numbered from 1, of which the first `needed` must be filled in."""

    def __init__(self, *args: Any, periods: int, **kwargs: Any) -> None:
        super().__init__(*args, keys=[f"{n}" for n in range(1, periods + 1)], **kwargs)

    def periods(self) -> list[list[BoundField]]:
        return self.shown(self.keys)

    def more_periods(self) -> list[list[BoundField]]:
        return self.folded(self.keys)

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if not self.errors and not self.filled():
            raise forms.ValidationError(_("Enter some hours. To have none that day, delete them."))
        return data

    def windows(self, days: Iterable[date]) -> list[Window]:
        """All periods of the first day, then all of the next."""
        return [self.window(key, day) for day in days for key in self.filled()]

    def show_faults(self, faults: Iterable[Fault], days: Mapping[date, str | None]) -> None:
        """Put each fault of `windows(days)` beside the field it is about; `days` says which field each
        day was written in. A fault that not every day has tells which."""
        places = [(day, key) for day in days for key in self.filled()]
        where: dict[tuple[str | None, str], list[date]] = defaultdict(list)
        for fault in faults:
            place = fault.pointer.partition("#/windows/")[2]
            index, _slash, member = place.partition("/")
            if not index:
                where[None, fault.detail] = list(days)
                continue
            day, key = places[int(index)]
            kind = FIELD_OF.get(member)
            where[f"{kind}_{key}" if kind else days[day], fault.detail].append(day)
        for (field, detail), wrong in where.items():
            if len(set(wrong)) == len(days):
                self.add_error(field, detail)
            else:
                for day in sorted(set(wrong)):
                    self.add_error(field, f"{date_format(day)}: {detail}")

    def show_conflicts(self, conflicts: Iterable[Mapping[str, str]]) -> None:
        """Say in words which hours the new ones overlap."""
        for told in overlaps(conflicts):
            self.add_error(None, told)


class AddHoursForm(LeavingOutForm, PeriodsForm):
    day = forms.DateField(
        label=gettext_lazy("Date"),
        validators=[MaxValueValidator(LAST_DAY, NO_DATE)],
        error_messages={
            "required": gettext_lazy("Choose a date."),
            "invalid": NO_DATE,
        },
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
    )
    also_on = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Also use these hours on these days of the same week"),
        coerce=int,
        choices=list(WEEKDAYS.items()),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    weeks = weeks_field(
        gettext_lazy("For how many weeks"), gettext_lazy("1 is for the week of that date only.")
    )

    def __init__(self, *args: Any, earliest: date, latest: date, **kwargs: Any) -> None:
        super().__init__(*args, periods=3, needed=1, **kwargs)
        self.fields["day"].widget.attrs |= {"min": f"{earliest}", "max": f"{latest}"}

    def days(self) -> dict[date, str | None]:
        """The days these hours are for, and the field that says so."""
        chosen = self.cleaned_data["day"]
        others = {week_of(chosen)[n] for n in self.cleaned_data["also_on"]} - {chosen}
        return {chosen: "day", **dict.fromkeys(sorted(others), "also_on")}


def _names(key: str) -> list[str]:
    return [f"{kind}_{key}" for kind in FIELD_OF.values()]


def _in_use(fields: Sequence[BoundField]) -> bool:
    start, end, _minutes = fields
    return bool(start.value() or end.value() or any(field.errors for field in fields))


def _fields(key: str, *, required: bool) -> dict[str, forms.Field]:
    at = {"type": "time", "step": "300"}
    invalid = _("Enter a time, for example 09:00.")
    return {
        f"start_{key}": forms.TimeField(
            label=_("Start"),
            required=required,
            input_formats=TO_THE_MINUTE,
            error_messages={"required": _("Enter a start time."), "invalid": invalid},
            widget=forms.TimeInput(at, format="%H:%M"),
        ),
        f"end_{key}": forms.TimeField(
            label=_("End"),
            required=required,
            input_formats=TO_THE_MINUTE,
            error_messages={"required": _("Enter an end time."), "invalid": invalid},
            widget=forms.TimeInput(at, format="%H:%M"),
        ),
        f"minutes_{key}": forms.IntegerField(
            label=_("Minutes for each appointment"),
            required=required,
            initial=15,
            error_messages={
                "required": _("Enter how many minutes an appointment takes."),
                "invalid": _("Enter a whole number of minutes."),
            },
            widget=forms.NumberInput(
                {"min": SHORTEST, "max": LONGEST, "list": "lengths", "inputmode": "numeric"}
            ),
        ),
    }
