"""How an appointment ends: cancelled by someone, or completed; and the doctor's undoing of that."""

from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clinicall.booking import steps
from clinicall.booking.holds import TooLate, retried
from clinicall.booking.models import Appointment
from clinicall.booking.noting import note_on
from clinicall.booking.settling import close, record
from clinicall.booking.states import CancelReason, Outcome, Status
from clinicall.booking.withdrawing import withdraw_slots
from clinicall.core.clock import now as clinic_now
from clinicall.core.money import Money
from clinicall.core.refusals import Refusal, TryAgain
from clinicall.payments.gateway import GatewayDown, GatewayFor
from clinicall.payments.models import PaymentState
from clinicall.people.models import Role, User
from clinicall.records.models import Action
from clinicall.schedule.models import Slot
from clinicall.video.provider import VideoLine

CANCELLED_BY = {
    Role.PATIENT: CancelReason.BY_PATIENT,
    Role.DOCTOR: CancelReason.BY_DOCTOR,
    Role.STAFF: CancelReason.BY_CLINIC,
    Role.ADMIN: CancelReason.BY_CLINIC,
}
MARK_WITHIN = timedelta(hours=24)  # after the end; until then the doctor may say how a visit went
UNDO_WITHIN = timedelta(minutes=10)


class NotPossibleNow(Refusal):
    """`status` is where the appointment stands instead."""

    code, title = "not_possible_now", _("This appointment has moved on")


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
    note: str = "",
    offer_again: bool = False,
    why: CancelReason | None = None,
) -> None:
    """Cancel, and owe back what the clinic's policy says; repeating it changes nothing.

    `note` is for the other one to read. The doctor's or clinic's cancelling also withdraws the slot
    unless they offer it again. `why` is who cancels, unless it is told; an erased account's visits are
    cancelled however late. Raises TooLate and NotPossibleNow; then nothing has changed.
    """
    why = why or CANCELLED_BY[Role(by.role)]
    cancelled = retried(lambda: _cancelled(appointment_id, by, why, note, offer_again))
    if cancelled:
        _close_payment(cancelled, gateway_for=gateway_for, line=line)


@transaction.atomic
def _cancelled(
    appointment_id: UUID, by: User, why: CancelReason, note: str, offer_again: bool
) -> Appointment | None:
    """None when it was already."""
    # The slot is locked before the appointment, in the order that withdrawing takes them. A patient
    # never takes it back: without its key, a claim that has just lapsed their hold waits for none of us.
    slots = Slot.objects.select_for_update(no_key=by.role == Role.PATIENT)
    list(slots.filter(appointments=appointment_id))
    appointment = Appointment.objects.select_for_update().get(pk=appointment_id)
    now = clinic_now()
    status = appointment.status_at(now)[0]
    if status == Status.CANCELLED:
        return None
    if status == Status.COMPLETED:
        raise NotPossibleNow(status=status)
    late = status == Status.CONFIRMED and now >= cancel_until(appointment, by)
    if late and why != CancelReason.ACCOUNT_ERASED:
        raise TooLate(_("It is too late to cancel this appointment."))
    owed = owed_if_cancelled(appointment, by, now=now)
    appointment.cancel_note = note
    steps.cancel(appointment, why, actor=by.role, actor_id=by.pk, now=now)
    note_on(Action.CHANGED, "cancel", appointment, by=by)
    if status == Status.CONFIRMED and appointment.payment_id and owed.amount:
        steps.owe_back(appointment.payment_id, owed.amount, now=now)
    slot_id = appointment.slot_id
    if by.role != Role.PATIENT and slot_id and not offer_again:
        withdraw_slots([slot_id])
    else:
        steps.tell_released(appointment)
    return appointment


def _close_payment(appointment: Appointment, *, gateway_for: GatewayFor, line: VideoLine) -> None:
    """Nobody shall pay for what is off; who just has, is paid back by `record`."""
    payment = appointment.payment
    if payment is None or payment.state != PaymentState.PENDING:
        return
    if gateway := gateway_for(payment.provider):
        with suppress(GatewayDown, TryAgain):  # it is cancelled, and the poller asks again
            record(payment.pk, close(payment, gateway), line=line)


@transaction.atomic
def complete(appointment_id: UUID, outcome: Outcome, *, by: User) -> None:
    """The visit has taken place, or the patient did not come; repeating it changes nothing.

    From the start until 24 hours after the end. Raises NotPossibleNow and TooLate.
    """
    appointment = Appointment.objects.select_for_update().get(pk=appointment_id)
    now = clinic_now()
    status = appointment.status_at(now)[0]
    if status == Status.COMPLETED and appointment.outcome == outcome:
        return
    if status != Status.CONFIRMED or now < appointment.starts_at:
        raise NotPossibleNow(status=status)
    if now >= appointment.ends_at + MARK_WITHIN:
        raise TooLate(_("A visit can be marked until 24 hours after its end."))
    steps.complete(appointment, outcome, actor=by.role, actor_id=by.pk, now=now)
    note_on(Action.CHANGED, "complete", appointment, by=by)


@transaction.atomic
def reopen(appointment_id: UUID, *, by: User) -> None:
    """Undo `complete`, within 10 minutes and while the room is open. Raises NotPossibleNow and TooLate."""
    appointment = Appointment.objects.select_for_update().get(pk=appointment_id)
    now = clinic_now()
    status = appointment.status_at(now)[0]
    if status == Status.CONFIRMED:
        return
    ended_at = appointment.ended_at
    if status != Status.COMPLETED or ended_at is None:
        raise NotPossibleNow(status=status)
    if now >= min(ended_at + UNDO_WITHIN, appointment.closes_at):
        raise TooLate(_("This can be undone for 10 minutes, while the room is open."))
    steps.reopen(appointment, actor=by.role, actor_id=by.pk, now=now)
    note_on(Action.CHANGED, "reopen", appointment, by=by)
