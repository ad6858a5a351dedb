"""Publishing hours again on other dates: a day copied, a week repeated, the usual week used.

No date is filled that has hours already, and none is passed over in silence: the doctor says which to
leave out. All that is made here goes through `publish`, in one call that is all or nothing.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from clinicall.core.refusals import Fault, Invalid, NotFound, Refusal
from clinicall.people.models import Doctor
from clinicall.schedule.models import Availability
from clinicall.schedule.planning import A_WEEK, MOST_WEEKS, in_weeks, mondays, on_dates
from clinicall.schedule.publish import cut_all, one_at_a_time, publish, zones_of
from clinicall.schedule.slotting import Window
from clinicall.schedule.usual import usual_week


class DatesUnfit(Refusal):
    """`dates` lists all target dates that cannot take the hours, each with a code and words for it."""

    code, title = "dates_unfit", "Some of these dates cannot take the hours"


def copy_day(
    doctor: Doctor, day: date, to: Collection[date], *, leaving_out: Collection[date], now: datetime
) -> list[Window]:
    """The day's hours on other dates as well; answers what was published.

    Raises NotFound where the day has no hours, DatesUnfit, Invalid and Overlap; then nothing is saved.
    """
    hours = _hours_of(doctor, [day])
    return _publish(doctor, [], on_dates(hours, to), leaving_out=leaving_out, now=now)


def repeat_week(
    doctor: Doctor, week: date, weeks: int, *, leaving_out: Collection[date], now: datetime
) -> list[Window]:
    """The hours of the week with this date in it, in each of the `weeks` weeks after it.

    Raises NotFound where the week has no hours, DatesUnfit, Invalid and Overlap; then nothing is saved.
    """
    _check(weeks)
    (monday,) = mondays(week, 1)
    hours = _hours_of(doctor, [monday + timedelta(days=n) for n in range(7)])
    copies = in_weeks(hours, mondays(week + A_WEEK, weeks))
    return _publish(doctor, [], copies, leaving_out=leaving_out, now=now)


def use_usual_week(
    doctor: Doctor, week: date, weeks: int, *, leaving_out: Collection[date], now: datetime
) -> list[Window]:
    """The usual week in this many weeks, from the one with this date in it.

    Raises NotFound where no usual week is written, DatesUnfit, Invalid and Overlap; then nothing is saved.
    """
    _check(weeks)
    hours = usual_week(doctor)
    if not hours:
        raise NotFound
    copies = in_weeks(hours, mondays(week, weeks))
    return _publish(doctor, [], copies, leaving_out=leaving_out, now=now)


def publish_weekly(
    doctor: Doctor,
    windows: Sequence[Window],
    weeks: int,
    *,
    leaving_out: Collection[date],
    now: datetime,
) -> list[Window]:
    """These hours of one week, and the same in the weeks after it until there are `weeks` of them.

    The first week's dates may have other hours, as with `publish`. Raises DatesUnfit for the later ones,
    Invalid, NotFuture and Overlap; then nothing is saved.
    """
    _check(weeks)
    later = mondays(windows[0].date + A_WEEK, weeks - 1)
    return _publish(doctor, windows, in_weeks(windows, later), leaving_out=leaving_out, now=now)


@transaction.atomic
def _publish(
    doctor: Doctor,
    first: Sequence[Window],
    copies: Sequence[Window],
    *,
    leaving_out: Collection[date],
    now: datetime,
) -> list[Window]:
    one_at_a_time(doctor)  # hours that arrive now are seen below, or wait for us
    cut_all(doctor, first, zones_of(doctor, {one.date for one in first}), now=now)
    unfit = _unfit(doctor, copies, now)
    if unfit.keys() - set(leaving_out):
        raise DatesUnfit(
            dates=[
                {"date": f"{day}", "code": fault.code, "detail": fault.detail}
                for day, fault in unfit.items()
            ]
        )
    windows = [*first, *(one for one in copies if one.date not in leaving_out)]
    if not windows:
        raise Invalid(Fault("#/dates", "no_dates", _("No date is left to add hours to.")))
    publish(doctor, windows, now=now)
    return windows


def _unfit(doctor: Doctor, copies: Iterable[Window], now: datetime) -> dict[date, Fault]:
    """Which dates cannot take their copies, in order, and why."""
    by_day: dict[date, list[Window]] = defaultdict(list)
    for one in copies:
        by_day[one.date].append(one)
    zones = zones_of(doctor, set(by_day))
    found = Availability.objects.filter(doctor=doctor, date__in=by_day)
    taken = set(found.values_list("date", flat=True))
    unfit: dict[date, Fault] = {}
    for day, windows in sorted(by_day.items()):
        try:
            cut_all(doctor, windows, zones, now=now)
        except Invalid as refusal:
            unfit[day] = refusal.faults[0]
        else:
            if day in taken:
                unfit[day] = Fault("#/dates", "has_hours", _("It already has hours."))
    return unfit


def _hours_of(doctor: Doctor, days: Collection[date]) -> list[Window]:
    """As they were written, in the wall times of whatever zone that was."""
    rows = Availability.objects.filter(doctor=doctor, date__in=days).order_by("starts_at")
    hours = [Window(row.date, row.start_time, row.end_time, row.duration_minutes) for row in rows]
    if not hours:
        raise NotFound
    return hours


def _check(weeks: int) -> None:
    if not 1 <= weeks <= MOST_WEEKS:
        told = _("Use 1 to %(most)s weeks.") % {"most": MOST_WEEKS}
        raise Invalid(Fault("#/weeks", "out_of_range", told))
