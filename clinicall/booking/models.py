import uuid
from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import DateTimeField, DurationField, ExpressionWrapper, F, Q, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Upper
from django.db.models.lookups import LessThanOrEqual

from clinicall.booking.states import LIVE, TOLD_ONCE, CancelReason, Kind, Outcome, Status
from clinicall.core.clock import ClinicNow
from clinicall.core.money import Money
from clinicall.payments.models import Payment
from clinicall.people.models import Doctor, Patient, Role, User
from clinicall.records.sealed import Sealed
from clinicall.schedule.models import Slot, TsTzRange

STAYS_OPEN = timedelta(minutes=15)  # the room, after the end
# `Appointment.expected_end_at`, asked of all of them.
EXPECTED_END_AT = ExpressionWrapper(
    F("ends_at")
    + ExpressionWrapper(
        F("delay_minutes") * Value(timedelta(minutes=1)), output_field=DurationField()
    ),
    output_field=DateTimeField(),
)


def ended(now: datetime | Combinable) -> Q:
    """Visits that should have come to their end by this instant, as late as their doctor said."""
    # The first follows from the second, and an index serves it.
    return Q(ends_at__lte=now) & Q(LessThanOrEqual(EXPECTED_END_AT, now))


def room_closed(now: datetime | ClinicNow) -> Q:
    """Visits whose room has closed by this instant."""
    return ended(now - STAYS_OPEN)


def lapsed(now: datetime | ClinicNow) -> Q:
    """Holds whose time is over at this instant, whether or not anybody has written so."""
    return Q(status=Status.PENDING, held_until__lte=now)


def reading_as(status: Status, now: datetime | ClinicNow) -> Q:
    """What `status_at` says of an appointment, asked of all of them."""
    match status:
        case Status.PENDING:
            return Q(status=status) & ~lapsed(now)
        case Status.CANCELLED:
            return Q(status=status) | lapsed(now)
        case _:
            return Q(status=status)


class AppointmentQuerySet(models.QuerySet["Appointment"]):
    def visible_to(self, user: User) -> Self:
        """What exists for this account: a doctor's begin with their confirmation."""
        if user.role == Role.DOCTOR:
            return self.filter(doctor_id=user.pk, confirmed_at__isnull=False)
        return self.filter(patient_id=user.pk, offer_for=None)

    def overseen_by(self, user: User) -> Self:
        """What the people who run a clinic may look after: staff their own clinic's, an admin all. What a
        guest holds is nobody's to see before it is claimed."""
        claimed = self.filter(patient__guest=False, offer_for=None)
        if user.role == Role.ADMIN:
            return claimed
        if user.role == Role.STAFF:
            return claimed.filter(doctor__clinic_id=user.clinic_id)
        return self.none()


class Appointment(models.Model):
    """A patient, a doctor and a time. While pending it is the hold on its slot.

    With `offer_for` it is no visit and never becomes one, but an earlier time that is held for the patient
    of that visit, who waits for one (waitlist.py): it has no particulars, no price and no place of the two.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    reference = models.CharField(max_length=8, unique=True)
    # Null only once it is cancelled and the time was withdrawn. The migration adds the foreign key
    # itself, NOT DEFERRABLE, so that a hold and a withdrawal meet at once and not at commit.
    slot = models.ForeignKey(
        Slot,
        on_delete=models.DO_NOTHING,
        null=True,
        db_constraint=False,
        related_name="appointments",
    )
    doctor = models.ForeignKey(Doctor, on_delete=models.PROTECT)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT)
    offer_for = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="offers"
    )
    status = models.CharField(max_length=9, choices=[(s, s) for s in Status])
    cancel_reason = models.CharField(
        max_length=14, blank=True, choices=[(r, r) for r in CancelReason]
    )
    # What whoever cancelled it wrote for the other one.
    cancel_note_sealed = models.TextField(blank=True)
    cancel_note = Sealed()
    outcome = models.CharField(max_length=15, blank=True, choices=[(o, o) for o in Outcome])
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    # By how much its doctor said they are late: later is its end and when its room closes, never its start.
    delay_minutes = models.PositiveSmallIntegerField(default=0, db_default=0)
    held_until = models.DateTimeField()
    hold_place = models.PositiveSmallIntegerField(null=True)
    created_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    first_name = models.CharField(max_length=100)
    last_name = models.CharField(max_length=100)
    email = models.EmailField()
    phone_sealed = models.TextField()
    # What staff search for a caller by: a keyed hash of the number in E.164 (records/sealed.py).
    phone_index = models.CharField(max_length=32, blank=True, default="", db_default="")
    nic_sealed = models.TextField()
    reason_sealed = models.TextField()
    phone = Sealed()
    nic = Sealed()
    reason = Sealed()

    # As they stood when the hold was made; what the clinic changes later does not touch them.
    price_amount = models.PositiveIntegerField()
    currency = models.CharField(max_length=3)
    refund_hours = models.PositiveSmallIntegerField()
    refund_percent = models.PositiveSmallIntegerField()
    payment = models.OneToOneField(Payment, on_delete=models.PROTECT, null=True)

    line = models.CharField(max_length=10, blank=True)  # fixed at the first join
    channel_name = models.CharField(max_length=63, blank=True)
    token_sealed = models.TextField(blank=True)
    token = Sealed()
    token_uid = models.PositiveSmallIntegerField(null=True)  # whose it is, as the line knows them
    token_expires_at = models.DateTimeField(null=True)
    # What the media are encrypted with where a provider carries them; made at the first join.
    media_secret_sealed = models.TextField(blank=True, default="", db_default="")
    media_secret = Sealed()

    objects = AppointmentQuerySet.as_manager()

    @property
    def price(self) -> Money:
        return Money(self.price_amount, self.currency)

    @property
    def opens_at(self) -> datetime:
        """When the room may be entered."""
        return self.starts_at - timedelta(minutes=settings.JOIN_EARLY_MINUTES)

    @property
    def expected_at(self) -> datetime:
        """When it begins, as far as its doctor has said."""
        return self.starts_at + timedelta(minutes=self.delay_minutes)

    @property
    def expected_end_at(self) -> datetime:
        return self.ends_at + timedelta(minutes=self.delay_minutes)

    @property
    def closes_at(self) -> datetime:
        """From when on the room may not be entered any more."""
        return self.expected_end_at + STAYS_OPEN

    def is_visible_to(self, user: User) -> bool:
        """`visible_to`, asked of one."""
        if user.role == Role.DOCTOR:
            return self.doctor_id == user.pk and self.confirmed_at is not None
        return self.patient_id == user.pk and self.offer_for_id is None

    def status_at(self, now: datetime) -> tuple[Status, str]:
        """Status and cancel reason as they read at this instant: a hold lapses by the clock alone."""
        if self.status == Status.PENDING and self.held_until <= now:
            return Status.CANCELLED, CancelReason.HOLD_EXPIRED
        return Status(self.status), self.cancel_reason

    class Meta:
        indexes = [
            models.Index(fields=["patient", "starts_at"], name="appointments_of_a_patient"),
            models.Index(fields=["doctor", "starts_at"], name="appointments_of_a_doctor"),
            # What is about to begin and what is on today, of everybody: among all there ever were.
            models.Index(fields=["starts_at"], name="appointments_by_time"),
            models.Index(
                fields=["phone_index"], condition=~Q(phone_index=""), name="appointments_by_phone"
            ),
            # Of each word the trigrams, as a search for a part of it asks for them.
            GinIndex(
                OpClass(Upper("first_name"), name="gin_trgm_ops"), name="appointments_by_first_name"
            ),
            GinIndex(
                OpClass(Upper("last_name"), name="gin_trgm_ops"), name="appointments_by_last_name"
            ),
            models.Index(
                fields=["held_until"],
                condition=Q(status=Status.PENDING),
                name="holds_that_may_lapse",
            ),
            models.Index(
                fields=["ends_at"],
                condition=Q(status=Status.CONFIRMED),
                name="visits_to_be_closed",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["slot"], condition=Q(status__in=LIVE), name="a_slot_is_given_once"
            ),
            ExclusionConstraint(
                name="a_doctor_sees_one_patient_at_a_time",
                expressions=[
                    ("doctor", RangeOperators.EQUAL),
                    (TsTzRange("starts_at", "ends_at"), RangeOperators.OVERLAPS),
                ],
                condition=Q(status__in=LIVE),
            ),
            ExclusionConstraint(
                name="a_patient_is_in_one_place_at_a_time",
                expressions=[
                    ("patient", RangeOperators.EQUAL),
                    (TsTzRange("starts_at", "ends_at"), RangeOperators.OVERLAPS),
                ],
                condition=Q(status__in=LIVE),
            ),
            models.UniqueConstraint(
                fields=["patient", "hold_place"], name="a_patient_holds_two_at_most"
            ),
            models.CheckConstraint(
                condition=Q(
                    status=Status.PENDING,
                    offer_for=None,
                    hold_place__isnull=False,
                    hold_place__in=(1, 2),
                )
                | (~Q(status=Status.PENDING) | Q(offer_for__isnull=False)) & Q(hold_place=None),
                name="a_hold_takes_one_of_two_places",
            ),
            models.UniqueConstraint(
                fields=["offer_for"],
                condition=Q(status=Status.PENDING),
                name="a_visit_has_one_offer_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(offer_for=None)
                | Q(status__in=(Status.PENDING, Status.CANCELLED), payment=None),
                name="an_offer_is_never_a_visit",
            ),
            models.CheckConstraint(
                condition=Q(status=Status.CANCELLED) | Q(slot__isnull=False),
                name="an_appointment_has_its_slot_until_cancelled",
            ),
            models.CheckConstraint(
                condition=Q(status__in=list(Status)), name="an_appointment_has_one_of_four_statuses"
            ),
            models.CheckConstraint(
                condition=Q(status=Status.CANCELLED, cancel_reason__in=list(CancelReason))
                | ~Q(status=Status.CANCELLED) & Q(cancel_reason=""),
                name="a_cancelled_appointment_says_why",
            ),
            models.CheckConstraint(
                condition=Q(
                    status=Status.COMPLETED, outcome__in=list(Outcome), ended_at__isnull=False
                )
                | ~Q(status=Status.COMPLETED) & Q(outcome=""),
                name="a_completed_appointment_says_how",
            ),
            models.CheckConstraint(
                condition=Q(status__in=(Status.PENDING, Status.CANCELLED))
                | Q(confirmed_at__isnull=False, token_expires_at__isnull=False)
                & ~Q(channel_name="")
                & ~Q(token_sealed=""),
                name="a_confirmed_appointment_has_channel_and_token",
            ),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="an_appointment_ends_after_it_starts"
            ),
            models.CheckConstraint(
                condition=~Q(status=Status.PENDING) | Q(held_until__lte=F("starts_at")),
                name="a_hold_ends_before_the_visit",
            ),
        ]


class WaitlistEntry(models.Model):
    """The patient of this visit would rather have an earlier time with its doctor. It goes with the visit's
    time: whoever cancels or moves the visit also ends the waiting, in that commit."""

    appointment = models.OneToOneField(
        Appointment, on_delete=models.CASCADE, primary_key=True, related_name="waitlist_entry"
    )
    since = models.DateTimeField()


class NicReveal(models.Model):
    """A doctor looked at the whole NIC of an appointment, and said what for. Only ever added; its id is
    among what the audit entry of it names."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    appointment = models.ForeignKey(Appointment, on_delete=models.PROTECT, related_name="reveals")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    purpose_sealed = models.TextField()
    purpose = Sealed()
    at = models.DateTimeField()


class Transition(models.Model):
    """One step of one appointment: who, from, to, why, when. Only ever added."""

    appointment = models.ForeignKey(
        Appointment, on_delete=models.PROTECT, related_name="transitions"
    )
    from_status = models.CharField(max_length=9, blank=True)
    to_status = models.CharField(max_length=9)
    actor = models.CharField(max_length=20)  # a role, payment or clock
    actor_id = models.UUIDField(null=True)
    why = models.CharField(max_length=20, blank=True)
    at = models.DateTimeField()


class Departure(models.Model):
    """What was decided about the visits to come of a doctor who leaves, and by whom."""

    doctor = models.OneToOneField(Doctor, on_delete=models.PROTECT, primary_key=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    call_off = models.BooleanField()  # else they are held
    left_at = models.DateTimeField(null=True)


class Channel(models.TextChoices):
    MAIL = "mail"
    SMS = "sms"


class Delivery(models.TextChoices):
    """How far a message has come."""

    WAITING = "waiting"
    SENT = "sent"
    DROPPED = "dropped"  # it had stopped being true, or was not wanted
    FAILED = "failed"  # nobody tries any more


class Message(models.Model):
    """One thing to tell one person, written in the commit of the step that it tells of (telling.py), and
    sent at least once (clinicall/messages): under one id, by which mail programs know a second copy."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=15, choices=[(k, k) for k in Kind])
    channel = models.CharField(max_length=4, choices=Channel)
    to = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    appointment = models.ForeignKey(
        Appointment, on_delete=models.PROTECT, null=True, related_name="messages"
    )
    # The start of the visit as this tells it; of a day's list, the start of the day.
    about = models.DateTimeField()
    # What was so at the step and is to be read nowhere else. It says nothing of a person.
    facts = models.JSONField(default=dict)
    state = models.CharField(max_length=7, choices=Delivery, default=Delivery.WAITING)
    written_at = models.DateTimeField()
    next_try_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    trouble = models.CharField(max_length=60, blank=True)  # of the last try; it names nobody
    sent_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["next_try_at"],
                condition=Q(state=Delivery.WAITING),
                name="messages_to_send",
            ),
            models.Index(
                fields=["written_at"],
                condition=Q(state=Delivery.FAILED),
                name="messages_that_failed",
            ),
            models.Index(fields=["written_at"], name="messages_by_age"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["appointment", "kind", "channel", "to", "about"],
                condition=Q(kind__in=TOLD_ONCE),
                nulls_distinct=False,
                name="the_clock_tells_a_thing_once",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=list(Kind))
                & Q(channel__in=Channel.values)
                & Q(state__in=Delivery.values),
                name="a_message_says_what_is_known",
            ),
            models.CheckConstraint(
                condition=Q(state=Delivery.WAITING, next_try_at__isnull=False, sent_at=None)
                | Q(state=Delivery.SENT, next_try_at=None, sent_at__isnull=False)
                | Q(state__in=(Delivery.DROPPED, Delivery.FAILED), next_try_at=None, sent_at=None),
                name="a_message_waits_until_it_is_sent_or_given_up",
            ),
        ]
