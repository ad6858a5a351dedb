"""Publishing hours: all of a call or nothing, and only for days still to come."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from clinicall.core.announce import announce, doctor_topic
from clinicall.core.refusals import Fault, Invalid, Refusal
from clinicall.people.models import Doctor
from clinicall.schedule.first_openings import may_open
from clinicall.schedule.models import Availability, Slot
from clinicall.schedule.slotting import (
    FARTHEST,
    MOST_SLOTS,
    CannotCut,
    Cut,
    Window,
    cut,
    overlapping,
)


class NotFuture(Invalid):
    code, title = "not_future", "Only days after today can be managed"


class Overlap(Refusal):
    """`conflicts` lists each pair's date and wall times."""

    code, title = "overlap", "These hours overlap others"


@transaction.atomic
def publish(doctor: Doctor, windows: Sequence[Window], *, now: datetime) -> list[date]:
    """Add these hours and their slots; answers the dates concerned, in order.

    Raises Invalid or NotFuture (naming every window that is wrong) and Overlap; then nothing is saved.
    """
    one_at_a_time(doctor)
    zones = zones_of(doctor, {window.date for window in windows})
    write(doctor, cut_all(doctor, windows, zones, now=now), zones)
    return sorted(zones)


def one_at_a_time(doctor: Doctor) -> None:
    """Whoever else changes this doctor's hours waits for the end of the present transaction."""
    # Two that insert overlapping hours in different orders would wait for each other in a circle.
    # Not the key: holds, whose foreign keys lock that, go on meanwhile.
    Doctor.objects.select_for_update(no_key=True).get(pk=doctor.pk)


def cut_all(
    doctor: Doctor, windows: Sequence[Window], zones: Mapping[date, ZoneInfo], *, now: datetime
) -> list[tuple[Window, Cut]]:
    """Each window with its slots. Raises Invalid or NotFuture, naming every window that is wrong."""
    cuts = [
        (window, _cut_or_fault(window, zones[window.date], doctor, now, f"#/windows/{i}"))
        for i, window in enumerate(windows)
    ]
    refuse_faults(made for _window, made in cuts if isinstance(made, Fault))
    return [(window, made) for window, made in cuts if isinstance(made, Cut)]


def check_day(doctor: Doctor, day: date, *, now: datetime) -> None:
    """Raises NotFuture unless the day is after the doctor's today and at most a year ahead."""
    refuse_faults(_day_faults(day, doctor, now, "#/date"))


def zones_of(doctor: Doctor, days: set[date]) -> dict[date, ZoneInfo]:
    """The zone of each date: the one it was first published in, and the doctor's for a new one."""
    kept = Availability.objects.filter(doctor=doctor, date__in=days).values_list("date", "timezone")
    return dict.fromkeys(days, ZoneInfo(doctor.timezone)) | {
        day: ZoneInfo(name) for day, name in kept
    }


def _day_faults(day: date, doctor: Doctor, now: datetime, pointer: str) -> list[Fault]:
    today = now.astimezone(ZoneInfo(doctor.timezone)).date()
    if day <= today:
        return [Fault(pointer, "not_future", _("Choose a day after today."))]
    if day > today + FARTHEST:
        told = _("Choose a day within %(days)s days.") % {"days": FARTHEST.days}
        return [Fault(pointer, "too_far", told)]
    return []


def _cut_or_fault(
    window: Window, zone: ZoneInfo, doctor: Doctor, now: datetime, pointer: str
) -> Cut | Fault:
    if faults := _day_faults(window.date, doctor, now, f"{pointer}/date"):
        return faults[0]
    try:
        return cut(window, zone)
    except CannotCut as error:
        return Fault(f"{pointer}/{error.member}", error.code, str(error))


def refuse_faults(faults: Iterable[Fault]) -> None:
    """Raises Invalid with them all, as NotFuture where the day itself is what is wrong."""
    found = list(faults)
    if any(fault.code == "not_future" for fault in found):
        raise NotFuture(*found)
    if found:
        raise Invalid(*found)


def write(
    doctor: Doctor, cuts: Sequence[tuple[Window, Cut]], zones: Mapping[date, ZoneInfo]
) -> None:
    """Save hours that were cut; the exclusion constraint decides whether they overlap others.

    The doctor is one for the present transaction, as by `one_at_a_time`.
    """
    refuse_overlap_within(cuts)
    _refuse_unless_active(doctor)
    _refuse_too_many(doctor, cuts)
    try:
        with transaction.atomic():
            rows = Availability.objects.bulk_create(
                Availability(
                    doctor=doctor,
                    date=window.date,
                    timezone=zones[window.date].key,
                    start_time=window.start,
                    end_time=window.end,
                    duration_minutes=window.minutes,
                    starts_at=made.whole.start,
                    ends_at=made.whole.end,
                )
                for window, made in cuts
            )
            _copy_slots(doctor, zip(rows, (made for _window, made in cuts), strict=True))
            may_open(doctor.pk, min(made.whole.start for _window, made in cuts))
            announce(doctor_topic(doctor.pk), {"event": "resync"})
    except IntegrityError as clash:  # a_doctors_hours_do_not_overlap
        raise Overlap(conflicts=_conflicts(doctor, cuts)) from clash


def _refuse_unless_active(doctor: Doctor) -> None:
    """Raises Invalid: nobody could book what a suspended or leaving doctor publishes."""
    # Read anew: who suspends them may have come first.
    if not Doctor.objects.filter(pk=doctor.pk, active=True).exists():
        told = _("You cannot publish hours now: the clinic has to make your account active first.")
        refuse_faults([Fault("#/windows", "not_active", told)])


def _copy_slots(doctor: Doctor, hours: Iterable[tuple[Availability, Cut]]) -> None:
    # A year's slots as model instances would take four times the time and the memory.
    copying = "copy schedule_slot (doctor_id, availability_id, starts_at, ends_at) from stdin"
    with (
        connection.cursor() as cursor,
        connection.wrap_database_errors,
        cursor.copy(copying) as rows,
    ):
        for written, made in hours:
            for one in made.slots:
                rows.write_row((doctor.pk, written.pk, one.start, one.end))


def refuse_overlap_within(cuts: Sequence[tuple[Window, Cut]]) -> None:
    """Raises Overlap when some of these hours overlap others of them."""
    clashing = overlapping(made for _window, made in cuts)
    if clashing:
        raise Overlap(
            conflicts=[_told(w.date, w.start, w.end) for w, made in cuts if made in clashing]
        )


def _refuse_too_many(doctor: Doctor, cuts: Sequence[tuple[Window, Cut]]) -> None:
    count: dict[date, int] = defaultdict(int)
    for window, made in cuts:
        count[window.date] += len(made.slots)
    published = Slot.objects.filter(doctor=doctor, availability__date__in=count)
    for day in published.values_list("availability__date", flat=True):
        count[day] += 1
    told = _("%(date)s: at most %(most)s slots a date.")
    refuse_faults(
        Fault("#/windows", "too_many_slots", told % {"date": day, "most": MOST_SLOTS})
        for day, slots in sorted(count.items())
        if slots > MOST_SLOTS
    )


def _conflicts(doctor: Doctor, cuts: Sequence[tuple[Window, Cut]]) -> list[dict[str, str]]:
    return [
        _told(window.date, row.start_time, row.end_time)
        for window, made in cuts
        for row in Availability.objects.filter(
            doctor=doctor, starts_at__lt=made.whole.end, ends_at__gt=made.whole.start
        ).order_by("starts_at")
    ]


def _told(day: date, start: time, end: time) -> dict[str, str]:
    return {"date": f"{day}", "startTime": f"{start:%H:%M}", "endTime": f"{end:%H:%M}"}
