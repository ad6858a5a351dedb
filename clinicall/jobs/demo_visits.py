"""Visits of the demo, told from the booking to the end and saved together."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum, auto
from uuid import UUID

from django.conf import settings

from clinicall import wiring
from clinicall.booking.models import Appointment, Channel, Delivery, Message, Transition
from clinicall.booking.states import CancelReason, Kind, Outcome, Status
from clinicall.core.ids import new_reference
from clinicall.payments.models import (
    Payment,
    PaymentState,
    Refund,
    RefundState,
    SandboxCheckout,
    SandboxRefund,
)
from clinicall.people.models import Doctor, Role, User
from clinicall.records.sealed import blind_index
from clinicall.schedule.models import Slot
from clinicall.video.provider import PATIENT_UID, VideoLine, channel_name


class Story(Enum):
    """What becomes of a visit of the demo."""

    AHEAD = auto()
    ATTENDED = auto()
    PATIENT_STAYED_AWAY = auto()
    PATIENT_CANCELLED = auto()
    DOCTOR_CANCELLED = auto()
    CARD_DECLINED = auto()
    NEVER_PAID = auto()


@dataclass(frozen=True)
class Visit:
    slot: Slot
    doctor: Doctor
    patient: User
    story: Story
    booked_at: datetime
    reason: str


def write(visits: Iterable[Visit]) -> list[Appointment]:
    """Save visits as if they had been booked and had gone as their stories say."""
    book = _Book(wiring.video_line())
    for visit in visits:
        book.tell(visit)
    book.save()
    return book.appointments


@dataclass
class _Book:
    """Rows of many visits, to be saved together; one visit after the other, step by step."""

    line: VideoLine
    appointments: list[Appointment] = field(default_factory=list)
    transitions: list[Transition] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    payments: list[Payment] = field(default_factory=list)
    checkouts: list[SandboxCheckout] = field(default_factory=list)
    refunds: list[Refund] = field(default_factory=list)
    sandbox_refunds: list[SandboxRefund] = field(default_factory=list)

    def save(self) -> None:
        Payment.objects.bulk_create(self.payments)
        SandboxCheckout.objects.bulk_create(self.checkouts)
        Refund.objects.bulk_create(self.refunds)
        SandboxRefund.objects.bulk_create(self.sandbox_refunds)
        Appointment.objects.bulk_create(self.appointments)
        Transition.objects.bulk_create(self.transitions)
        Message.objects.bulk_create(self.messages)

    def tell(self, visit: Visit) -> None:
        appointment = self._held(visit)
        paid_at = visit.booked_at + timedelta(seconds=40)
        match visit.story:
            case Story.CARD_DECLINED:
                self._not_paid(appointment, PaymentState.FAILED)
                self._cancel(appointment, CancelReason.PAYMENT_FAILED, "payment", paid_at)
                return
            case Story.NEVER_PAID:
                self._not_paid(appointment, PaymentState.CANCELLED)
                self._cancel(
                    appointment, CancelReason.HOLD_EXPIRED, "clock", appointment.held_until
                )
                return
        self._confirm(appointment, paid_at)
        half_an_hour_later = visit.booked_at + timedelta(minutes=30)
        match visit.story:
            case Story.PATIENT_CANCELLED:
                self._cancel(appointment, CancelReason.BY_PATIENT, Role.PATIENT, half_an_hour_later)
                self._give_back(appointment, appointment.refund_percent, half_an_hour_later)
            case Story.DOCTOR_CANCELLED:
                self._cancel(appointment, CancelReason.BY_DOCTOR, Role.DOCTOR, half_an_hour_later)
                self._give_back(appointment, 100, half_an_hour_later)
            case Story.ATTENDED:
                appointment.line = self.line.name
                self._complete(appointment, Outcome.ATTENDED)
            case Story.PATIENT_STAYED_AWAY:
                self._complete(appointment, Outcome.NO_SHOW_PATIENT)

    def _held(self, visit: Visit) -> Appointment:
        slot, doctor, patient = visit.slot, visit.doctor, visit.patient
        n = len(self.appointments)
        appointment = Appointment(
            reference=new_reference(),
            slot=slot,
            doctor=doctor,
            patient_id=patient.pk,
            starts_at=slot.starts_at,
            ends_at=slot.ends_at,
            held_until=min(
                visit.booked_at + timedelta(minutes=settings.HOLD_MINUTES), slot.starts_at
            ),
            created_at=visit.booked_at,
            first_name=patient.first_name,
            last_name=patient.last_name,
            email=patient.email,
            price_amount=doctor.fee_amount,
            currency=doctor.clinic.currency,
            refund_hours=doctor.clinic.refund_hours,
            refund_percent=doctor.clinic.refund_percent,
        )
        appointment.phone = f"+9477{1_234_567 + 7_919 * n % 8_000_000}"
        appointment.phone_index = blind_index(appointment.phone, field="phone")
        appointment.nic = f"{1950 + n % 55}{1 + n * 7 % 365:03}{n % 10_000:04}{n % 10}"
        appointment.reason = visit.reason
        self.appointments.append(appointment)
        self._step(appointment, Status.PENDING, Role.PATIENT, visit.booked_at)
        if doctor.fee_amount:
            self._ask_for_money(appointment)
        return appointment

    def _ask_for_money(self, appointment: Appointment) -> None:
        token = secrets.token_urlsafe(32)
        appointment.payment = Payment(
            provider="sandbox",
            provider_ref=token,
            checkout_url=f"{settings.SITE_URL}/sandbox/{token}/",
            amount=appointment.price_amount,
            currency=appointment.currency,
            created_at=appointment.created_at,
        )
        self.payments.append(appointment.payment)
        self.checkouts.append(
            SandboxCheckout(
                token=token,
                reference=appointment.payment.pk,
                amount=appointment.price_amount,
                currency=appointment.currency,
                return_url=f"{settings.SITE_URL}/appointments/{appointment.pk}/",
                expires_at=appointment.held_until,
            )
        )

    def _not_paid(self, appointment: Appointment, state: PaymentState) -> None:
        assert appointment.payment is not None
        appointment.payment.state = state
        checkout = self.checkouts[-1]
        checkout.outcome = "decline" if state == PaymentState.FAILED else ""
        checkout.closed = not checkout.outcome

    def _confirm(self, appointment: Appointment, at: datetime) -> None:
        if appointment.payment is not None:
            appointment.payment.state = PaymentState.SUCCEEDED
            self.checkouts[-1].outcome, self.checkouts[-1].succeeds_at = "succeed", at
        room_pass = self.line.issue(
            channel=channel_name(appointment.pk),
            uid=PATIENT_UID,
            now=at,
            expires_at=appointment.closes_at,
        )
        appointment.confirmed_at = at
        appointment.channel_name = room_pass.channel
        appointment.token = room_pass.token
        appointment.token_uid = room_pass.uid
        appointment.token_expires_at = room_pass.expires_at
        actor = "payment" if appointment.payment else Role.PATIENT
        self._step(appointment, Status.CONFIRMED, actor, at)
        self._told(appointment, Kind.CONFIRMED, at)

    def _cancel(
        self, appointment: Appointment, reason: CancelReason, actor: str, at: datetime
    ) -> None:
        if appointment.status == Status.CONFIRMED:
            self._told(appointment, Kind.CANCELLED, at)
        appointment.cancel_reason = reason
        appointment.ended_at = at
        appointment.token_sealed = ""
        appointment.token_uid = appointment.token_expires_at = None
        self._step(appointment, Status.CANCELLED, actor, at, why=reason)

    def _give_back(self, appointment: Appointment, percent: int, at: datetime) -> None:
        amount = appointment.price_amount * percent // 100
        if not amount:
            return
        refund = Refund(
            payment=appointment.payment,
            amount=amount,
            state=RefundState.SUCCEEDED,
            created_at=at,
            tries=1,
        )
        self.refunds.append(refund)
        self.sandbox_refunds.append(
            SandboxRefund(reference=refund.pk, checkout=self.checkouts[-1], amount=amount)
        )

    def _complete(self, appointment: Appointment, outcome: Outcome) -> None:
        appointment.outcome, appointment.ended_at = outcome, appointment.ends_at
        self._step(appointment, Status.COMPLETED, Role.DOCTOR, appointment.ends_at, why=outcome)

    def _told(self, appointment: Appointment, kind: Kind, at: datetime) -> None:
        """Its patient was, by mail, at once."""
        self.messages.append(
            Message(
                kind=kind,
                channel=Channel.MAIL,
                to_id=appointment.patient_id,
                appointment=appointment,
                about=appointment.starts_at,
                state=Delivery.SENT,
                written_at=at,
                tries=1,
                sent_at=at,
            )
        )

    def _step(
        self, appointment: Appointment, to: Status, actor: str, at: datetime, why: str = ""
    ) -> None:
        person: dict[str, UUID] = {
            Role.PATIENT: appointment.patient_id,
            Role.DOCTOR: appointment.doctor_id,
        }
        self.transitions.append(
            Transition(
                appointment=appointment,
                from_status=appointment.status,
                to_status=to,
                actor=actor,
                actor_id=person.get(actor),
                why=why,
                at=at,
            )
        )
        appointment.status = to
