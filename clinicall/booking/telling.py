"""Writing down whom a step is to be told to, in the step's own commit.

So nobody is told of what was rolled back, and nothing that was committed is forgotten. How a message reads
and how it is sent is no matter of a step: see clinicall/messages.
"""

import json
from datetime import datetime
from uuid import UUID, uuid4

from django.conf import settings
from django.db.models import QuerySet

from clinicall.booking.models import Appointment, Channel, Delivery, Message
from clinicall.booking.states import Kind
from clinicall.core.prepared import execute

# SQL, as every booking writes one (docs/decisions/0032-what-every-booking-asks.md). A conflict
# is with what the clock tells once.
WRITE = """
insert into booking_message (
  id, kind, channel, to_id, appointment_id, about, facts, state, written_at, next_try_at, tries, trouble)
select id, %(kind)s, channel, %(to)s, %(appointment)s, %(about)s, %(facts)s::jsonb, 'waiting', %(now)s,
  %(due_at)s, 0, ''
from unnest(%(ids)s::uuid[], %(channels)s::text[]) as one (id, channel)
on conflict do nothing
"""
# What is worth a text to the phone; a mail goes of everything.
TEXTED = {
    Kind.CONFIRMED,
    Kind.MOVED,
    Kind.CANCELLED,
    Kind.REMINDER_DAY,
    Kind.REMINDER_HOUR,
    Kind.RUNNING_LATE,
    Kind.EARLIER_TIME,
}


def tell_patient(
    kind: Kind,
    appointment: Appointment,
    *,
    now: datetime,
    due_at: datetime | None = None,
    channels: tuple[Channel, ...] = (Channel.MAIL, Channel.SMS),
    **facts: object,
) -> None:
    """By mail and, where the clinic sends texts, by those; not before `due_at`."""
    texts = settings.SMS_CONFIGURED and kind in TEXTED and appointment.phone_sealed
    _write(
        kind,
        appointment.patient_id,
        [one for one in channels if one == Channel.MAIL or texts],
        appointment=appointment,
        about=appointment.starts_at,
        now=now,
        due_at=due_at,
        facts=facts,
    )


def tell_doctor(kind: Kind, appointment: Appointment, *, now: datetime, **facts: object) -> None:
    """By mail, which is all that we know of a doctor."""
    _write(
        kind,
        appointment.doctor_id,
        [Channel.MAIL],
        appointment=appointment,
        about=appointment.starts_at,
        now=now,
        due_at=None,
        facts=facts,
    )


def tell_of_day(doctor_id: UUID, start: datetime, *, now: datetime) -> None:
    """Which visits this doctor has on the day that begins at `start`; by mail, as above."""
    _write(
        Kind.DAY_LIST,
        doctor_id,
        [Channel.MAIL],
        appointment=None,
        about=start,
        now=now,
        due_at=None,
        facts={},
    )


def take_back(kind: Kind, appointment: Appointment) -> None:
    """What was written and is not on its way yet, nobody will hear."""
    waiting = _told(kind, appointment).filter(state=Delivery.WAITING, tries=0)
    waiting.update(state=Delivery.DROPPED, next_try_at=None)


def heard_last(kind: Kind, appointment: Appointment) -> Message | None:
    """The latest that was sent of the visit at its present time; what is on its way counts as sent."""
    heard = _told(kind, appointment).filter(state__in=(Delivery.WAITING, Delivery.SENT))
    return heard.order_by("written_at").last()


def _told(kind: Kind, appointment: Appointment) -> QuerySet[Message]:
    return Message.objects.filter(kind=kind, appointment=appointment, about=appointment.starts_at)


def _write(
    kind: Kind,
    to: UUID,
    channels: list[Channel],
    *,
    appointment: Appointment | None,
    about: datetime,
    now: datetime,
    due_at: datetime | None,
    facts: dict[str, object],
) -> None:
    values = {
        "kind": kind,
        "to": to,
        "appointment": appointment and appointment.pk,
        "about": about,
        "facts": json.dumps(facts),
        "now": now,
        "due_at": due_at or now,
        "ids": [uuid4() for _ in channels],
        "channels": channels,
    }
    execute(WRITE, values)
