"""A confirmed visit moves to another time of the same doctor; if that cannot be had, it stays where it is."""

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from clinicall.booking import steps
from clinicall.booking.ending import NotPossibleNow, cancel_until
from clinicall.booking.holds import IN_THE_WAY, PatientBusy, SlotTaken, TooLate, lapse, retried
from clinicall.booking.models import Appointment
from clinicall.booking.noting import note_on
from clinicall.booking.openings import next_openings
from clinicall.booking.states import LIVE, Status
from clinicall.core.announce import announce, doctor_topic
from clinicall.core.clock import now as clinic_now
from clinicall.core.refusals import SlotGone
from clinicall.people.models import User
from clinicall.records.models import Action
from clinicall.schedule.models import Slot
from clinicall.video.provider import VideoLine

WHERE = ["slot_id", "starts_at", "ends_at"]


def move_until(appointment: Appointment, by: User) -> datetime:
    """From when on it stays where it is: once its room is open, the other one may be waiting there."""
    return min(cancel_until(appointment, by), appointment.opens_at)


def first_to_move(now: datetime) -> datetime:
    """Visits that start after this may still be moved by their patients."""
    minutes = max(settings.CANCEL_UNTIL_MINUTES, settings.JOIN_EARLY_MINUTES)
    return now + timedelta(minutes=minutes)


def move(appointment_id: UUID, slot_id: int, *, by: User, line: VideoLine) -> None:
    """To this slot; price, id and channel stay. Repeating it changes nothing.

    Before `move_until`. Raises SlotGone, SlotTaken,
    PatientBusy, TooLate and NotPossibleNow; then nothing has changed.
    """
    retried(lambda: _move(appointment_id, slot_id, by, line))


@transaction.atomic
def _move(appointment_id: UUID, slot_id: int, by: User, line: VideoLine) -> None:
    appointment, slot = locked(appointment_id, slot_id)
    move_locked(appointment, slot, by=by, line=line)


def locked(appointment_id: UUID, slot_id: int | None) -> tuple[Appointment, Slot | None]:
    """The appointment and where it is to go, if there is such a time."""
    came_from = Appointment.objects.values_list("slot_id", flat=True).get(pk=appointment_id)
    # Both slots, in the order of their ids, before the appointment: two people who swap their times
    # would else wait for each other. Not the keys: a claim that was first waits for none of ours.
    slots = Slot.objects.select_for_update(no_key=True)
    both = slots.filter(pk__in=[came_from, slot_id]).order_by("pk")
    slot = next((one for one in both if one.pk == slot_id), None)
    return Appointment.objects.select_for_update().get(pk=appointment_id), slot


def move_locked(appointment: Appointment, slot: Slot | None, *, by: User, line: VideoLine) -> None:
    """As `move`, of what `locked` answered in this transaction."""
    if slot is None or slot.doctor_id != appointment.doctor_id:
        raise SlotGone
    now = clinic_now()
    status = appointment.status_at(now)[0]
    if status != Status.CONFIRMED:
        raise NotPossibleNow(status=status)
    if appointment.slot_id == slot.pk:
        return
    if not appointment.doctor.active:
        raise SlotGone
    if now >= move_until(appointment, by):
        raise TooLate(_("It is too late to move this appointment."))
    if slot.starts_at <= now:
        raise TooLate(_("This time has begun already."))
    facts = {"id": appointment.pk, "slot": slot.pk, "patient": appointment.patient_id}
    lapse(IN_THE_WAY, facts)
    left = appointment.slot_id
    try:
        with transaction.atomic():
            _to(appointment, slot, by=by, line=line)
    except IntegrityError as clash:
        raise _whats_in_the_way(appointment, slot) from clash
    topic = doctor_topic(appointment.doctor_id)
    announce(topic, {"event": "released", "slotId": str(left)})
    announce(topic, {"event": "taken", "slotId": str(slot.pk)})


def _to(appointment: Appointment, slot: Slot, *, by: User, line: VideoLine) -> None:
    now = clinic_now()
    moved_from = appointment.starts_at
    appointment.slot_id = slot.pk
    appointment.starts_at, appointment.ends_at = slot.starts_at, slot.ends_at
    # At its new time nobody is late yet.
    appointment.delay_minutes = 0
    # A pass never lives beyond the room.
    steps.issue_first_pass(appointment, now=now, line=line)
    steps.move(
        appointment,
        [*WHERE, "delay_minutes", *steps.PASS],
        moved_from=moved_from,
        actor=by.role,
        actor_id=by.pk,
        now=now,
    )
    note_on(Action.CHANGED, "move", appointment, by=by)


def _whats_in_the_way(appointment: Appointment, slot: Slot) -> SlotTaken | PatientBusy:
    others = Appointment.objects.exclude(pk=appointment.pk).filter(status__in=LIVE)
    here = others.filter(starts_at__lt=slot.ends_at, ends_at__gt=slot.starts_at)
    mine = here.filter(patient_id=appointment.patient_id)
    if mine.exists() and not here.filter(doctor_id=slot.doctor_id).exclude(pk__in=mine).exists():
        return PatientBusy()
    return SlotTaken(alternatives=next_openings(slot.doctor_id))
