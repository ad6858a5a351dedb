"""A doctor takes hours back: whole days, and only while nothing on them is held or booked."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.db.models import Max, QuerySet
from django.utils.translation import gettext_lazy as _

from clinicall.booking.holds import ON_THESE_SLOTS, lapse, retried
from clinicall.booking.models import Appointment
from clinicall.booking.states import LIVE, Status
from clinicall.core.announce import announce, doctor_topic
from clinicall.core.refusals import NotFound, Refusal
from clinicall.people.models import Doctor
from clinicall.schedule import publish
from clinicall.schedule.models import Availability, Slot
from clinicall.schedule.slotting import Window


class SlotsInUse(Refusal):
    """`retryAt` is when the last hold on that day lapses; None when a booking stands in the way."""

    code, title = (
        "slots_in_use",
        _("Patients are booked on this day, so its hours stay as they are"),
    )


def replace_day(doctor: Doctor, day: date, windows: Sequence[Window], *, now: datetime) -> None:
    """The day's hours become these, in the zone the day was first published in.

    Raises NotFound, NotFuture, Invalid, Overlap and SlotsInUse; then nothing has changed.
    """
    zones = publish.zones_of(doctor, {day})
    if not Availability.objects.filter(doctor=doctor, date=day).exists():
        raise NotFound
    cuts = publish.cut_all(doctor, windows, zones, now=now)

    @transaction.atomic
    def change() -> None:
        publish.one_at_a_time(doctor)
        _take_back(doctor, day)
        publish.write(doctor, cuts, zones)

    _lapse_holds_of(doctor, day)
    retried(change)


def withdraw_day(doctor: Doctor, day: date, *, now: datetime) -> None:
    """The day has no hours any more. Raises NotFound, NotFuture and SlotsInUse."""
    if not Availability.objects.filter(doctor=doctor, date=day).exists():
        raise NotFound
    publish.check_day(doctor, day, now=now)

    @transaction.atomic
    def change() -> None:
        publish.one_at_a_time(doctor)
        _take_back(doctor, day)
        announce(doctor_topic(doctor.pk), {"event": "resync"})

    _lapse_holds_of(doctor, day)
    retried(change)


def _slots_of(doctor: Doctor, day: date) -> QuerySet[Slot]:
    return Slot.objects.filter(availability__doctor=doctor, availability__date=day)


def _lapse_holds_of(doctor: Doctor, day: date) -> None:
    """Before the slots are locked: a claim takes lapsed holds first and the slot second, as we do."""
    lapse(ON_THESE_SLOTS, {"slots": list(_slots_of(doctor, day).values_list("pk", flat=True))})


def _take_back(doctor: Doctor, day: date) -> None:
    # Hours may have no slot left: their doctor has cancelled each visit with its time.
    hours = Availability.objects.filter(doctor=doctor, date=day)
    if not hours.exists():
        raise NotFound  # somebody else has just withdrawn it
    # The slots' row locks decide between us and a hold that arrives now: its foreign key waits for
    # them, and then finds no slot; or it was first, and we wait and then see it.
    slots = _slots_of(doctor, day)
    locked = list(slots.select_for_update(of=("self",)).order_by("pk").values_list("pk", flat=True))
    _refuse_if_in_use(locked)
    try:
        with transaction.atomic():
            withdraw_slots(locked)
            hours.delete()
    except IntegrityError as clash:  # late money has just revived an appointment here
        raise SlotsInUse(retryAt=None) from clash


def _refuse_if_in_use(slots: Sequence[int]) -> None:
    lapse(ON_THESE_SLOTS, {"slots": slots})
    live = Appointment.objects.filter(slot__in=slots, status__in=LIVE)
    if live.exclude(status=Status.PENDING).exists():
        raise SlotsInUse(retryAt=None)
    last_hold = live.aggregate(last=Max("held_until"))["last"]
    if last_hold:
        raise SlotsInUse(_("A time on this day is held for a patient."), retryAt=last_hold)


def withdraw_slots(slots: Sequence[int]) -> None:
    """Delete slots that nobody has; cancelled appointments keep their times but not the slot."""
    Appointment.objects.filter(slot__in=slots, status=Status.CANCELLED).update(slot=None)
    Slot.objects.filter(pk__in=slots).delete()
