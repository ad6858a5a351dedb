"""A file of hours becomes a schedule, whole or not at all; and a schedule becomes such a file."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils.translation import gettext as _

from clinicall.core.refusals import Fault, Invalid
from clinicall.people.models import Doctor
from clinicall.schedule import hours_file
from clinicall.schedule.hours_file import LineFault, Row, UnusableFile
from clinicall.schedule.models import Availability
from clinicall.schedule.publish import Overlap, cut_all, publish, zones_of
from clinicall.schedule.slotting import Cut, Window

# What the columns are called where a fault points to a member of a window.
COLUMN_OF = {"date": "date", "startTime": "start", "endTime": "end", "durationMinutes": "minutes"}


@dataclass(frozen=True)
class Uploaded:
    """`left_over` are the dates of windows whose end is too short for one more slot."""

    days: Sequence[date]
    slots: int
    left_over: Sequence[date]


def upload(doctor: Doctor, content: bytes, *, now: datetime) -> Uploaded:
    """Publish what the file says. Raises TooLarge, WrongType and UnusableFile; then nothing is saved."""
    read = hours_file.parse(content)
    windows = [row.window for row in read.rows]
    faults, cuts = list(read.faults), list[tuple[Window, Cut]]()
    try:
        # Before anything is refused, so that a doctor is told in one go all that is wrong.
        cuts = cut_all(doctor, windows, zones_of(doctor, {w.date for w in windows}), now=now)
        if not faults:
            publish(doctor, windows, now=now)
    except Invalid as refusal:
        faults += _in_lines(refusal.faults, read.rows)
    except Overlap as refusal:
        faults += _overlapped(refusal.facts["conflicts"], read.rows)
    if faults:
        raise UnusableFile(faults)
    return Uploaded(
        days=sorted({window.date for window in windows}),
        slots=sum(len(made.slots) for _window, made in cuts),
        left_over=sorted({window.date for window, made in cuts if made.leftover}),
    )


def _in_lines(faults: Iterable[Fault], rows: Sequence[Row]) -> Iterable[LineFault]:
    for fault in faults:
        place = fault.pointer.partition("#/windows/")[2]
        index, _slash, member = place.partition("/")
        line = rows[int(index)].line if index else 0  # a date of many lines has too many slots
        yield LineFault(line, COLUMN_OF.get(member, ""), fault.detail)


def _overlapped(conflicts: Iterable[Mapping[str, str]], rows: Sequence[Row]) -> set[LineFault]:
    """Each line of hours that meets hours there are already."""
    found = set()
    for told in conflicts:
        day = date.fromisoformat(told["date"])
        start, end = (time.fromisoformat(told[name]) for name in ("startTime", "endTime"))
        detail = _("These hours overlap %(start)s to %(end)s, which are published already.") % {
            "start": f"{start:%H:%M}",
            "end": f"{end:%H:%M}",
        }
        of_that_day = [row for row in rows if row.window.date == day]
        # Of a date next to one of another zone, the wall times do not tell; the instants met.
        meeting = [
            row for row in of_that_day if row.window.start < end and start < row.window.end
        ] or of_that_day
        found |= {LineFault(row.line, "", detail) for row in meeting}
    return found


def exported(doctor: Doctor, first: date, last: date) -> str:
    """The file of the hours of these dates, both included."""
    rows = Availability.objects.filter(doctor=doctor, date__range=(first, last))
    return hours_file.write(
        Window(row.date, row.start_time, row.end_time, row.duration_minutes)
        for row in rows.order_by("date", "starts_at")
    )


def template(today: date) -> str:
    """Examples for the week after the one of `today`: Monday to Friday, once with a break at midday."""
    monday = today + timedelta(days=7 - today.weekday())
    mornings = [Window(monday + timedelta(days=n), time(9), time(12), 15) for n in range(5)]
    afternoon = Window(monday, time(14), time(16), 30)
    return hours_file.write([mornings[0], afternoon, *mornings[1:]])
