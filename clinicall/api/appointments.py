"""Appointments, for the two people they link."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from ninja import Query, Router
from ninja import Status as Answer
from pydantic import Field

from clinicall import wiring
from clinicall.api.callers import (
    ApiRequest,
    linked,
    linked_doctor,
    linked_patient,
    linked_to_look,
    may,
    patient,
    someone,
)
from clinicall.api.fields import (
    AskedDays,
    AskedPage,
    Email,
    Nic,
    PersonName,
    Phone,
    Purpose,
    Reason,
    SomeId,
    Timezone,
    row_named,
)
from clinicall.api.reading import READING, IdempotencyKey, Sent, Shape
from clinicall.api.schemas import AppointmentOut, AppointmentsPage, NicOut
from clinicall.booking import ending, moving, revealing
from clinicall.booking.checkout import book
from clinicall.booking.ending import NotPossibleNow
from clinicall.booking.holds import (
    NoPayments,
    Once,
    PatientBusy,
    SlotTaken,
    TooLate,
    TooManyHolds,
    Wish,
)
from clinicall.booking.looking import look_at
from clinicall.booking.models import Appointment, reading_as
from clinicall.booking.noting import note_on
from clinicall.booking.openings import day_bounds
from clinicall.booking.states import Outcome, Status
from clinicall.core.clock import now as clinic_now
from clinicall.core.limits import HOLDS_FROM_AN_ADDRESS, HOLDS_OF_A_PATIENT, NIC_REVEALS
from clinicall.core.refusals import (
    IdempotencyKeyMissing,
    IdempotencyKeyReused,
    SlotGone,
    SlowDown,
    TryAgain,
)
from clinicall.people.models import Patient, Role, User
from clinicall.records.models import Action

router = Router(tags=["Appointments"])


class AppointmentSent(Shape):
    slot_id: SomeId
    first_name: PersonName
    last_name: PersonName
    phone: Phone
    nic: Nic
    email: Email
    reason: Reason


@router.post(
    "/appointments",
    response={201: AppointmentOut},
    **may(
        patient,
        *READING,
        IdempotencyKeyMissing,
        IdempotencyKeyReused,
        SlotGone,
        SlotTaken,
        PatientBusy,
        TooManyHolds,
        TooLate,
        NoPayments,
        SlowDown,
        TryAgain,
    ),
)
def make(
    request: ApiRequest, key: IdempotencyKey, sent: Sent[AppointmentSent]
) -> Answer[AppointmentOut]:
    """Hold a slot while it is paid for; a visit free of charge is confirmed at once.

    The same key and body again, within 24 hours, answer the same appointment as it is then.
    """
    HOLDS_OF_A_PATIENT.count(request.person.pk)
    HOLDS_FROM_AN_ADDRESS.count(request.META["REMOTE_ADDR"])
    facts = sent.model_dump(exclude={"slot_id"})
    made = book(
        Wish(slot_id=_slot_id(sent.slot_id), **facts),
        Patient(user=request.person),  # of which a hold needs no more
        gateway=wiring.payment_gateway(),
        line=wiring.video_line(),
        once=Once(key, request.body),
    )
    return Answer(201, _alone(request.person, made))


def _slot_id(some_id: str) -> int:
    row = row_named(some_id)
    if row is None:
        raise SlotGone
    return row


class Order(StrEnum):
    SOONEST_FIRST = "asc"
    LATEST_FIRST = "desc"


class AppointmentsAsked(AskedPage, AskedDays):
    status: Status | None = None
    timezone: Timezone | None = None
    order: Order = Order.SOONEST_FIRST


@router.get("/appointments", response=AppointmentsPage, **may(someone))
def listed(
    request: ApiRequest, asked: Annotated[AppointmentsAsked, Query(...)]
) -> AppointmentsPage:
    """Own appointments by their start. `from` and `to` are dates in `timezone`, which is one's own
    without it."""
    now = clinic_now()
    found = Appointment.objects.visible_to(request.person).select_related("payment__refund")
    if asked.status:
        found = found.filter(reading_as(asked.status, now))
    zone = ZoneInfo(asked.timezone or _zone_of(request.person))
    if asked.first:
        found = found.filter(starts_at__gte=day_bounds(asked.first, asked.first, zone)[0])
    if asked.last:
        found = found.filter(starts_at__lt=day_bounds(asked.last, asked.last, zone)[1])
    if asked.first and asked.last:
        asked.refuse_backwards(asked.first, asked.last)
    ways = {Order.SOONEST_FIRST: ("starts_at", "pk"), Order.LATEST_FIRST: ("-starts_at", "-pk")}
    rows, total = asked.of(found.order_by(*ways[asked.order]))
    note_on(Action.LISTED, "api_list", *rows, by=request.person)
    items = [AppointmentOut.of(row, reader=request.person, now=now) for row in rows]
    return AppointmentsPage(items=items, page=asked.page, page_size=asked.page_size, total=total)


def _zone_of(person: User) -> str:
    if person.role == Role.DOCTOR:
        return person.doctor.timezone
    return person.timezone or settings.CLINIC_TIMEZONE


@router.get("/appointments/{appointment_id}", response=AppointmentOut, **may(linked_to_look))
def read(request: ApiRequest, appointment_id: UUID) -> AppointmentOut:  # noqa: ARG001 (looked at)
    return _shown(request.person, *request.looked_at)


class CancelSent(Shape):
    """Only a doctor's `offerAgain` counts: their cancelled time is withdrawn without it."""

    reason: Reason | None = None
    offer_again: bool = False


@router.post(
    "/appointments/{appointment_id}/cancel",
    response=AppointmentOut,
    **may(linked, *READING, TooLate, NotPossibleNow),
)
def cancel(
    request: ApiRequest,
    appointment_id: UUID,
    sent: Sent[CancelSent],
) -> AppointmentOut:
    """Cancel; money is given back as the clinic promised at booking, all of it when the doctor cancels.

    `reason` is kept for the other one to read, as `cancelNote`.
    """
    ending.cancel(
        appointment_id,
        by=request.person,
        gateway_for=wiring.payment_gateway,
        line=wiring.video_line(),
        note=sent.reason or "",
        offer_again=sent.offer_again,
    )
    return _alone(request.person, appointment_id)


class RescheduleSent(Shape):
    slot_id: SomeId


@router.post(
    "/appointments/{appointment_id}/reschedule",
    response=AppointmentOut,
    **may(
        linked_patient,
        *READING,
        SlotGone,
        SlotTaken,
        PatientBusy,
        TooLate,
        NotPossibleNow,
        TryAgain,
    ),
)
def reschedule(
    request: ApiRequest, appointment_id: UUID, sent: Sent[RescheduleSent]
) -> AppointmentOut:
    """Move a confirmed appointment to another time of the same doctor, for as long as it could be
    cancelled. Price, id and channel stay; refused, it stays where it is."""
    moving.move(
        appointment_id,
        _slot_id(sent.slot_id),
        by=request.person,
        line=wiring.video_line(),
    )
    return _alone(request.person, appointment_id)


class NicSent(Shape):
    purpose: Purpose


@router.post(
    "/appointments/{appointment_id}/nic",
    response=NicOut,
    **may(linked_doctor, *READING, SlowDown),
)
def nic(request: ApiRequest, appointment_id: UUID, sent: Sent[NicSent]) -> NicOut:
    """The whole NIC, and what the doctor needs it for, which the patient can read. Each call is noted."""
    NIC_REVEALS.count(request.person.pk)
    return NicOut(nic=revealing.reveal_nic(appointment_id, by=request.person, purpose=sent.purpose))


class CompleteSent(Shape):
    outcome: Annotated[Outcome, Field(strict=False)]


@router.post(
    "/appointments/{appointment_id}/complete",
    response=AppointmentOut,
    **may(linked_doctor, *READING, NotPossibleNow, TooLate),
)
def complete(request: ApiRequest, appointment_id: UUID, sent: Sent[CompleteSent]) -> AppointmentOut:
    """The visit has taken place, or the patient did not come; from its start to 24 hours after its end."""
    ending.complete(appointment_id, sent.outcome, by=request.person)
    return _alone(request.person, appointment_id)


@router.post(
    "/appointments/{appointment_id}/reopen",
    response=AppointmentOut,
    **may(linked_doctor, *READING, NotPossibleNow, TooLate),
)
def reopen(request: ApiRequest, appointment_id: UUID) -> AppointmentOut:
    """Undo `complete`, within 10 minutes and while the room is open."""
    ending.reopen(appointment_id, by=request.person)
    return _alone(request.person, appointment_id)


def _alone(reader: User, appointment_id: UUID) -> AppointmentOut:
    return _shown(reader, *look_at(appointment_id, by=reader))


def _shown(reader: User, found: Appointment, now: datetime) -> AppointmentOut:
    note_on(Action.VIEWED, "api_appointment", found, by=reader)
    return AppointmentOut.of(found, reader=reader, now=now, with_token=True)
