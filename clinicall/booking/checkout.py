"""Paying: commit the intent, talk to the provider with no transaction open, commit the outcome.

`settle` is the one way in for every piece of news: the return page, the poller, a provider's hint. It
asks the provider itself, so it may be called twice, late, and in any order.
"""

from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models import F

from clinicall.booking.holds import IN_THE_WAY, Once, Wish, hold_slot, lapse, retried
from clinicall.booking.models import Appointment, Transition
from clinicall.booking.states import NEXT, CancelReason, Status
from clinicall.core.announce import announce, call_topic, doctor_topic
from clinicall.core.clock import now as clinic_now
from clinicall.payments.gateway import Gateway, GatewayDown, GatewayFor, Outcome
from clinicall.payments.models import OPEN, Payment, PaymentState, Refund
from clinicall.people.models import Patient
from clinicall.video.provider import PATIENT_UID, VideoLine, channel_name

# When to ask about an open payment again, after each look that heard nothing; then the last, for good.
LOOK_AGAIN = [timedelta(seconds=30), *(timedelta(minutes=m) for m in (1, 2, 5, 10))]


def book(
    wish: Wish,
    patient: Patient,
    *,
    gateway: Gateway | None,
    line: VideoLine,
    once: Once | None = None,
) -> UUID:
    """Hold the slot and open its payment, or confirm it when the visit is free; answers the id.

    Raises what `hold_slot` raises. A provider that is down refuses nothing: the slot is held, and the
    payment opens when it is next asked for.
    """
    provider = gateway.name if gateway else "none"
    appointment_id = hold_slot(wish, patient, provider=provider, once=once)
    is_free = Appointment.objects.filter(pk=appointment_id, payment=None).exists()
    if is_free:
        retried(lambda: _confirm_free(appointment_id, line))
    elif gateway:
        with suppress(GatewayDown):
            open_payment(appointment_id, gateway=gateway)
    return appointment_id


@transaction.atomic
def _confirm_free(appointment_id: UUID, line: VideoLine) -> None:
    appointment = Appointment.objects.select_for_update().get(pk=appointment_id)
    now = clinic_now()
    # A request that comes again after a crash may find a hold that has lapsed.
    if appointment.status_at(now)[0] == Status.PENDING:
        confirm(appointment, now=now, line=line, actor="patient")


def open_payment(appointment_id: UUID, *, gateway: Gateway) -> None:
    """Ask the provider for a page to pay on, once and while the hold lasts. Raises GatewayDown."""
    appointment = Appointment.objects.select_related("payment").get(pk=appointment_id)
    payment = appointment.payment
    held = appointment.status_at(clinic_now())[0] == Status.PENDING
    if payment is None or payment.state != PaymentState.CREATED or not held:
        return
    checkout = gateway.open(
        reference=payment.pk,
        money=payment.money,
        return_url=f"{settings.SITE_URL}/appointments/{appointment_id}/",
        expires_at=appointment.held_until,
    )
    Payment.objects.filter(pk=payment.pk, state=PaymentState.CREATED).update(
        state=PaymentState.PENDING, provider_ref=checkout.provider_ref, checkout_url=checkout.url
    )


def settle(payment_id: UUID, *, gateway_for: GatewayFor, line: VideoLine) -> None:
    """Make our record agree with the provider's. Raises GatewayDown; then nothing has changed."""
    appointment = Appointment.objects.select_related("payment").get(payment_id=payment_id)
    payment = appointment.payment
    assert payment is not None
    gateway = gateway_for(payment.provider)
    if gateway is None or payment.state not in OPEN:
        return
    held = appointment.status_at(clinic_now())[0] == Status.PENDING
    if payment.provider_ref is None:
        if held:
            open_payment(appointment.pk, gateway=gateway)
        else:
            record(payment_id, Outcome.CANCELLED, line=line)
        return
    outcome = gateway.look_up(payment.provider_ref)
    if outcome is Outcome.WAITING and not held:
        outcome = gateway.close(payment.provider_ref)
    record(payment_id, outcome, line=line)


def look_at(payment_id: UUID, when: datetime) -> None:
    """A hint that there will be news then; the poller asks."""
    Payment.objects.filter(pk=payment_id, state__in=OPEN).update(next_look_at=when)


def record(payment_id: UUID, outcome: Outcome, *, line: VideoLine) -> None:
    """Commit what the provider said, once, whatever the appointment has become meanwhile."""
    match outcome:
        case Outcome.WAITING:
            _look_again(payment_id)
        case Outcome.PAID:
            retried(lambda: _paid(payment_id, line))
        case Outcome.FAILED:
            _not_paid(payment_id, PaymentState.FAILED)
        case Outcome.CANCELLED:
            _not_paid(payment_id, PaymentState.CANCELLED)


def _look_again(payment_id: UUID) -> None:
    payment = Payment.objects.get(pk=payment_id)
    after = LOOK_AGAIN[min(payment.looks, len(LOOK_AGAIN) - 1)]
    now = clinic_now()
    due = Payment.objects.filter(pk=payment_id, state__in=OPEN, next_look_at__lte=now)
    due.update(looks=F("looks") + 1, next_look_at=now + after)


@transaction.atomic
def _paid(payment_id: UUID, line: VideoLine) -> None:
    appointment = _locked(payment_id)
    first_news = Payment.objects.filter(pk=payment_id).exclude(state=PaymentState.SUCCEEDED)
    if not first_news.update(state=PaymentState.SUCCEEDED, next_look_at=None):
        return
    now = clinic_now()
    if not _confirmed(appointment, now, line):
        _cancel_unconfirmed(appointment, now)
        owe_back(appointment, appointment.price_amount, now=now)


def _locked(payment_id: UUID) -> Appointment:
    """The appointment, locked; its slot first, in the order that withdrawing takes them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select from schedule_slot s join booking_appointment a on a.slot_id = s.id"
            " where a.payment_id = %s for key share of s",
            [payment_id],
        )
    return Appointment.objects.select_for_update().get(payment_id=payment_id)


def _confirmed(appointment: Appointment, now: datetime, line: VideoLine) -> bool:
    """Confirm if the time can still be had: a hold that lapsed comes back only to an open slot."""
    waiting = (Status.PENDING, "")
    came_late = (Status.CANCELLED, CancelReason.HOLD_EXPIRED)
    if (appointment.status, appointment.cancel_reason) not in (waiting, came_late):
        return False
    if not appointment.doctor.active:
        return False
    if appointment.slot_id is None or appointment.starts_at <= now:
        return False
    facts = {
        "id": appointment.pk,
        "slot": appointment.slot_id,
        "patient": appointment.patient_id,
    }
    lapse(IN_THE_WAY, facts)
    try:
        with transaction.atomic():
            confirm(appointment, now=now, line=line, actor="payment")
    except IntegrityError:  # a_slot_is_given_once, or one of the two exclusions
        appointment.refresh_from_db()
        return False
    return True


def confirm(appointment: Appointment, *, now: datetime, line: VideoLine, actor: str) -> None:
    """The caller has locked the row. Channel and a first token are stored with the confirmation."""
    came_from = appointment.status
    room_pass = line.issue(
        channel=channel_name(appointment.pk),
        uid=PATIENT_UID,
        now=now,
        expires_at=appointment.closes_at,
    )
    appointment.status = Status.CONFIRMED
    appointment.cancel_reason = ""
    appointment.hold_place = None
    appointment.ended_at = None
    appointment.confirmed_at = now
    appointment.channel_name = room_pass.channel
    appointment.token = room_pass.token
    appointment.token_uid = room_pass.uid
    appointment.token_expires_at = room_pass.expires_at
    appointment.save(
        update_fields=[
            "status",
            "cancel_reason",
            "hold_place",
            "ended_at",
            "confirmed_at",
            "channel_name",
            "token_sealed",
            "token_uid",
            "token_expires_at",
        ]
    )
    step(appointment, came_from, actor=actor, now=now)
    announce(
        doctor_topic(appointment.doctor_id),
        {"event": "taken", "slotId": str(appointment.slot_id)},
    )


def _cancel_unconfirmed(appointment: Appointment, now: datetime) -> None:
    if appointment.status == Status.PENDING:
        cancel_locked(appointment, CancelReason.SLOT_GONE, actor="payment", now=now)


def cancel_locked(
    appointment: Appointment,
    reason: CancelReason,
    *,
    actor: str,
    now: datetime,
    actor_id: UUID | None = None,
) -> None:
    """The caller has locked the row and asked the rules; the slot is released by this alone, and
    they tell so where it still is."""
    came_from = appointment.status
    appointment.status = Status.CANCELLED
    appointment.cancel_reason = reason
    appointment.hold_place = None
    appointment.token_sealed = ""
    appointment.token_uid = None
    appointment.token_expires_at = None
    appointment.ended_at = now
    appointment.save(
        update_fields=[
            "status",
            "cancel_reason",
            "hold_place",
            "token_sealed",
            "token_uid",
            "token_expires_at",
            "ended_at",
        ]
    )
    step(appointment, came_from, actor=actor, now=now, why=reason, actor_id=actor_id)
    announce(call_topic(appointment.pk), {"event": "ended", "status": Status.CANCELLED})


def tell_released(appointment: Appointment) -> None:
    """To whoever looks at this doctor's times: here is one again."""
    announce(
        doctor_topic(appointment.doctor_id),
        {"event": "released", "slotId": str(appointment.slot_id)},
    )


def step(
    appointment: Appointment,
    came_from: str,
    *,
    actor: str,
    now: datetime,
    why: str = "",
    actor_id: UUID | None = None,
) -> None:
    """Write down a step that was taken; one that NEXT does not know is a fault of ours."""
    assert appointment.status in NEXT[Status(came_from)]
    Transition.objects.create(
        appointment=appointment,
        from_status=came_from,
        to_status=appointment.status,
        actor=actor,
        actor_id=actor_id,
        why=why,
        at=now,
    )


def owe_back(appointment: Appointment, amount: int, *, now: datetime) -> None:
    """Write down what is to be given back; sending it comes after the commit."""
    assert appointment.payment_id is not None
    Refund.objects.create(
        payment_id=appointment.payment_id, amount=amount, created_at=now, next_try_at=now
    )


@transaction.atomic
def _not_paid(payment_id: UUID, state: PaymentState) -> None:
    appointment = _locked(payment_id)
    still_open = Payment.objects.filter(pk=payment_id, state__in=OPEN)
    if not still_open.update(state=state, next_look_at=None):
        return
    if appointment.status == Status.PENDING:
        now = clinic_now()
        reason = (
            CancelReason.PAYMENT_FAILED
            if now < appointment.held_until
            else CancelReason.HOLD_EXPIRED
        )
        cancel_locked(appointment, reason, actor="payment", now=now)
        tell_released(appointment)
