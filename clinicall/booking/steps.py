"""The steps of an appointment: each a conditional update, with the line that says who, when and why.

The callers hold the appointment's row, have asked the rules, and announce what others look at.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from clinicall.booking.models import Appointment, WaitlistEntry, reading_as
from clinicall.booking.states import NEXT, CancelReason, Kind, Outcome, Status
from clinicall.booking.telling import tell_doctor, tell_patient
from clinicall.core.announce import announce, call_topic, doctor_topic
from clinicall.core.prepared import execute
from clinicall.core.refusals import TryAgain
from clinicall.payments.models import OPEN, Payment, Refund
from clinicall.people.models import Role
from clinicall.schedule.first_openings import may_open
from clinicall.video.provider import PATIENT_UID, RoomPass, VideoLine, channel_name

# What else becomes of a visit, its doctor has done, or sees on the list of what is over.
NEWS_TO_THE_DOCTOR = {CancelReason.BY_PATIENT, CancelReason.BY_CLINIC, CancelReason.ACCOUNT_ERASED}
# SQL, as every booking takes it (docs/decisions/0032-what-every-booking-asks.md).
STEP = """
with taken as (
  update booking_appointment set status = %(to)s::text, {changed}
  where id = %(id)s and status = %(came_from)s::text
  returning id
)
insert into booking_transition (appointment_id, from_status, to_status, actor, actor_id, why, at)
select id, %(came_from)s::text, %(to)s::text, %(actor)s, %(actor_id)s, %(why)s, %(now)s from taken
"""
PASS = ["token_sealed", "token_uid", "token_expires_at"]


def confirm(appointment: Appointment, *, now: datetime, line: VideoLine, actor: str) -> None:
    """Channel and a first token are stored with the confirmation. That its time is taken was announced
    when it was held."""
    appointment.cancel_reason = ""
    appointment.hold_place = None
    appointment.ended_at = None
    appointment.confirmed_at = now
    appointment.channel_name = channel_name(appointment.pk)
    issue_first_pass(appointment, now=now, line=line)
    changed = ["cancel_reason", "hold_place", "ended_at", "confirmed_at", "channel_name", *PASS]
    _take(appointment, Status.CONFIRMED, changed, actor=actor, now=now)
    tell_patient(Kind.CONFIRMED, appointment, now=now)


def issue_first_pass(appointment: Appointment, *, now: datetime, line: VideoLine) -> None:
    """The patient's, for the day of the visit or what of it a pass may last; the caller saves it."""
    room_pass = line.issue(
        channel=appointment.channel_name,
        uid=PATIENT_UID,
        now=now,
        expires_at=appointment.closes_at,
    )
    keep_pass(appointment, room_pass)


def keep_pass(appointment: Appointment, room_pass: RoomPass) -> None:
    """As the one issued last; the caller saves PASS."""
    appointment.token = room_pass.token
    appointment.token_uid = room_pass.uid
    appointment.token_expires_at = room_pass.expires_at


def cancel(
    appointment: Appointment,
    reason: CancelReason,
    *,
    actor: str,
    now: datetime,
    actor_id: UUID | None = None,
) -> None:
    """The slot is released by this alone; whoever calls says so where it still is."""
    was_a_visit = appointment.status == Status.CONFIRMED
    appointment.cancel_reason = reason
    appointment.hold_place = None
    appointment.ended_at = now
    appointment.token_sealed = ""
    appointment.token_uid = None
    appointment.token_expires_at = None
    changed = ["cancel_reason", "hold_place", "ended_at", "cancel_note_sealed", *PASS]
    _take(
        appointment, Status.CANCELLED, changed, actor=actor, actor_id=actor_id, now=now, why=reason
    )
    if appointment.payment_id:
        # Nobody shall pay for what is off: the poller closes the page, if nobody does so before.
        still_open = Payment.objects.filter(pk=appointment.payment_id, state__in=OPEN)
        still_open.update(next_look_at=now)
    if was_a_visit:
        may_open(appointment.doctor_id, appointment.starts_at)
        leave_waitlist(appointment, reason, actor=actor, actor_id=actor_id, now=now)
        tell_patient(Kind.CANCELLED, appointment, now=now)
    if was_a_visit and reason in NEWS_TO_THE_DOCTOR:
        tell_doctor(Kind.CANCELLED, appointment, now=now)
    announce(call_topic(appointment.pk), {"event": "ended", "status": Status.CANCELLED})


def complete(
    appointment: Appointment,
    outcome: Outcome,
    *,
    actor: str,
    now: datetime,
    actor_id: UUID | None = None,
) -> None:
    appointment.outcome, appointment.ended_at = outcome, now
    changed = ["outcome", "ended_at"]
    _take(
        appointment, Status.COMPLETED, changed, actor=actor, actor_id=actor_id, now=now, why=outcome
    )
    announce(call_topic(appointment.pk), {"event": "ended", "status": Status.COMPLETED})


def reopen(appointment: Appointment, *, actor: str, actor_id: UUID, now: datetime) -> None:
    appointment.outcome, appointment.ended_at = "", None
    changed = ["outcome", "ended_at"]
    _take(
        appointment,
        Status.CONFIRMED,
        changed,
        actor=actor,
        actor_id=actor_id,
        now=now,
        why="reopened",
    )


def move(
    appointment: Appointment,
    changed: list[str],
    *,
    moved_from: datetime,
    actor: str,
    actor_id: UUID,
    now: datetime,
) -> None:
    """`changed` are the fields that the caller has set to the new time's; it started at `moved_from`."""
    # First: the new time may be the one that it was offered.
    why = CancelReason.BY_PATIENT if actor == Role.PATIENT else CancelReason.BY_CLINIC
    leave_waitlist(appointment, why, actor=actor, actor_id=actor_id, now=now)
    _take(
        appointment,
        Status.CONFIRMED,
        changed,
        actor=actor,
        actor_id=actor_id,
        now=now,
        why="moved",
    )
    may_open(appointment.doctor_id, moved_from)
    tell_patient(Kind.MOVED, appointment, now=now, moved_from=moved_from.isoformat())
    tell_doctor(Kind.MOVED, appointment, now=now, moved_from=moved_from.isoformat())


def leave_waitlist(
    visit: Appointment, reason: CancelReason, *, actor: str, actor_id: UUID | None, now: datetime
) -> None:
    """Its patient waits for no earlier time any more, and what is offered to them is free again.

    Who makes an offer holds the visit's row too, so there is none beside those that are found here.
    """
    WaitlistEntry.objects.filter(appointment=visit).delete()
    offers = visit.offers.select_for_update().filter(reading_as(Status.PENDING, now))
    for offer in offers:
        cancel(offer, reason, actor=actor, actor_id=actor_id, now=now)
        tell_released(offer)


def _take(
    appointment: Appointment,
    to: Status,
    changed: Sequence[str],
    *,
    actor: str,
    now: datetime,
    why: str = "",
    actor_id: UUID | None = None,
) -> None:
    """Only from the status that was read. A step that NEXT does not know is a fault of ours.

    Raises TryAgain when the appointment has moved on, which the row's lock makes impossible.
    """
    came_from = Status(appointment.status)
    assert to in NEXT[came_from]
    facts: dict[str, Any] = {
        **{column: getattr(appointment, column) for column in changed},
        "id": appointment.pk,
        "came_from": came_from,
        "to": to,
        "actor": actor,
        "actor_id": actor_id,
        "why": why,
        "now": now,
    }
    statement = STEP.format(changed=", ".join(f"{column} = %({column})s" for column in changed))
    if not execute(statement, facts):
        raise TryAgain
    appointment.status = to


def tell_taken(appointment: Appointment) -> None:
    """To whoever looks at this doctor's times: this one is gone."""
    announce(
        doctor_topic(appointment.doctor_id),
        {"event": "taken", "slotId": str(appointment.slot_id)},
    )


def tell_released(appointment: Appointment) -> None:
    """To whoever looks at this doctor's times: here is one again."""
    announce(
        doctor_topic(appointment.doctor_id),
        {"event": "released", "slotId": str(appointment.slot_id)},
    )


def tell_of_money_back(payment: Payment, *, now: datetime) -> None:
    """To whoever paid for a time that could no longer be had, or paid for it once more."""
    paid_for = Appointment.objects.filter(payment=payment.reference).first()
    if paid_for:
        tell_patient(Kind.MONEY_BACK, paid_for, now=now, payment=str(payment.pk))


def owe_back(payment_id: UUID, amount: int, *, now: datetime) -> None:
    """Write down what is to be given back; sending it comes after the commit."""
    Refund.objects.create(payment_id=payment_id, amount=amount, created_at=now, next_try_at=now)
