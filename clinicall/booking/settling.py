"""Settling: the last beat of a payment, which ends it in a visit or in a refund.

`settle` is the one way in for every piece of news: the return page, the poller, a provider's hint. It
asks the provider itself, so it may be called twice, late, and in any order.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F, Q

from clinicall.booking.checkout import open_payment
from clinicall.booking.holds import IN_THE_WAY, lapse, retried
from clinicall.booking.models import Appointment
from clinicall.booking.states import CancelReason, Status
from clinicall.booking.steps import (
    cancel,
    confirm,
    owe_back,
    tell_of_money_back,
    tell_released,
    tell_taken,
)
from clinicall.core.clock import now as clinic_now
from clinicall.core.prepared import columns_of, fetch, fetch_object, made_of
from clinicall.payments.gateway import Gateway, GatewayFor, Hint, Outcome, Paid
from clinicall.payments.models import (
    OPEN,
    Event,
    Payment,
    PaymentState,
    Quarantine,
    Refund,
    Trouble,
)
from clinicall.people.models import DoctorState
from clinicall.video.provider import VideoLine

# When to ask about an open payment again, after each time it was asked; then the last, for good.
LOOK_AGAIN = [
    *(timedelta(minutes=m) for m in (1, 2, 5, 10, 10, 10, 10, 10)),
    timedelta(hours=1),
]
# By then it has ended everywhere, or somebody has to telephone.
NO_ANSWER_AFTER = timedelta(days=7)

# SQL, as every booking asks it (docs/decisions/0032-what-every-booking-asks.md).
HELD = """
select id from booking_appointment
where payment_id = %s and status = 'pending' and held_until > clinic_now()
"""
# Its slot first, in the order that withdrawing takes them: a row is locked once the rest of the WHERE holds.
LOCK = f"""
with its_slot as materialized (
  select s.id from schedule_slot s join booking_appointment a on a.slot_id = s.id
  where a.payment_id = %(payment)s for key share of s
)
select {columns_of(Appointment)} from booking_appointment it
where it.payment_id = %(payment)s and (select count(*) from its_slot) < 2
for update
"""  # noqa: S608 (all text of ours)
PAID = """
update payments_payment set state = 'succeeded', under_way = false, next_look_at = null, trouble = ''
where id = %s and state <> 'succeeded'
returning clinic_now()
"""
STILL_MEET = """
select from people_user u, people_doctor d
where u.id = %(patient)s and u.is_active and d.user_id = %(doctor)s and d.state = any(%(taking)s)
"""


def settle(payment_id: UUID, *, gateway_for: GatewayFor, line: VideoLine) -> None:
    """Make our record agree with the provider's. Raises GatewayDown; then nothing has changed."""
    payment = fetch_object(Payment, "where it.id = %s", [payment_id])
    assert payment
    gateway = gateway_for(payment.provider)
    if gateway is None or payment.state == PaymentState.SUCCEEDED:
        return
    if payment.provider_ref is None:
        # Nobody was ever shown a page of it.
        if held := _held_for(payment_id):
            open_payment(held, gateway=gateway)
        else:
            record(payment_id, Outcome.CANCELLED, line=line)
        return
    outcome = gateway.look_up(
        payment.provider_ref, reference=payment.reference, money=payment.money
    )
    if outcome is Outcome.DECLINED or (outcome is Outcome.WAITING and not _held_for(payment_id)):
        outcome = close(payment, gateway, was=outcome)
    record(payment_id, outcome, line=line)


def _held_for(payment_id: UUID) -> UUID | None:
    """The appointment whose time is held until this is paid."""
    found = fetch(HELD, [payment_id])
    return found[0] if found else None


def close(payment: Payment, gateway: Gateway, *, was: Outcome = Outcome.WAITING) -> Outcome:
    """Let nobody pay any more: what became of it, which may be that somebody has. Raises GatewayDown."""
    assert payment.provider_ref is not None
    outcome = gateway.close(payment.provider_ref, reference=payment.reference, money=payment.money)
    declined = was is Outcome.DECLINED and outcome is Outcome.CANCELLED
    return Outcome.FAILED if declined else outcome


def turn_back(appointment_id: UUID, *, gateway_for: GatewayFor, line: VideoLine) -> None:
    """The payer left the provider's page unpaid: nothing is charged and the slot is released.

    Unless they have paid after all. Raises GatewayDown; then nothing has changed.
    """
    payment = Payment.objects.get(appointment=appointment_id)
    gateway = gateway_for(payment.provider)
    if gateway and payment.state == PaymentState.PENDING:
        record(payment.pk, close(payment, gateway), line=line)


def record(payment_id: UUID, outcome: Outcome, *, line: VideoLine) -> None:
    """Commit what the provider said, once, whatever the appointment has become meanwhile."""
    still_open = Payment.objects.filter(pk=payment_id, state__in=OPEN)
    match outcome:
        case Outcome.WAITING | Outcome.DECLINED:
            # The bank may have refused what it was working on, and then there is something to pay again.
            still_open.filter(under_way=True).update(under_way=False)
        case Outcome.UNDER_WAY:
            still_open.update(under_way=True)
        case Outcome.MISMATCH:
            # Also of a payment that was written off: somebody's money is there.
            not_taken = Payment.objects.filter(pk=payment_id).exclude(state=PaymentState.SUCCEEDED)
            not_taken.update(trouble=Trouble.MISMATCH, next_look_at=None)
        case Outcome.PAID:
            retried(lambda: _paid(payment_id, line))
        case Outcome.FAILED:
            retried(lambda: _not_paid(payment_id, PaymentState.FAILED))
        case Outcome.CANCELLED:
            retried(lambda: _not_paid(payment_id, PaymentState.CANCELLED))


@transaction.atomic
def _paid(payment_id: UUID, line: VideoLine) -> None:
    appointment = _locked(payment_id)
    first_news = fetch(PAID, [payment_id])
    if first_news is None:
        return
    (now,) = first_news
    if appointment and _confirmed(appointment, now, line):
        return
    if appointment and appointment.status == Status.PENDING:
        cancel(appointment, CancelReason.SLOT_GONE, actor="payment", now=now)
    payment = Payment.objects.get(pk=payment_id)
    owe_back(payment_id, payment.amount, now=now)
    tell_of_money_back(payment, now=now)


def _locked(payment_id: UUID) -> Appointment | None:
    row = fetch(LOCK, {"payment": payment_id})
    return made_of(Appointment, row) if row else None


def _confirmed(appointment: Appointment, now: datetime, line: VideoLine) -> bool:
    """Confirm if the time can still be had: a hold that lapsed comes back only to an open slot."""
    waiting = (Status.PENDING, "")
    came_late = (Status.CANCELLED, CancelReason.HOLD_EXPIRED)
    if (appointment.status, appointment.cancel_reason) not in (waiting, came_late):
        return False
    if appointment.slot_id is None or appointment.starts_at <= now:
        return False
    held = appointment.status == Status.PENDING
    if not _still_meet(appointment, held=held):
        return False
    if held:
        # It has its time since it was held.
        confirm(appointment, now=now, line=line, actor="payment")
        return True
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
    tell_taken(appointment)
    return True


def _still_meet(appointment: Appointment, *, held: bool) -> bool:
    """A doctor who leaves still sees who held a time before; one who is suspended, nobody new."""
    taking = [DoctorState.ACTIVE, DoctorState.LEAVING] if held else [DoctorState.ACTIVE]
    facts = {"patient": appointment.patient_id, "doctor": appointment.doctor_id, "taking": taking}
    return fetch(STILL_MEET, facts) is not None


@transaction.atomic
def _not_paid(payment_id: UUID, state: PaymentState) -> None:
    appointment = _locked(payment_id)
    payments = Payment.objects.filter(pk=payment_id)
    first_news = payments.filter(state__in=OPEN).update(state=state, under_way=False)
    payments.exclude(state=PaymentState.SUCCEEDED).update(next_look_at=None, trouble=Trouble.NONE)
    if not first_news or not appointment or appointment.status != Status.PENDING:
        return
    now = clinic_now()
    in_time = now < appointment.held_until
    reason = CancelReason.PAYMENT_FAILED if in_time else CancelReason.HOLD_EXPIRED
    cancel(appointment, reason, actor="payment", now=now)
    tell_released(appointment)


# --- Hearing that there may be news ---


@transaction.atomic
def hear(provider: str, hint: Hint) -> UUID | None:
    """Write down a signed message, once; answers the payment that there may be news of.

    That payment is due to be asked about with the same commit, so nothing is lost if nobody asks now.
    None for a message that was heard before, or is set aside for a person to look at.
    """
    now = clinic_now()
    payment = None if hint.quarantined else _payment_of(provider, hint, now)
    foreign = Quarantine.NONE if payment else Quarantine.FOREIGN
    _, first = Event.objects.get_or_create(
        provider=provider,
        event_id=hint.event_id,
        defaults={
            "kind": hint.kind,
            "heard_at": now,
            "payment": payment,
            "quarantined": hint.quarantined or foreign,
        },
    )
    if payment is None or not first:
        return None
    if hint.refund:
        refunds = Refund.objects.filter(pk=hint.refund, payment=payment, by_hand=None)
        refunds.update(next_try_at=now)
    look_at(payment.pk, now)
    return payment.pk


def _payment_of(provider: str, hint: Hint, now: datetime) -> Payment | None:
    """Whose page it is. A second page for the same reference becomes a payment beside the first."""
    if hint.reference is None:
        return None
    first = Payment.objects.filter(provider=provider, pk=hint.reference, beside=None).first()
    if first is None or not hint.provider_ref:
        return first
    # A page that we were about to write down when we died.
    if Payment.objects.filter(pk=first.pk, provider_ref=None).update(
        provider_ref=hint.provider_ref
    ):
        return first
    beside, _ = Payment.objects.get_or_create(
        provider=provider,
        provider_ref=hint.provider_ref,
        defaults={
            "beside": first,
            "state": PaymentState.PENDING,
            "amount": first.amount,
            "currency": first.currency,
            "created_at": now,
        },
    )
    return beside


def look_at(payment_id: UUID, when: datetime) -> None:
    """There will be news then; the poller asks, however often it has asked in vain before."""
    unpaid = Payment.objects.filter(pk=payment_id).exclude(state=PaymentState.SUCCEEDED)
    unpaid.update(next_look_at=when, looks=0)


def ask_again(payment_id: UUID) -> None:
    """A person has seen to what kept the provider from an answer, and has it asked as if for the first
    time; who was told of the trouble is told again if it comes back."""
    # Also one that was written off, where somebody's money has come to light.
    not_taken = Payment.objects.filter(pk=payment_id).exclude(state=PaymentState.SUCCEEDED)
    not_taken.update(trouble=Trouble.NONE, alerted_at=None, looks=0, next_look_at=clinic_now())


@transaction.atomic
def end_by_hand(payment_id: UUID, *, by: UUID) -> None:
    """A person has seen to it that the provider keeps nobody's money for a payment in trouble, and stands
    for that; repeating it changes nothing. News that it was paid after all is followed as ever."""
    _locked(payment_id)
    in_trouble = Payment.objects.filter(pk=payment_id).exclude(trouble=Trouble.NONE)
    if in_trouble.update(by_hand=by):
        _not_paid(payment_id, PaymentState.CANCELLED)


def mark_seen(event_id: int, *, by: UUID) -> None:
    """This person has looked at an event that was set aside; the first who does stands for it."""
    Event.objects.filter(pk=event_id, seen_by=None).exclude(quarantined="").update(seen_by=by)


def reconcile(gateway: Gateway, *, since: datetime) -> None:
    """Compare what the provider was paid with what we know, for all that no message told us."""
    for paid in gateway.paid_since(since):
        known = Payment.objects.filter(provider=gateway.name, provider_ref=paid.provider_ref)
        # What a person stands for is found there as it ever was.
        settled = Q(state=PaymentState.SUCCEEDED) | Q(by_hand__isnull=False)
        if not known.filter(settled).exists():
            hear(gateway.name, _found(paid))
            # Again what was found before: somebody may have written it off just then.
            for payment in known:
                look_at(payment.pk, clinic_now())


def _found(paid: Paid) -> Hint:
    return Hint(
        event_id=f"paid {paid.provider_ref}",
        kind="found when reconciling",
        provider_ref=paid.provider_ref,
        reference=paid.reference,
    )


# --- Asking on one's own ---


def take_due(limit: int) -> list[UUID]:
    """The payments to ask about now, longest due first; each is due again later, whatever comes of it.

    So one that cannot be asked keeps nobody waiting, and two workers never ask about the same.
    """
    now = clinic_now()
    due = Payment.objects.filter(next_look_at__lte=now).order_by("next_look_at")[:limit]
    return [payment.pk for payment in due if _taken(payment, now)]


def _taken(payment: Payment, now: datetime) -> bool:
    as_seen = Payment.objects.filter(pk=payment.pk, next_look_at=payment.next_look_at)
    asked_enough = payment.looks >= len(LOOK_AGAIN)
    if asked_enough and payment.created_at < now - NO_ANSWER_AFTER and payment.state in OPEN:
        as_seen.update(trouble=Trouble.NO_ANSWER, next_look_at=None)
        return False
    after = LOOK_AGAIN[min(payment.looks, len(LOOK_AGAIN) - 1)]
    return bool(as_seen.update(looks=F("looks") + 1, next_look_at=now + after))
