"""Reads: money that has not come to its end, and who has to help it there.

An admin may know of all of it; staff of what belongs to their clinic, and where there is but one clinic of
all, because then also what belongs to none is theirs.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import DurationField, ExpressionWrapper, F, Q, QuerySet, Value

from clinicall.booking.models import Appointment
from clinicall.booking.states import CancelReason, Status
from clinicall.payments.models import OPEN, Event, Payment, PaymentState, Refund, RefundState
from clinicall.payments.refunds import ON_THEIR_WAY
from clinicall.people.models import Clinic, Role, User

# An open payment is asked about every few minutes; by then most have ended.
OPEN_FOR_LONG = timedelta(hours=1)


@dataclass(frozen=True)
class Unsettled:
    """All of it for one reader at one instant, the oldest first."""

    paid_without_a_visit: QuerySet[Payment]
    refunds_for_a_person: QuerySet[Refund]
    payments_for_a_person: QuerySet[Payment]
    events_set_aside: QuerySet[Event]
    refunds_on_their_way: QuerySet[Refund]
    payments_open_for_long: QuerySet[Payment]

    @property
    def kinds_for_a_person(
        self,
    ) -> tuple[QuerySet[Payment], QuerySet[Refund], QuerySet[Payment], QuerySet[Event]]:
        """What waits for somebody to do something."""
        return (self.paid_without_a_visit, *self.found_at_once)

    @property
    def found_at_once(self) -> tuple[QuerySet[Refund], QuerySet[Payment], QuerySet[Event]]:
        """Of these, what an index finds; the other kind is found by reading all that was ever paid."""
        return (self.refunds_for_a_person, self.payments_for_a_person, self.events_set_aside)

    @property
    def for_a_person(self) -> int:
        """How many of them there are."""
        return sum(kind.count() for kind in self.kinds_for_a_person)

    @property
    def told_to_a_person(self) -> int:
        """The same at a price that every page can pay: of the first kind, which is found by reading all
        that was ever paid, only what an alert has found and told."""
        first, *others = self.kinds_for_a_person
        told = first.filter(alerted_at__isnull=False)
        return told.count() + sum(kind.count() for kind in others)


def unsettled(reader: User | None, *, now: datetime) -> Unsettled:
    """What this person may know of; without one, all of it."""
    payments, refunds = payments_of(reader), refunds_of(reader)
    payments, refunds = payments.order_by("created_at"), refunds.order_by("created_at")
    return Unsettled(
        paid_without_a_visit=payments.filter(_WITHOUT_A_VISIT),
        refunds_for_a_person=refunds.filter(state=RefundState.NEEDS_HUMAN),
        payments_for_a_person=payments.exclude(trouble=""),
        events_set_aside=events_of(reader).filter(seen_by=None).order_by("heard_at"),
        refunds_on_their_way=refunds.filter(state__in=ON_THEIR_WAY),
        payments_open_for_long=payments.filter(_open_since(now - OPEN_FOR_LONG), trouble=""),
    )


def payments_of(reader: User | None) -> QuerySet[Payment]:
    payments = Payment.objects.select_related("appointment", "beside__appointment")
    return payments.filter(_known_to(reader))


def refunds_of(reader: User | None) -> QuerySet[Refund]:
    refunds = Refund.objects.select_related("payment__appointment", "payment__beside__appointment")
    return refunds.filter(_known_to(reader, "payment__"))


def events_of(reader: User | None) -> QuerySet[Event]:
    """Those that were set aside: we know of no payment that they are about, and so of no clinic."""
    events = Event.objects.exclude(quarantined="")
    return events if reader is None or _knows_all(reader) else events.none()


def appointment_of(payment: Payment) -> Appointment | None:
    """What it was paid for; also where it is a second payment of the same."""
    first = payment.beside or payment
    return getattr(first, "appointment", None)


def _known_to(reader: User | None, to_payment: str = "") -> Q:
    if reader is None or _knows_all(reader):
        return Q()
    if reader.role != Role.STAFF:
        return Q(pk__in=[])
    theirs, beside_theirs = (
        f"{to_payment}{way}appointment__doctor__clinic" for way in ("", "beside__")
    )
    return Q((theirs, reader.clinic_id)) | Q((beside_theirs, reader.clinic_id))


def _knows_all(reader: User) -> bool:
    if reader.role == Role.STAFF and reader.clinic_id:
        return not Clinic.objects.exclude(pk=reader.clinic_id).exists()
    return reader.role == Role.ADMIN


def _open_since(instant: datetime) -> Q:
    """Still open then, and nobody's time held for it; a second page for the same was never for a hold."""
    of_no_visit = Q(appointment=None, created_at__lt=instant)
    return Q(state__in=OPEN) & (Q(appointment__held_until__lt=instant) | of_no_visit)


# A patient who cancels after the last hour for it, or under a rule that gives back nothing, or less than
# the smallest coin, is owed nothing.
_LAST_FOR_IT = F("appointment__starts_at") - ExpressionWrapper(
    F("appointment__refund_hours") * Value(timedelta(hours=1)), output_field=DurationField()
)
_KEPT_BY_RULE = Q(appointment__cancel_reason=CancelReason.BY_PATIENT) & (
    Q(appointment__ended_at__gt=_LAST_FOR_IT)
    | Q(appointment__refund_percent__lt=Value(100.0) / F("amount"))
)
_WITHOUT_A_VISIT = Q(state=PaymentState.SUCCEEDED, refund=None) & (
    Q(appointment=None)
    | Q(appointment__status=Status.PENDING)
    | Q(appointment__status=Status.CANCELLED) & ~_KEPT_BY_RULE
)
