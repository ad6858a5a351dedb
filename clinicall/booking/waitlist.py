"""A patient waits for an earlier time with their doctor: what becomes free is offered to one of those who
wait at a time, first asked first served, and held for them meanwhile.

An offer is a hold of its own (models.Appointment with `offer_for`), so the database keeps its time from
everybody else. Locks are taken in one order: the slots, the visit, its offers. Whoever holds the visit's row
alone decides who waits and what is offered.
"""

from contextlib import suppress
from datetime import datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from clinicall.booking import moving, steps
from clinicall.booking.ending import NotPossibleNow
from clinicall.booking.holds import IN_THE_WAY, TooLate, lapse, retried
from clinicall.booking.models import Appointment, Transition, WaitlistEntry, reading_as
from clinicall.booking.noting import note_on
from clinicall.booking.openings import open_slots
from clinicall.booking.states import CancelReason, Kind, Status
from clinicall.booking.telling import tell_patient
from clinicall.core.announce import announce, doctor_topic
from clinicall.core.clock import now as clinic_now
from clinicall.core.ids import new_reference
from clinicall.core.refusals import TryAgain
from clinicall.people.models import User
from clinicall.records.models import Action
from clinicall.schedule.models import Slot
from clinicall.video.provider import VideoLine

HELD_FOR = timedelta(minutes=15)
# Nobody gets ready for a visit in less.
NOT_SO_SOON = timedelta(minutes=30)
# By the patient's clock; at night nobody answers, and the time would go from one to the next in vain.
OFFERED_FROM, OFFERED_UNTIL = time(8), time(20)
# To one patient. More only disturb who does not answer, and keep the times from others.
OFFERS_A_DAY = 3

# The time and the visit that it is to be offered to. What is open is looked for once for each doctor whom
# anybody waits for.
NEXT_OFFER = """
with waiting as materialized (
  select v.id, v.patient_id, v.doctor_id, v.starts_at, w.since
  from booking_waitlistentry w
  join booking_appointment v on v.id = w.appointment_id
  join people_doctor d on d.user_id = v.doctor_id
  join people_user u on u.id = v.patient_id
  where v.status = 'confirmed' and v.starts_at > %(latest)s and d.active and u.is_active
    and coalesce(nullif(u.timezone, ''), d.timezone) = any(%(awake)s)
    and not exists (select from booking_appointment o where o.offer_for_id = v.id and o.status = 'pending')
    and (select count(*) from booking_appointment o
         where o.offer_for_id = v.id and o.created_at > %(now)s - interval '1 day') < %(offers_a_day)s
), times as materialized (
  select s.id, s.doctor_id, s.starts_at, s.ends_at
  from (select doctor_id, max(starts_at) as last from waiting group by doctor_id) wanted
  join schedule_slot s on s.doctor_id = wanted.doctor_id
    and s.starts_at > %(soonest)s and s.starts_at < wanted.last
  where not exists (select from booking_appointment a where a.slot_id = s.id and (
    a.status in ('confirmed', 'completed') or a.status = 'pending' and a.held_until > %(now)s))
)
select s.id, v.id from times s
join waiting v on v.doctor_id = s.doctor_id and v.starts_at > s.starts_at
where s.id <> all(%(tried)s)
  and not exists (select from booking_appointment o where o.offer_for_id = v.id and o.slot_id = s.id)
  and not exists (select from booking_appointment busy where busy.patient_id = v.patient_id
    and tstzrange(busy.starts_at, busy.ends_at) && tstzrange(s.starts_at, s.ends_at)
    and (busy.status in ('confirmed', 'completed')
         or busy.status = 'pending' and busy.held_until > %(now)s))
order by s.starts_at, v.since, v.id limit 1
"""


# --- Waiting ---


@transaction.atomic
def wait(visit_id: UUID, *, by: User) -> None:
    """Its patient would rather come earlier; repeating it changes nothing.

    While the visit may be moved. Raises NotPossibleNow and TooLate.
    """
    visit = Appointment.objects.select_for_update().get(pk=visit_id)
    now = clinic_now()
    status = visit.status_at(now)[0]
    if status != Status.CONFIRMED:
        raise NotPossibleNow(status=status)
    if now >= moving.move_until(visit, by):
        raise TooLate(_("It is too late to move this appointment."))
    WaitlistEntry.objects.get_or_create(appointment=visit, defaults={"since": now})
    note_on(Action.CHANGED, "wait", visit, by=by)


@transaction.atomic
def stop_waiting(visit_id: UUID, *, by: User) -> None:
    """What is offered meanwhile goes back; repeating it changes nothing."""
    visit = Appointment.objects.select_for_update().get(pk=visit_id)
    steps.leave_waitlist(
        visit, CancelReason.BY_PATIENT, actor=by.role, actor_id=by.pk, now=clinic_now()
    )
    note_on(Action.CHANGED, "stop_waiting", visit, by=by)


def offer_to(visit: Appointment, *, now: datetime) -> Appointment | None:
    """What is held for its patient at this instant."""
    return visit.offers.filter(reading_as(Status.PENDING, now)).first()


def earlier_times(visit: Appointment) -> QuerySet[Slot]:
    """What anybody can have with this doctor before the visit, the soonest first."""
    earlier = open_slots().filter(doctor=visit.doctor_id, starts_at__lt=visit.starts_at)
    return earlier.order_by("starts_at")


# --- Answering ---


def take(offer_id: UUID, *, by: User, line: VideoLine) -> None:
    """The visit moves to the time that is offered; repeating it changes nothing.

    Raises TooLate once it is not held any more, and what `moving.move` raises; then nothing has changed.
    """
    retried(lambda: _take(offer_id, by, line))


@transaction.atomic
def _take(offer_id: UUID, by: User, line: VideoLine) -> None:
    offer = Appointment.objects.get(pk=offer_id)
    assert offer.offer_for_id is not None  # any other hold is for a visit of its own
    visit, slot = moving.locked(offer.offer_for_id, offer.slot_id)
    # The clock cancels a lapsed one without asking for the visit.
    offer = Appointment.objects.select_for_update().get(pk=offer_id)
    if slot and visit.slot_id == slot.pk:
        return
    if offer.status_at(clinic_now())[0] != Status.PENDING:
        raise TooLate(_("This time is no longer held for you."))
    moving.move_locked(visit, slot, by=by, line=line)


@transaction.atomic
def decline(offer_id: UUID, *, by: User) -> None:
    """They keep their time, and wait for another; repeating it changes nothing."""
    offer = Appointment.objects.select_for_update().get(pk=offer_id)
    now = clinic_now()
    if offer.status_at(now)[0] != Status.PENDING:
        return
    steps.cancel(offer, CancelReason.BY_PATIENT, actor=by.role, actor_id=by.pk, now=now)
    steps.tell_released(offer)
    note_on(Action.CHANGED, "decline", offer, by=by)


# --- Offering ---


def offer_times() -> None:
    """One round of the clock: each open time to the first who waits for it and has not been offered it.

    Safe to run in any number of workers at once.
    """
    now = clinic_now()
    WaitlistEntry.objects.exclude(
        appointment__status=Status.CONFIRMED, appointment__starts_at__gt=moving.first_to_move(now)
    ).delete()
    awake = _awake(now)
    tried: list[int] = []
    while awake and (found := _next_offer(awake, tried, now)):
        slot_id, visit_id = found
        tried.append(slot_id)
        with suppress(TryAgain):  # in the next round
            retried(lambda: _offer(slot_id, visit_id))  # noqa: B023 (called at once)


def _awake(now: datetime) -> list[str]:
    """Of the zones of those who wait, where it is day."""
    entries = WaitlistEntry.objects.values_list(
        "appointment__patient__user__timezone", "appointment__doctor__timezone"
    )
    zones = {own or the_doctors for own, the_doctors in entries.distinct()}
    return [
        zone
        for zone in zones
        if OFFERED_FROM <= now.astimezone(ZoneInfo(zone)).time() < OFFERED_UNTIL
    ]


def _next_offer(awake: list[str], tried: list[int], now: datetime) -> tuple[int, UUID] | None:
    with connection.cursor() as cursor:
        cursor.execute(
            NEXT_OFFER,
            {
                "now": now,
                "soonest": now + NOT_SO_SOON,
                # Whoever answers at the last moment must still be in time to move.
                "latest": moving.first_to_move(now + HELD_FOR),
                "awake": awake,
                "tried": tried,
                "offers_a_day": OFFERS_A_DAY,
            },
        )
        found: tuple[int, UUID] | None = cursor.fetchone()
        return found


@transaction.atomic
def _offer(slot_id: int, visit_id: UUID) -> None:
    """Unless one of them has just changed, or is about to."""
    slots = Slot.objects.select_for_update(no_key=True, skip_locked=True)
    slot = slots.filter(pk=slot_id).first()
    visits = Appointment.objects.select_for_update(no_key=True, skip_locked=True)
    visit = visits.filter(pk=visit_id, status=Status.CONFIRMED).first()
    # Asked once the visit is ours: who stops waiting changes nothing of it.
    waits = WaitlistEntry.objects.filter(appointment=visit_id).exists()
    if slot is None or visit is None or not waits or slot.starts_at >= visit.starts_at:
        return
    now = clinic_now()
    offer = _held_for(visit, slot, now)
    lapse(IN_THE_WAY, {"id": offer.pk, "slot": slot.pk, "patient": visit.patient_id})
    Appointment.objects.bulk_create([offer], ignore_conflicts=True)
    if not Appointment.objects.filter(pk=offer.pk).exists():
        return  # somebody was first
    Transition.objects.create(appointment=offer, to_status=Status.PENDING, actor="clock", at=now)
    tell_patient(Kind.EARLIER_TIME, visit, now=now, offer=str(offer.pk))
    announce(doctor_topic(visit.doctor_id), {"event": "taken", "slotId": str(slot.pk)})


def _held_for(visit: Appointment, slot: Slot, now: datetime) -> Appointment:
    return Appointment(
        reference=new_reference(),
        slot=slot,
        doctor_id=visit.doctor_id,
        patient_id=visit.patient_id,
        offer_for=visit,
        status=Status.PENDING,
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        held_until=min(now + HELD_FOR, slot.starts_at),
        created_at=now,
        # Nothing is to be paid for it: the visit keeps its price wherever it moves.
        price_amount=0,
        currency=visit.currency,
        refund_hours=visit.refund_hours,
        refund_percent=visit.refund_percent,
    )
