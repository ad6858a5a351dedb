"""Holding a slot while its patient pays: the first insert wins, and the database says who that was."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID, uuid4

import psycopg
from django.conf import settings
from django.db import IntegrityError, OperationalError, connection, transaction
from django.utils.translation import gettext_lazy as _

from clinicall.booking.models import Appointment
from clinicall.booking.openings import next_openings
from clinicall.booking.states import LIVE, Status
from clinicall.core.announce import announce, doctor_topic
from clinicall.core.clock import ClinicNow
from clinicall.core.ids import new_reference
from clinicall.core.prepared import fetch
from clinicall.core.refusals import Refusal, SlotGone, TryAgain
from clinicall.people.models import Patient, Role, User
from clinicall.records.audit import note
from clinicall.records.idempotency import claim
from clinicall.records.models import Action
from clinicall.records.sealed import blind_index, place_of, seal
from clinicall.schedule.models import Slot


class SlotTaken(Refusal):
    """`alternatives` are the next open slots of the same doctor."""

    code, title = "slot_taken", _("Someone else has just taken this time")


class PatientBusy(Refusal):
    code, title = "patient_busy", _("You already have an appointment at this time")


class TooManyHolds(Refusal):
    code, title = "too_many_holds", _("You are holding two times already; pay for one or let it go")


class NoPayments(Refusal):
    code, title = "not_possible_now", _("This clinic takes no payments online")


class TooLate(Refusal):
    code, title = "too_late", _("It is too late for this")


@dataclass(frozen=True)
class Wish:
    """What a patient fills in to have a slot."""

    slot_id: int
    first_name: str
    last_name: str
    phone: str
    nic: str
    email: str
    reason: str


@dataclass(frozen=True)
class Once:
    """The client's key for a request that must not be done twice, and the body it came with."""

    key: str
    body: bytes


# Constraints cannot see the clock, so a claim that they refuse cancels every lapsed hold in its way, and
# tries again: on the same slot, over the same time of this doctor or this patient, or in one of the
# patient's two places.
IN_THE_WAY = """
  a.id <> %(id)s and exists (select from schedule_slot s where s.id = %(slot)s and (
    a.slot_id = s.id or a.patient_id = %(patient)s
    or (a.doctor_id = s.doctor_id
        and tstzrange(a.starts_at, a.ends_at) && tstzrange(s.starts_at, s.ends_at))))
"""
ITSELF = "a.id = %(id)s"
ON_THESE_SLOTS = "a.slot_id = any(%(slots)s)"
ANYWHERE = "true"

# Locked in id order, so that two claims never wait for each other in a circle. The payment is due to be
# asked about, so that its page is closed. The clock is asked once, so that an index can serve it.
LAPSE = """
with lapsed as (
  select a.id from booking_appointment a
   where a.status = 'pending' and a.held_until <= (select clinic_now()) and ({which})
   order by a.id for update
), cancelled as (
  update booking_appointment a
     set status = 'cancelled', cancel_reason = 'hold_expired', hold_place = null, ended_at = clinic_now()
    from lapsed where a.id = lapsed.id and a.status = 'pending'
  returning a.id, a.doctor_id, a.slot_id, a.payment_id, a.ended_at
), due as (
  update payments_payment p set next_look_at = clinic_now()
    from cancelled where p.id = cancelled.payment_id and p.state in ('created', 'pending')
), told as (
  insert into booking_transition (appointment_id, from_status, to_status, actor, why, at)
  select id, 'pending', 'cancelled', 'clock', 'hold_expired', ended_at from cancelled
)
select doctor_id, slot_id from cancelled
"""

# The first of the patient's two places that no hold of theirs has; null when both are taken.
FREE_PLACE = """
  select min(place) from (values (1), (2)) places (place) where not exists (
    select from booking_appointment
     where patient_id = %(patient)s and status = 'pending' and hold_place = place)
"""

# Untargeted ON CONFLICT: one arbiter for the unique slot, both exclusions and the two places. With the
# hold come its first step and its payment.
HOLD = f"""
with held as (
insert into booking_appointment (
  id, reference, slot_id, doctor_id, patient_id, status, cancel_reason, cancel_note_sealed, outcome, line,
  channel_name, token_sealed, starts_at, ends_at, held_until, hold_place, created_at, first_name, last_name,
  email, phone_sealed, phone_index, nic_sealed, reason_sealed, price_amount, currency, refund_hours,
  refund_percent, payment_id)
select %(id)s, %(reference)s, s.id, s.doctor_id, %(patient)s, 'pending', '', '', '', '', '', '',
  s.starts_at, s.ends_at, least(clinic_now() + %(hold_for)s * interval '1 minute', s.starts_at),
  ({FREE_PLACE}),
  clinic_now(), %(first_name)s, %(last_name)s, %(email)s, %(phone)s, %(phone_index)s,
  %(nic)s, %(reason)s,
  d.fee_amount, c.currency, c.refund_hours, c.refund_percent,
  case when d.fee_amount > 0 then %(payment)s::uuid end
from schedule_slot s
join people_doctor d on d.user_id = s.doctor_id
join people_clinic c on c.id = d.clinic_id
where s.id = %(slot)s and s.starts_at > clinic_now() and d.active
  and (d.fee_amount = 0 or %(provider)s <> 'none') and (
  select count(*) from booking_appointment
   where patient_id = %(patient)s and status = 'pending' and offer_for_id is null) < 2
on conflict do nothing
returning id, doctor_id, price_amount, currency, payment_id, created_at
), first_step as (
  insert into booking_transition (appointment_id, from_status, to_status, actor, actor_id, why, at)
  select id, '', 'pending', %(actor)s, %(actor_id)s, '', created_at from held
), payment as (
  insert into payments_payment (
    id, provider, checkout_url, state, amount, currency, created_at, under_way, next_look_at, looks, trouble)
  select payment_id, %(provider)s, '', 'created', price_amount, currency, created_at, false,
    created_at + interval '30 seconds', 0, ''
  from held where payment_id is not null
)
select doctor_id from held
"""  # noqa: S608 (all text of ours)

Made = TypeVar("Made")


def retried(act: Callable[[], Made]) -> Made:
    """`act` once more if PostgreSQL ended it to break a deadlock. Raises TryAgain after the second."""
    for last in (False, True):
        try:
            return act()
        except OperationalError as error:
            if not isinstance(error.__cause__, psycopg.errors.DeadlockDetected):
                raise
            if last:
                raise TryAgain from error
    raise AssertionError("unreachable")


def hold_slot(
    wish: Wish,
    patient: Patient,
    *,
    provider: str,
    once: Once | None = None,
    by: User | None = None,
) -> UUID:
    """Reserve the slot for this patient until it is paid or `held_until`; answers the appointment's id.

    `by` is who asks for it where that is not the patient: the clinic, for a caller. With `once`, a
    repeated request of the same asker answers the same appointment. Raises SlotGone, TooLate, SlotTaken,
    PatientBusy, TooManyHolds, and IdempotencyKeyReused; then nothing has changed.
    """
    try:
        return retried(lambda: _hold(wish, patient.pk, provider, once, by))
    except IntegrityError as clash:
        # The doctor has withdrawn the slot in this very moment.
        if constraint_of(clash) == "an_appointment_is_for_a_slot_that_stands":
            raise SlotGone from clash
        raise


def constraint_of(clash: IntegrityError) -> str | None:
    """The name of the one that refused it."""
    cause = clash.__cause__
    return cause.diag.constraint_name if isinstance(cause, psycopg.Error) else None


@transaction.atomic
def _hold(wish: Wish, patient_id: UUID, provider: str, once: Once | None, by: User | None) -> UUID:
    making = uuid4()
    asker_id = by.pk if by else patient_id
    if once:
        made = claim(user_id=asker_id, key=once.key, body=once.body, making=making)
        if made != making:
            return made
    facts = {
        **_facts(wish, patient_id, making),
        "provider": provider,
        "actor": by.role if by else Role.PATIENT,
        "actor_id": asker_id,
    }
    # Most claims find nothing in their way. The hold's place may be lost to a second hold of the same
    # patient in the same instant; there are two places, so the try after that either takes the
    # other or finds none.
    for again in (False, True, True):
        if again:
            lapse(IN_THE_WAY, facts)
        # A reference that another appointment bears already is refused too.
        if held := fetch(HOLD, {**facts, "reference": new_reference()}):
            break
        if again:
            refuse_if_in_the_way(slot_id=wish.slot_id, patient_id=patient_id, provider=provider)
    else:
        raise TryAgain
    if by:
        note(Action.CHANGED, "hold_for_caller", by=by, of=[patient_id], seen=[making])
    announce(doctor_topic(held[0]), {"event": "taken", "slotId": str(wish.slot_id)})
    return making


def _facts(wish: Wish, patient_id: UUID, making: UUID) -> dict[str, Any]:
    return {
        "id": making,
        "payment": uuid4(),
        "slot": wish.slot_id,
        "patient": patient_id,
        "hold_for": settings.HOLD_MINUTES,
        "first_name": wish.first_name,
        "last_name": wish.last_name,
        "email": wish.email,
        "phone": seal(wish.phone, place=place_of(Appointment, making, "phone")),
        "phone_index": blind_index(wish.phone, field="phone"),
        "nic": seal(wish.nic, place=place_of(Appointment, making, "nic")),
        "reason": seal(wish.reason, place=place_of(Appointment, making, "reason")),
    }


def lapse(which: str, facts: dict[str, Any] | None = None) -> None:
    """Cancel the lapsed holds that one of the conditions above picks."""
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        cursor.execute(LAPSE.format(which=which), facts or {})
        for doctor_id, slot_id in cursor.fetchall():
            announce(doctor_topic(doctor_id), {"event": "released", "slotId": str(slot_id)})


def refuse_if_in_the_way(*, slot_id: int, patient_id: UUID, provider: str) -> None:
    """Raises what keeps this patient from this slot; returns if that has meanwhile gone."""
    slot = Slot.objects.filter(pk=slot_id, doctor__active=True).select_related("doctor").first()
    if slot is None:
        raise SlotGone
    if slot.doctor.fee_amount and provider == "none":
        raise NoPayments
    if not Slot.objects.filter(pk=slot_id, starts_at__gt=ClinicNow()).exists():
        raise TooLate(_("This time has begun already."))
    live = Appointment.objects.filter(status__in=LIVE)
    at_this_time = live.filter(starts_at__lt=slot.ends_at, ends_at__gt=slot.starts_at)
    if at_this_time.filter(doctor_id=slot.doctor_id).exclude(patient_id=patient_id).exists():
        raise SlotTaken(alternatives=next_openings(slot.doctor_id))
    if at_this_time.filter(patient_id=patient_id).exists():
        raise PatientBusy
    holds = live.filter(patient_id=patient_id, status=Status.PENDING, offer_for=None)
    if holds.count() >= 2:
        raise TooManyHolds
