"""A doctor's usual week. It is a template: patients are offered dated hours only, made from it on request."""

from collections.abc import Sequence
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from clinicall.core.refusals import Fault
from clinicall.people.models import Doctor
from clinicall.schedule.models import UsualHours
from clinicall.schedule.planning import in_weeks
from clinicall.schedule.publish import one_at_a_time, refuse_faults
from clinicall.schedule.slotting import CannotCut, Cut, Window, cut, overlapping

SOME_MONDAY = date(
    2001, 1, 1
)  # a week without a date is written as this one, and in UTC has no gap


def usual_week(doctor: Doctor) -> list[Window]:
    """In order, in the week of SOME_MONDAY; empty when none is written."""
    return [
        Window(
            SOME_MONDAY + timedelta(days=row.weekday),
            row.start_time,
            row.end_time,
            row.duration_minutes,
        )
        for row in UsualHours.objects.filter(doctor=doctor).order_by("weekday", "start_time")
    ]


@transaction.atomic
def write_usual_week(doctor: Doctor, week: Sequence[Window]) -> None:
    """The usual week becomes the hours of this one, whatever its dates; of none, there is none.

    Raises Invalid, naming every window that is wrong; then nothing is saved. Published hours stay as
    they are in any case.
    """
    written = in_weeks(week, [SOME_MONDAY])
    _check(written)
    one_at_a_time(doctor)
    UsualHours.objects.filter(doctor=doctor).delete()
    UsualHours.objects.bulk_create(
        UsualHours(
            doctor=doctor,
            weekday=window.date.weekday(),
            start_time=window.start,
            end_time=window.end,
            duration_minutes=window.minutes,
        )
        for window in written
    )


def _check(week: Sequence[Window]) -> None:
    cuts = [_cut_or_fault(window, f"#/windows/{i}") for i, window in enumerate(week)]
    refuse_faults(made for made in cuts if isinstance(made, Fault))
    # By identity: the same hours written twice are equal, and only the second is wrong.
    clashing = {id(made) for made in overlapping(made for made in cuts if isinstance(made, Cut))}
    refuse_faults(
        Fault(f"#/windows/{i}/startTime", "overlap", _("These hours overlap others of that day."))
        for i, made in enumerate(cuts)
        if id(made) in clashing
    )


def _cut_or_fault(window: Window, pointer: str) -> Cut | Fault:
    try:
        return cut(window, ZoneInfo("UTC"))
    except CannotCut as error:
        return Fault(f"{pointer}/{error.member}", error.code, str(error))
