"""A time held for somebody without an account, until they have read the code that was mailed to them.

Nobody's account is touched, and nothing of it shows, before its owner has proven the address. So the hold
is a fresh and unknown person's, and becomes the owner's when they claim it. Only then can it be paid for.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from allauth.account.utils import has_verified_email
from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, connection, transaction
from django.db.models import QuerySet
from django.utils.crypto import salted_hmac

from clinicall.booking import steps
from clinicall.booking.holds import (
    FREE_PLACE,
    IN_THE_WAY,
    ITSELF,
    Once,
    PatientBusy,
    TooManyHolds,
    Wish,
    constraint_of,
    hold_slot,
    lapse,
    retried,
)
from clinicall.booking.models import Appointment
from clinicall.booking.states import CancelReason, Status
from clinicall.core.clock import now as clinic_now
from clinicall.core.refusals import NotFound, Refusal, TryAgain, WrongRole
from clinicall.people.models import Patient, Role, User
from clinicall.records.idempotency import hand_over

GIVE = f"""
update booking_appointment set patient_id = %(patient)s,
  hold_place = case status when 'pending' then ({FREE_PLACE}) end
where id = %(id)s and patient_id = %(guest)s and status = %(status)s
"""  # noqa: S608 (all text of ours)
REFUSED_BY = {
    "a_patient_is_in_one_place_at_a_time": PatientBusy,
    "a_patient_holds_two_at_most": TooManyHolds,
    "a_hold_takes_one_of_two_places": TooManyHolds,
}


def hold_as_guest(wish: Wish, *, provider: str, once: Once) -> UUID:
    """Reserve the slot for a stranger until `held_until`; answers the appointment's id.

    The same form sent again answers the same one. Raises SlotGone, TooLate and SlotTaken; then nothing
    is held.
    """
    return hold_slot(wish, _guest(once), provider=provider, once=once)


def guest_id(once: Once) -> UUID:
    """One for each form and what stands in it, so that a form which is sent twice holds once."""
    sent = once.key.encode() + b" " + once.body
    return UUID(bytes=salted_hmac(__name__, sent, algorithm="sha256").digest()[:16])


def _guest(once: Once) -> Patient:
    with transaction.atomic():
        user, _ = User.objects.get_or_create(
            pk=guest_id(once),
            defaults={
                "email": f"{guest_id(once)}@guest.invalid",
                "password": make_password(None),
                "is_active": False,
            },
        )
        return Patient.objects.get_or_create(user=user, defaults={"guest": True})[0]


def claim_hold(appointment_id: UUID, *, by: User) -> None:
    """Make a guest's hold this person's, who has proven its address; repeating it changes nothing.

    One that has lapsed becomes theirs as it is. Raises WrongRole, PatientBusy and TooManyHolds, and then the
    time is free again; and NotFound when there is nothing here for them to claim.
    """
    if refusal := retried(lambda: _claimed(appointment_id, by)):
        raise refusal


@transaction.atomic
def _claimed(appointment_id: UUID, by: User) -> Refusal | None:
    """Why not: said once it is committed that the time is free again."""
    # Two overlapping holds that one patient claims at once would else wait for each other.
    list(Patient.objects.select_for_update(no_key=True).filter(pk=by.pk))
    hold = _locked(appointment_id)
    if hold and hold.patient_id == by.pk:
        return None
    if hold is None or not hold.patient.guest or not has_verified_email(by, hold.email):
        raise NotFound
    now = clinic_now()
    status, reason = hold.status_at(now)
    if status != Status.PENDING and reason != CancelReason.HOLD_EXPIRED:
        raise NotFound
    refusal = _given(hold, status, by) if by.role == Role.PATIENT else WrongRole()
    if refusal and status == Status.PENDING:
        _cancel(hold, now)
    return refusal


def _locked(appointment_id: UUID) -> Appointment | None:
    appointments = Appointment.objects.select_for_update(of=["self"]).select_related("patient")
    return appointments.filter(pk=appointment_id).first()


def _given(hold: Appointment, status: Status, to: User) -> Refusal | None:
    facts = {
        "id": hold.pk,
        "slot": hold.slot_id,
        "guest": hold.patient_id,
        "patient": to.pk,
        "status": status,
    }
    lapse(ITSELF, facts)
    # The place may be lost to another hold of the same patient in this instant; there are two.
    for _ in range(2):
        lapse(IN_THE_WAY, facts)
        refusal = _refused(facts)
        if refusal is None:
            hand_over(hold.patient_id, to.pk)
            return None
    return refusal


def _refused(facts: dict[str, Any]) -> Refusal | None:
    """What the database has against it."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(GIVE, facts)
            if not cursor.rowcount:  # which the row's lock makes impossible
                raise TryAgain
    except IntegrityError as clash:
        refused = REFUSED_BY.get(constraint_of(clash) or "")
        if refused is None:
            raise
        return refused()
    return None


@transaction.atomic
def let_go(appointment_id: UUID) -> None:
    """The guest does not want the time they hold any more; repeating it changes nothing."""
    hold = _locked(appointment_id)
    now = clinic_now()
    if hold and hold.patient.guest and hold.status_at(now)[0] == Status.PENDING:
        _cancel(hold, now)


def _cancel(hold: Appointment, now: datetime) -> None:
    guest = hold.patient_id
    steps.cancel(hold, CancelReason.BY_PATIENT, actor="patient", actor_id=guest, now=now)
    steps.tell_released(hold)


def forgotten(before: datetime) -> QuerySet[Patient]:
    """The guests of before that instant who hold nothing any more, whether or not somebody claimed it."""
    gone = Patient.objects.filter(guest=True, user__date_joined__lt=before)
    return gone.exclude(appointment__status=Status.PENDING)
