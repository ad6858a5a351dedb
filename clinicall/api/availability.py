"""A doctor's own hours."""

from collections import defaultdict
from datetime import date
from typing import Annotated
from zoneinfo import ZoneInfo

from django.db.models import Prefetch, Q, QuerySet
from ninja import Query, Router, Status
from pydantic import Field

from clinicall.api.callers import ApiRequest, doctor, doctor_on_their_day, may
from clinicall.api.fields import AskedDays, Day, WallTime
from clinicall.api.reading import READING, Sent, Shape
from clinicall.api.schemas import DayOut, Days
from clinicall.booking.openings import slot_states
from clinicall.booking.withdrawing import SlotsInUse, replace_day, withdraw_day
from clinicall.core.clock import now as clinic_now
from clinicall.core.refusals import TryAgain
from clinicall.people.models import Doctor
from clinicall.schedule.models import Availability, Slot
from clinicall.schedule.publish import NotFuture, Overlap, publish
from clinicall.schedule.slotting import FARTHEST, LONGEST, SHORTEST, Window

MOST_WINDOWS = 750
# The day itself, and the year in which hours can be published.
LONGEST_SPAN = 1 + FARTHEST.days

router = Router(tags=["Availability"])


class HoursSent(Shape):
    start_time: Annotated[WallTime, Field(examples=["09:00"])]
    end_time: Annotated[WallTime, Field(examples=["12:00"])]
    # Told here, and refused where the hours are cut, with whatever else is wrong with them.
    duration_minutes: Annotated[
        int, Field(examples=[15], json_schema_extra={"minimum": SHORTEST, "maximum": LONGEST})
    ]

    def on(self, day: date) -> Window:
        return Window(day, self.start_time, self.end_time, self.duration_minutes)


class WindowSent(HoursSent):
    date: Day


class WindowsSent(Shape):
    largest = 128 << 10  # so many windows as most programs write them, with spaces

    windows: Annotated[list[WindowSent], Field(min_length=1, max_length=MOST_WINDOWS)]


class DaySent(Shape):
    windows: Annotated[list[HoursSent], Field(min_length=1, max_length=MOST_WINDOWS)]


@router.get("/availability", response=Days, **may(doctor))
def read(request: ApiRequest, asked: Annotated[AskedDays, Query(...)]) -> Days:
    """Own hours by date; from today for 30 days more unless asked otherwise. At most 366 days."""
    me = request.person.doctor
    today = clinic_now().astimezone(ZoneInfo(me.timezone)).date()
    span = asked.span(today=today, at_most=LONGEST_SPAN)
    return Days(days=_days(me, Q(date__range=span)))


@router.post(
    "/availability",
    response={201: Days},
    **may(doctor, *READING, NotFuture, Overlap, TryAgain),
)
def add(request: ApiRequest, sent: Sent[WindowsSent]) -> Status[Days]:
    """Publish hours for days after today: all of them, or none."""
    me = request.person.doctor
    windows = [window.on(window.date) for window in sent.windows]
    days = publish(me, windows, now=clinic_now())
    return Status(201, Days(days=_days(me, Q(date__in=days))))


@router.put(
    "/availability/{day}",
    response=DayOut,
    **may(doctor_on_their_day, *READING, NotFuture, Overlap, SlotsInUse, TryAgain),
)
def replace(request: ApiRequest, day: Day, sent: Sent[DaySent]) -> DayOut:
    """The day's hours become these, while none of its slots is held or booked."""
    me = request.person.doctor
    replace_day(me, day, [hours.on(day) for hours in sent.windows], now=clinic_now())
    return _days(me, Q(date=day))[0]


@router.delete(
    "/availability/{day}",
    response={204: None},
    **may(doctor_on_their_day, NotFuture, SlotsInUse, TryAgain),
)
def withdraw(request: ApiRequest, day: Day) -> Status[None]:
    """The day has no hours any more, if none of its slots is held or booked."""
    withdraw_day(request.person.doctor, day, now=clinic_now())
    return Status(204, None)


def _days(me: Doctor, which: Q) -> list[DayOut]:
    slots: QuerySet[Slot] = Slot.objects.order_by("starts_at")
    found = (
        Availability.objects.filter(which, doctor=me)
        .order_by("date", "starts_at")
        .prefetch_related(Prefetch("slots", slots))
    )
    hours_of: dict[date, list[Availability]] = defaultdict(list)
    for hours in found:
        hours_of[hours.date].append(hours)
    all_slots = [slot for hours in found for slot in hours.slots.all()]
    states = slot_states(all_slots, now=clinic_now())
    return [DayOut.of(hours, states) for hours in hours_of.values()]
