"""The room: who may enter it, and with what pass. Leaving it ends nothing."""

import secrets
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clinicall.booking import steps
from clinicall.booking.models import Appointment
from clinicall.booking.noting import note_on
from clinicall.booking.states import Status
from clinicall.consultation.door import Door, door_at
from clinicall.core.announce import announce, call_topic
from clinicall.core.clock import now as clinic_now
from clinicall.core.refusals import Refusal
from clinicall.people.models import User
from clinicall.records.models import Action
from clinicall.records.sealed import readable
from clinicall.video.provider import DOCTOR_UID, PATIENT_UID, RoomPass, VideoLine

# Short, so that whoever is refused the next pass is out of the room soon.
PASS_FOR = timedelta(minutes=30)


class NotConfirmed(Refusal):
    code, title = "not_confirmed", _("This appointment is not confirmed yet")


class TooEarly(Refusal):
    """`opensAt` says when."""

    code, title = "too_early", _("The room is not open yet")


class RoomClosed(Refusal):
    """`status` is the appointment's."""

    code, status, title = "room_closed", 410, _("This room is closed")


def uid_of(appointment: Appointment, person: User) -> int:
    return DOCTOR_UID if appointment.doctor_id == person.pk else PATIENT_UID


@transaction.atomic
def enter(
    appointment_id: UUID,
    person: User,
    *,
    line_for: Callable[[str | None], VideoLine],
    session: str,
) -> RoomPass:
    """A fresh pass for this person, who is the appointment's doctor or patient and asks in the session
    of that name; also to renew one.

    The first to come fixes the line (`line_for(None)` is the configured one), so that both meet on it.
    Raises NotConfirmed, TooEarly and RoomClosed.
    """
    appointment = Appointment.objects.select_for_update().get(pk=appointment_id)
    now = clinic_now()
    status = appointment.status_at(now)[0]
    if status == Status.PENDING:
        raise NotConfirmed
    door = door_at(now, opens_at=appointment.opens_at, closes_at=appointment.closes_at)
    if status != Status.CONFIRMED or door is Door.CLOSED:
        raise RoomClosed(status=status)
    if door is Door.EARLY:
        raise TooEarly(opensAt=appointment.opens_at)
    line = line_for(appointment.line or None)
    if line.needs_secret and not readable(appointment, "media_secret"):
        appointment.media_secret = secrets.token_urlsafe(32)
    room_pass = line.issue(
        channel=appointment.channel_name,
        uid=uid_of(appointment, person),
        now=now,
        expires_at=min(now + PASS_FOR, appointment.closes_at),
        secret=appointment.media_secret if line.needs_secret else "",
        session=session,
    )
    note_on(Action.VIEWED, "call", appointment, by=person)
    appointment.line = line.name
    steps.keep_pass(appointment, room_pass)
    appointment.save(update_fields=["line", *steps.PASS, "media_secret_sealed"])
    return room_pass


def leave(appointment: Appointment, person: User) -> None:
    """Tell the other side at once; without this they would see it when the line goes quiet."""
    with transaction.atomic():
        announce(call_topic(appointment.pk), {"event": "left", "uid": uid_of(appointment, person)})
