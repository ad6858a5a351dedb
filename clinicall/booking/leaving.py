"""A doctor leaves: no time is offered any more, every visit to come is held or called off, and then the
account is closed.

Each step is committed by itself and may be repeated: who comes later goes on where the last one died.
"""

from contextlib import suppress
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from clinicall.booking import ending
from clinicall.booking.ending import NotPossibleNow
from clinicall.booking.holds import ON_THESE_SLOTS, TooLate, lapse, retried
from clinicall.booking.models import Appointment, Departure, lapsed, room_closed
from clinicall.booking.states import LIVE, UNFINISHED, Status
from clinicall.booking.withdrawing import withdraw_slots
from clinicall.core.announce import announce, doctor_topic
from clinicall.core.clock import ClinicNow
from clinicall.payments.gateway import GatewayFor
from clinicall.people.closing import close_account
from clinicall.people.doctors import take
from clinicall.people.models import Doctor, DoctorState, User
from clinicall.records.audit import note
from clinicall.records.models import Action
from clinicall.schedule.models import Availability, Slot
from clinicall.video.provider import VideoLine

MAY_LEAVE = [DoctorState.ACTIVE, DoctorState.SUSPENDED, DoctorState.LEAVING]


def begin(doctor_id: UUID, *, call_off: bool, by: User) -> None:
    """From now on nobody can book them. `call_off` cancels the visits to come, else they are held.

    Saying it again decides anew about what is left. Raises MovedOn for who has left or never came.
    """
    with transaction.atomic():
        take(doctor_id, DoctorState.LEAVING, MAY_LEAVE)
        Departure.objects.update_or_create(
            doctor_id=doctor_id, defaults={"by": by, "call_off": call_off}
        )
        concerned = [one.patient_id for one in to_come(doctor_id)] if call_off else []
        note(Action.CHANGED, "leave", by=by, of=[doctor_id, *concerned])


def go_on(doctor_id: UUID, *, gateway_for: GatewayFor, line: VideoLine) -> None:
    """All that can be done now of what was begun; the last time it closes the doctor's account.

    What is owed for a visit that is called off is written with that, and sent as any refund is.
    """
    departure = Departure.objects.select_related("by").get(pk=doctor_id)
    if departure.call_off:
        for appointment in to_come(doctor_id):
            # Its room has closed, or somebody has ended it just now; then that is how it went.
            with suppress(TooLate, NotPossibleNow):
                ending.cancel(appointment.pk, by=departure.by, gateway_for=gateway_for, line=line)
    retried(lambda: _withdraw_what_is_free(doctor_id))
    _leave_if_all_is_over(doctor_id)


def to_come(doctor_id: UUID) -> QuerySet[Appointment]:
    """The holds and visits that have not come to their end, the next one first; an offer goes with its
    visit, or lapses."""
    appointments = Appointment.objects.filter(doctor=doctor_id, offer_for=None)
    open_ones = appointments.filter(status__in=UNFINISHED)
    return open_ones.exclude(lapsed(ClinicNow())).order_by("starts_at")


def under_way() -> QuerySet[Departure]:
    return Departure.objects.filter(doctor__state=DoctorState.LEAVING)


@transaction.atomic
def _withdraw_what_is_free(doctor_id: UUID) -> None:
    """Whoever claims a time had read that the doctor may be booked; that was before `begin`.

    So the slots' row locks decide, as in withdrawing a day: a claim was first, and we wait and see it, or
    its foreign key waits for us and finds no slot. Once no slot lies ahead, no claim can come any more.
    """
    ahead = Slot.objects.filter(doctor=doctor_id, starts_at__gt=ClinicNow())
    lapse(ON_THESE_SLOTS, {"slots": list(ahead.values_list("pk", flat=True))})
    locked = list(ahead.select_for_update().order_by("pk").values_list("pk", flat=True))
    lapse(ON_THESE_SLOTS, {"slots": locked})
    live = Appointment.objects.filter(slot__in=locked, status__in=LIVE)
    free = set(locked) - set(live.values_list("slot_id", flat=True))
    withdraw_slots(sorted(free))
    hours = Availability.objects.filter(doctor=doctor_id, starts_at__gt=ClinicNow())
    gone, _ = hours.filter(slots=None).delete()
    if free or gone:
        announce(doctor_topic(doctor_id), {"event": "resync"})


@transaction.atomic
def _leave_if_all_is_over(doctor_id: UUID) -> None:
    # Publishing takes the same lock, and then reads that this doctor may not.
    doctor = Doctor.objects.select_for_update(no_key=True).get(pk=doctor_id)
    if doctor.state != DoctorState.LEAVING:
        return  # somebody else has just come to the end of it
    ahead = Slot.objects.filter(doctor=doctor_id, starts_at__gt=ClinicNow())
    # While its room is open, a completed visit may still be reopened.
    not_over = Q(status__in=UNFINISHED) | (Q(status=Status.COMPLETED) & ~room_closed(ClinicNow()))
    if ahead.exists() or Appointment.objects.filter(not_over, doctor=doctor_id).exists():
        return
    take(doctor_id, DoctorState.LEFT, [DoctorState.LEAVING])
    Departure.objects.filter(pk=doctor_id).update(left_at=ClinicNow())
    close_account(doctor_id)
    note(Action.CHANGED, "left", by=None, of=[doctor_id])
