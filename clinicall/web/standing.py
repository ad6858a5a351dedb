"""Where an appointment stands for one person at one instant: what the pages say of it and offer."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinicall.booking.ending import cancel_until, owed_if_cancelled
from clinicall.booking.models import Appointment
from clinicall.booking.moving import move_until
from clinicall.booking.particulars import masked_nic
from clinicall.booking.states import CancelReason, Status
from clinicall.consultation.door import WAITING_FROM, Door, door_at
from clinicall.consultation.models import Side
from clinicall.consultation.who_came import Being, WhoCame
from clinicall.core.money import Money
from clinicall.payments.models import OPEN, PaymentState, Refund
from clinicall.people.models import Role, User
from clinicall.records.sealed import readable

CHIPS = {
    Status.PENDING: (gettext_lazy("Waiting for payment"), "warn"),
    Status.CONFIRMED: (gettext_lazy("Confirmed"), "ok"),
    Status.COMPLETED: (gettext_lazy("Completed"), ""),
    Status.CANCELLED: (gettext_lazy("Cancelled"), "over"),
}


@dataclass(frozen=True)
class Standing:
    appointment: Appointment
    viewer: User
    now: datetime
    # Only pages that tell who is there ask for it.
    came: WhoCame | None = None

    @cached_property
    def status(self) -> Status:
        return self.appointment.status_at(self.now)[0]

    @cached_property
    def cancel_reason(self) -> str:
        return self.appointment.status_at(self.now)[1]

    @property
    def chip(self) -> str:
        return _("Waiting for the bank") if self.is_under_way else str(CHIPS[self.status][0])

    @property
    def chip_kind(self) -> str:
        return CHIPS[self.status][1]

    @property
    def for_doctor(self) -> bool:
        return self.viewer.role == Role.DOCTOR

    @property
    def with_whom(self) -> str:
        """The other person, as they are called to this one."""
        a = self.appointment
        return f"{a.first_name} {a.last_name}" if self.for_doctor else a.doctor.name

    @property
    def masked_nic(self) -> str:
        """Empty where nobody can read it."""
        nic = readable(self.appointment, "nic")
        return masked_nic(nic) if nic else ""

    @property
    def line(self) -> str:
        specialization = self.appointment.doctor.specialization.name
        return _("%(specialization)s · video appointment") % {"specialization": specialization}

    @property
    def doctor_zone(self) -> ZoneInfo:
        return ZoneInfo(self.appointment.doctor.timezone)

    @cached_property
    def door(self) -> Door:
        a = self.appointment
        return door_at(self.now, opens_at=a.opens_at, closes_at=a.closes_at)

    @property
    def may_join(self) -> bool:
        return self.status == Status.CONFIRMED and self.door is Door.OPEN

    @property
    def may_join_later(self) -> bool:
        return self.status == Status.CONFIRMED and self.door is Door.EARLY

    @property
    def may_wait(self) -> bool:
        """In the waiting room, until the door opens."""
        return self.may_join_later and self.now >= self.appointment.starts_at - WAITING_FROM

    @property
    def is_near(self) -> bool:
        """The two may come at any moment now, so the page is kept up to date."""
        return self.may_wait or self.may_join

    @property
    def other_here(self) -> Being | None:
        """Where the other person is now, and since when."""
        if self.came is None or not self.is_near:
            return None
        return self.came.being(Side.PATIENT if self.for_doctor else Side.DOCTOR)

    @property
    def is_late(self) -> bool:
        """Its doctor has said so, and has not been in the room yet."""
        has_begun = self.came is not None and self.came.was_in_room(Side.DOCTOR)
        has_said = self.status == Status.CONFIRMED and self.appointment.delay_minutes > 0
        return has_said and not self.is_over and not has_begun

    @property
    def expected_at(self) -> datetime | None:
        """When a late doctor is expected; None once that has passed too."""
        expected_at = self.appointment.expected_at
        return expected_at if self.now < expected_at else None

    @property
    def is_over(self) -> bool:
        if self.status == Status.CONFIRMED:
            return self.door is Door.CLOSED
        return self.status in (Status.CANCELLED, Status.COMPLETED)

    @property
    def is_today(self) -> bool:
        """By the viewer's own date."""
        here = timezone.get_current_timezone()
        a_date, today = (at.astimezone(here).date() for at in (self.appointment.opens_at, self.now))
        return a_date == today

    @property
    def checkout_url(self) -> str:
        """Where to pay, while that is possible and wanted."""
        payment = self.appointment.payment
        if (
            payment is None
            or self.status != Status.PENDING
            or payment.state != PaymentState.PENDING
        ):
            return ""
        return "" if self.is_under_way or self.in_trouble else payment.checkout_url

    @property
    def waits_for_money(self) -> bool:
        """News of the payment may still come, also after the hold has lapsed, or after it was written off
        and somebody's money is there all the same."""
        payment = self.appointment.payment
        return payment is not None and (payment.state in OPEN or bool(payment.trouble))

    @property
    def in_trouble(self) -> bool:
        """A person has to find out what became of the payment."""
        payment = self.appointment.payment
        return payment is not None and bool(payment.trouble)

    @property
    def is_under_way(self) -> bool:
        """The payer has done their part while the time is held, and the bank has not."""
        payment = self.appointment.payment
        waits = self.status == Status.PENDING and self.waits_for_money and not self.in_trouble
        return payment is not None and waits and payment.under_way

    @property
    def watched(self) -> str:
        """Changes whenever the page has something else to say of the money."""
        return f"{self.status} {'under way' if self.is_under_way else ''}".strip()

    @property
    def was_charged(self) -> bool:
        payment = self.appointment.payment
        return payment is not None and payment.state == PaymentState.SUCCEEDED

    @property
    def was_late(self) -> bool:
        """The money came after the time was no longer held, and the time was still free."""
        a = self.appointment
        return self.was_charged and a.confirmed_at is not None and a.confirmed_at >= a.held_until

    @property
    def has_lapsed(self) -> bool:
        return self.cancel_reason == CancelReason.HOLD_EXPIRED

    @property
    def failed(self) -> bool:
        """The money did not come, so there is a visit neither here nor elsewhere."""
        unpaid = (CancelReason.HOLD_EXPIRED, CancelReason.PAYMENT_FAILED)
        return self.cancel_reason in unpaid and not self.was_charged

    @property
    def came_to_nothing(self) -> bool:
        """The money did come, and the time could not be had for it any more."""
        too_late = (CancelReason.HOLD_EXPIRED, CancelReason.SLOT_GONE)
        return self.cancel_reason in too_late and self.was_charged

    @property
    def refund(self) -> Refund | None:
        payment = self.appointment.payment
        return getattr(payment, "refund", None)

    @property
    def cancel_until(self) -> datetime:
        """When a confirmed appointment can no longer be cancelled by this person."""
        return cancel_until(self.appointment, self.viewer)

    @property
    def money_back(self) -> Money:
        """What comes back if this person cancels the confirmed appointment now."""
        return owed_if_cancelled(self.appointment, self.viewer, now=self.now)

    @property
    def may_cancel(self) -> bool:
        if self.status == Status.PENDING:
            return not self.for_doctor
        return self.status == Status.CONFIRMED and self.now < self.cancel_until

    @property
    def may_move(self) -> bool:
        """To another time of the doctor, by the patient."""
        in_time = self.now < move_until(self.appointment, self.viewer)
        return not self.for_doctor and self.status == Status.CONFIRMED and in_time
