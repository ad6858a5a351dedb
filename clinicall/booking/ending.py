"""How an appointment ends: cancelled by someone, or completed; and the doctor's undoing of that."""

from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction

from clinicall.booking.checkout import cancel_locked, owe_back, record, step, tell_released
from clinicall.booking.holds import TooLate, retried
from clinicall.booking.models import Appointment
from clinicall.booking.states import CancelReason, Outcome, Status
from clinicall.booking.withdrawing import withdraw_slots
from clinicall.core.announce import announce, call_topic
from clinicall.core.clock import now as clinic_now
from clinicall.core.money import Money
from clinicall.core.refusals import Refusal
from clinicall.payments.gateway import GatewayDown, GatewayFor
from clinicall.payments.models import PaymentState
from clinicall.people.models import Role, User
from clinicall.schedule.models import Slot
from clinicall.video.provider import VideoLine

MARK_WITHIN = timedelta(hours=24)  # after the end; until then the doctor may say how a visit went
UNDO_WITHIN = timedelta(minutes=10)


class NotPossibleNow(Refusal):
    """`status` is where the appointment stands instead."""

    code, title = "not_possible_now", "This appointment has moved on"


def cancel_until(appointment: Appointment, by: User) -> datetime:
    """From when on this person can no longer cancel it once it is confirmed."""
    if by.role == Role.PATIENT:
        return appointment.starts_at - timedelta(minutes=settings.CANCEL_UNTIL_MINUTES)
    return appointment.closes_at


def owed_if_cancelled(appointment: Appointment, by: User, *, now: datetime) -> Money:
    """What is given back of a confirmed visit: for the patient the share agreed when they booked."""
    in_time = now <= appointment.starts_at - timedelta(hours=appointment.refund_hours)
    agreed = appointment.refund_percent if in_time else 0
    percent = agreed if by.role == Role.PATIENT else 100
    return Money(appointment.price_amount * percent // 100, appointment.currency)


def cancel(
    appointment_id: UUID,
    *,
    by: User,
    gateway_for: GatewayFor,
    line: VideoLine,
    offer_again: bool = False,
) -> None:
    """Cancel, and owe back what the clinic's policy says; repeating it changes nothing.

    A doctor's cancelling also withdraws the slot unless they offer it again. Raises TooLate and
    NotPossibleNow; then nothing has changed.
    """
    cancelled = retried(lambda: _cancelled(appointment_id, by, offer_again))
    if cancelled:
        _close_payment(cancelled, gateway_for=gateway_for, line=line)


@transaction.atomic
def _cancelled(appointment_id: UUID, by: User, offer_again: bool) -> Appointment | None:
    """None when it was already."""
    # The slot is locked before the appointment, in the order that withdrawing takes them.
    list(Slot.objects.select_for_update().filter(appointments=appointment_id))
    appointment = Appointment.objects.select_for_update().get(pk=appointment_id)
    now = clinic_now()
    status, _ = appointment.status_at(now)
    if status == Status.CANCELLED:
        return None
    _refuse_to_cancel(appointment, status, by=by, now=now)
    reason = CancelReason.BY_DOCTOR if by.role == Role.DOCTOR else CancelReason.BY_PATIENT
    cancel_locked(appointment, reason, actor=by.role, actor_id=by.pk, now=now)
    owed = owed_if_cancelled(appointment, by, now=now)
    if status == Status.CONFIRMED and owed.amount:
        owe_back(appointment, owed.amount, now=now)
    slot_id = appointment.slot_id
    if by.role == Role.DOCTOR and slot_id and not offer_again:
        withdraw_slots([slot_id])
    else:
        tell_released(appointment)
    return appointment


def _refuse_to_cancel(appointment: Appointment, status: Status, *, by: User, now: datetime) -> None:
    if status == Status.COMPLETED:
        raise NotPossibleNow(status=status)
    if status == Status.PENDING:
        return
    if now >= cancel_until(appointment, by):
        raise TooLate("It is too late to cancel this appointment.")


def _close_payment(appointment: Appointment, *, gateway_for: GatewayFor, line: VideoLine) -> None:
    """Nobody shall pay for what is off; who just has, is paid back by `record`."""
    payment = appointment.payment
    if payment is None or payment.provider_ref is None or payment.state != PaymentState.PENDING:
        return
    if gateway := gateway_for(payment.provider):
        with suppress(GatewayDown):  # the poller asks again
            record(payment.pk, gateway.close(payment.provider_ref), line=line)


@transaction.atomic
def complete(appointment_id: UUID, outcome: Outcome, *, by: User) -> None:
    """The visit has taken place, or the patient did not come; repeating it changes nothing.

    From the start until 24 hours after the end. Raises NotPossibleNow and TooLate.
    """
    appointment = Appointment.objects.select_for_update().get(pk=appointment_id)
    now = clinic_now()
    status, _ = appointment.status_at(now)
    if status == Status.COMPLETED and appointment.outcome == outcome:
        return
    if status != Status.CONFIRMED or now < appointment.starts_at:
        raise NotPossibleNow(status=status)
    if now >= appointment.ends_at + MARK_WITHIN:
        raise TooLate("A visit can be marked until 24 hours after its end.")
    appointment.status, appointment.outcome, appointment.ended_at = Status.COMPLETED, outcome, now
    appointment.save(update_fields=["status", "outcome", "ended_at"])
    step(appointment, Status.CONFIRMED, actor=by.role, actor_id=by.pk, now=now, why=outcome)
    announce(call_topic(appointment_id), {"event": "ended", "status": Status.COMPLETED})


@transaction.atomic
def reopen(appointment_id: UUID, *, by: User) -> None:
    """Undo `complete`, within 10 minutes and while the room is open. Raises NotPossibleNow and TooLate."""
    appointment = Appointment.objects.select_for_update().get(pk=appointment_id)
    now = clinic_now()
    status, _ = appointment.status_at(now)
    if status == Status.CONFIRMED:
        return
    ended_at = appointment.ended_at
    if status != Status.COMPLETED or ended_at is None:
        raise NotPossibleNow(status=status)
    if now >= min(ended_at + UNDO_WITHIN, appointment.closes_at):
        raise TooLate("This can be undone for 10 minutes, while the room is open.")
    appointment.status, appointment.outcome, appointment.ended_at = Status.CONFIRMED, "", None
    appointment.save(update_fields=["status", "outcome", "ended_at"])
    step(appointment, Status.COMPLETED, actor=by.role, actor_id=by.pk, now=now, why="reopened")
