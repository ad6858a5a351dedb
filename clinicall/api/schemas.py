"""What we answer: the contract's shapes, and the translation of our rows into them.

All members are always present; what is unknown, or not the reader's to know, is null.
"""

import base64
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, PlainSerializer, WithJsonSchema
from pydantic.alias_generators import to_camel

from clinicall.booking.explaining import Explanation, Verdict
from clinicall.booking.models import Appointment
from clinicall.booking.openings import SlotState, locked_by
from clinicall.booking.particulars import masked_nic
from clinicall.booking.states import CancelReason, Outcome, Status
from clinicall.consultation.door import Door, door_at
from clinicall.consultation.room import uid_of
from clinicall.core.money import Money
from clinicall.payments.models import Payment, PaymentState, Refund, RefundState
from clinicall.people.models import Clinic, Doctor, Specialization, User
from clinicall.records.sealed import readable
from clinicall.schedule.models import Availability, Slot
from clinicall.video.provider import Encryption, RoomPass


def rfc3339(instant: datetime) -> str:
    """In UTC, with `Z`; a fraction of a second only where there is one."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


Instant = Annotated[
    datetime,
    PlainSerializer(rfc3339),
    WithJsonSchema({"type": "string", "format": "date-time"}, mode="serialization"),
]
WallTime = Annotated[
    time,
    PlainSerializer(lambda wall: f"{wall:%H:%M}"),
    WithJsonSchema({"type": "string", "pattern": "^[0-9]{2}:[0-9]{2}$"}, mode="serialization"),
]


class Told(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)


class FaultOut(Told):
    pointer: str
    code: str
    detail: str


class Problem(Told):
    """Single codes add members of their own, like `alternatives` or `opensAt`; `errors` comes with 422."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str
    code: str
    request_id: str
    errors: list[FaultOut] = []


# --- Doctors and what is open ---


class SpecializationOut(Told):
    id: str
    name: str

    @classmethod
    def of(cls, specialization: Specialization) -> Self:
        return cls(id=str(specialization.pk), name=specialization.name)


class SpecializationWithDoctors(Told):
    id: str
    name: str
    doctors: int


class Specializations(Told):
    items: list[SpecializationWithDoctors]


class ClinicOut(Told):
    id: str
    name: str

    @classmethod
    def of(cls, clinic: Clinic) -> Self:
        return cls(id=str(clinic.pk), name=clinic.name)


class MoneyOut(Told):
    """`amount` is in minor units of the ISO 4217 `currency`."""

    amount: int
    currency: str

    @classmethod
    def of(cls, money: Money) -> Self:
        return cls(amount=money.amount, currency=money.currency)


class DoctorOut(Told):
    """A doctor in the directory; `nextOpening` is when their soonest open slot starts."""

    id: str
    name: str
    specialization: SpecializationOut
    clinic: ClinicOut
    timezone: str
    fee: MoneyOut
    next_opening: Instant | None

    @classmethod
    def of(cls, doctor: Doctor) -> Self:
        """`doctor` is one of `doctors_with_next_opening`."""
        return cls(**cls.facts(doctor))

    @classmethod
    def facts(cls, doctor: Doctor) -> dict[str, Any]:
        return {
            "id": str(doctor.pk),
            "name": doctor.name,
            "specialization": SpecializationOut.of(doctor.specialization),
            "clinic": ClinicOut.of(doctor.clinic),
            "timezone": doctor.timezone,
            "fee": MoneyOut.of(doctor.fee),
            "next_opening": doctor.next_opening,  # type: ignore[attr-defined]
        }


class DoctorDetails(DoctorOut):
    languages: list[str]
    about: str

    @classmethod
    def facts(cls, doctor: Doctor) -> dict[str, Any]:
        return super().facts(doctor) | {"languages": doctor.languages, "about": doctor.about}


class DoctorsPage(Told):
    items: list[DoctorOut]
    page: int
    page_size: int
    total: int


class SlotOut(Told):
    id: str
    starts_at: Instant
    ends_at: Instant

    @classmethod
    def of(cls, slot: Slot) -> Self:
        return cls(id=str(slot.pk), starts_at=slot.starts_at, ends_at=slot.ends_at)


class OpenDay(Told):
    date: date
    slots: list[SlotOut]


class OpenSlots(Told):
    """Days with open slots only; `date` is the local date in `timezone`."""

    timezone: str
    days: list[OpenDay]


class FreeDay(Told):
    date: date
    free: int


class FreeDays(Told):
    """Days with open slots only, as in `OpenSlots`."""

    timezone: str
    days: list[FreeDay]


# --- A doctor's hours ---


class WindowOut(Told):
    start_time: WallTime
    end_time: WallTime
    duration_minutes: int
    leftover_minutes: int

    @classmethod
    def of(cls, hours: Availability) -> Self:
        return cls(
            start_time=hours.start_time,
            end_time=hours.end_time,
            duration_minutes=hours.duration_minutes,
            leftover_minutes=hours.leftover // timedelta(minutes=1),
        )


class DoctorsSlot(SlotOut):
    state: SlotState


class DayOut(Told):
    """`locked` says why the day's hours cannot change now."""

    date: date
    timezone: str
    windows: list[WindowOut]
    slots: list[DoctorsSlot]
    locked: Literal["held", "booked"] | None

    @classmethod
    def of(cls, hours: list[Availability], states: Mapping[int, SlotState]) -> Self:
        """`hours` are all of one date, in order."""
        slots = [
            DoctorsSlot(**vars(SlotOut.of(slot)), state=states[slot.pk])
            for window in hours
            for slot in window.slots.all()
        ]
        return cls(
            date=hours[0].date,
            timezone=hours[0].timezone,
            windows=list(map(WindowOut.of, hours)),
            slots=slots,
            locked=locked_by(slot.state for slot in slots),
        )


class Days(Told):
    days: list[DayOut]


class FactOut(Told):
    code: str
    detail: str


class ExplanationOut(Told):
    """`localTime` is `at` in `timezone`, the doctor's, with its offset. `facts` are in reading order."""

    at: Instant
    doctor_id: str
    timezone: str
    local_time: str
    verdict: Verdict
    slot_id: str | None
    facts: list[FactOut]

    @classmethod
    def of(cls, told: Explanation, doctor: Doctor) -> Self:
        return cls(
            at=told.at,
            doctor_id=str(doctor.pk),
            timezone=doctor.timezone,
            local_time=told.local.isoformat(),
            verdict=told.verdict,
            slot_id=str(told.slot.pk) if told.slot else None,
            facts=[FactOut(code=fact.code, detail=fact.detail) for fact in told.facts],
        )


# --- Appointments ---


class RefundOut(Told):
    amount: int
    status: RefundState

    @classmethod
    def of(cls, refund: Refund) -> Self:
        return cls(amount=refund.amount, status=RefundState(refund.state))


class PaymentOut(Told):
    """`checkoutUrl` is for the patient, and only while the payment can be made."""

    id: str
    provider: str
    status: PaymentState
    amount: int
    currency: str
    checkout_url: str | None
    refund: RefundOut | None

    @classmethod
    def of(cls, payment: Payment, *, payable: bool) -> Self:
        """`payable`: the reader may pay for the appointment now."""
        waiting = payment.state == PaymentState.PENDING
        waiting = waiting and not payment.under_way and not payment.trouble
        refund = getattr(payment, "refund", None)
        return cls(
            id=str(payment.pk),
            provider=payment.provider,
            status=PaymentState(payment.state),
            amount=payment.amount,
            currency=payment.currency,
            checkout_url=(payment.checkout_url or None) if payable and waiting else None,
            refund=RefundOut.of(refund) if refund else None,
        )


class AppointmentOut(Told):
    id: str
    reference: str
    doctor_id: str
    patient_id: str
    slot_id: str | None
    reason: str | None
    first_name: str
    last_name: str
    phone: str | None
    nic: str | None
    email: str
    status: Status
    created_at: Instant
    channel_name: str | None
    agora_token: str | None
    starts_at: Instant
    ends_at: Instant
    hold_expires_at: Instant
    cancel_reason: CancelReason | None
    cancel_note: str | None
    outcome: Outcome | None
    join_opens_at: Instant
    join_closes_at: Instant
    delay_minutes: int
    payment: PaymentOut | None

    @classmethod
    def of(
        cls, appointment: Appointment, *, reader: User, now: datetime, with_token: bool = False
    ) -> Self:
        """As it reads to its patient or doctor at `now`; the token in an answer about it alone,
        and only one's own. What cannot be unsealed is null, and the rest is told."""
        status, cancel_reason = appointment.status_at(now)
        is_patient = reader.pk == appointment.patient_id
        payment = appointment.payment
        nic = readable(appointment, "nic")
        may_show_token = (
            with_token
            and status == Status.CONFIRMED
            and _room_is_open(appointment, now)
            # With the other's token one would be the other in the room.
            and appointment.token_uid == uid_of(appointment, reader)
        )
        return cls(
            id=str(appointment.pk),
            reference=appointment.reference,
            doctor_id=str(appointment.doctor_id),
            patient_id=str(appointment.patient_id),
            slot_id=str(appointment.slot_id) if appointment.slot_id else None,
            reason=readable(appointment, "reason"),
            first_name=appointment.first_name,
            last_name=appointment.last_name,
            phone=readable(appointment, "phone"),
            nic=nic if is_patient or not nic else masked_nic(nic),
            email=appointment.email,
            status=status,
            created_at=appointment.created_at,
            channel_name=appointment.channel_name or None,
            agora_token=readable(appointment, "token") or None if may_show_token else None,
            starts_at=appointment.starts_at,
            ends_at=appointment.ends_at,
            hold_expires_at=appointment.held_until,
            cancel_reason=CancelReason(cancel_reason) if cancel_reason else None,
            cancel_note=readable(appointment, "cancel_note") or None,
            outcome=Outcome(appointment.outcome) if appointment.outcome else None,
            join_opens_at=appointment.opens_at,
            join_closes_at=appointment.closes_at,
            delay_minutes=appointment.delay_minutes,
            payment=PaymentOut.of(payment, payable=is_patient and status == Status.PENDING)
            if payment
            else None,
        )


def _room_is_open(appointment: Appointment, now: datetime) -> bool:
    door = door_at(now, opens_at=appointment.opens_at, closes_at=appointment.closes_at)
    return door is Door.OPEN


class NicOut(Told):
    nic: str


class AppointmentsPage(Told):
    items: list[AppointmentOut]
    page: int
    page_size: int
    total: int


# --- The call ---


class EncryptionOut(Told):
    """As Agora's SDKs take it; `salt` is base64."""

    mode: str
    secret: str
    salt: str

    @classmethod
    def of(cls, encryption: Encryption) -> Self:
        salt = base64.b64encode(encryption.salt).decode()
        return cls(mode=encryption.mode, secret=encryption.secret, salt=salt)


class CallOut(Told):
    """A room pass. `socketUrl` is where the two browsers of the peer line find each other, and null on
    Agora; `iceServers` are theirs too. `encryption` is what the media are encrypted with inside
    Agora's network; it is null on the peer line, where WebRTC encrypts from browser to browser.
    """

    provider: str
    app_id: str | None
    channel_name: str
    uid: int
    token: str
    token_expires_at: Instant
    opens_at: Instant
    closes_at: Instant
    socket_url: str | None
    ice_servers: list[dict[str, Any]]
    encryption: EncryptionOut | None

    @classmethod
    def of(cls, room_pass: RoomPass, appointment: Appointment, *, socket_url: str) -> Self:
        return cls(
            provider=room_pass.provider,
            app_id=room_pass.app_id,
            channel_name=room_pass.channel,
            uid=room_pass.uid,
            token=room_pass.token,
            token_expires_at=room_pass.expires_at,
            opens_at=appointment.opens_at,
            closes_at=appointment.closes_at,
            socket_url=socket_url if room_pass.provider == "peer" else None,
            ice_servers=room_pass.ice_servers,
            encryption=EncryptionOut.of(room_pass.encryption) if room_pass.encryption else None,
        )
