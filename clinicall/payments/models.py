import uuid

from django.db import models
from django.db.models import Q

from clinicall.core.money import Money


class PaymentState(models.TextChoices):
    CREATED = "created"  # ours alone: the provider has not been asked yet
    PENDING = "pending"  # the provider waits for the payer
    SUCCEEDED = "succeeded"  # for good: later news never changes it
    FAILED = "failed"
    CANCELLED = "cancelled"


OPEN = (PaymentState.CREATED, PaymentState.PENDING)


class Trouble(models.TextChoices):
    """Why a person has to look at somebody's money; until then nothing more happens by itself."""

    NONE = "", "none"
    MISMATCH = "mismatch", "what the provider was paid is not what we asked for"
    NO_ANSWER = "no_answer", "the provider has not said how it went"
    REFUSED = "refused", "the provider refuses to give the money back"


class Payment(models.Model):
    """Our record of one attempt to pay. Its id is our reference at the provider; never deleted."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    provider = models.CharField(max_length=20)
    provider_ref = models.CharField(max_length=255, null=True, default=None)  # noqa: DJ001 (unique where known)
    checkout_url = models.URLField(max_length=2000, blank=True)
    state = models.CharField(max_length=10, choices=PaymentState, default=PaymentState.CREATED)
    amount = models.PositiveIntegerField()
    currency = models.CharField(max_length=3)
    created_at = models.DateTimeField()
    # The payer has done their part and the bank has not: there is nothing to pay any more.
    under_way = models.BooleanField(default=False)
    # When to ask the provider next; null when there is nothing left to hear.
    next_look_at = models.DateTimeField(null=True)
    looks = models.PositiveSmallIntegerField(default=0)
    # A second page that the provider made for the same reference. It belongs to no appointment, and
    # what is paid there is given back whole.
    beside = models.ForeignKey("self", on_delete=models.PROTECT, null=True, default=None)
    trouble = models.CharField(max_length=10, choices=Trouble, default="", blank=True)
    alerted_at = models.DateTimeField(null=True)
    by_hand = models.UUIDField(null=True)  # who put it right at the provider, and said so

    @property
    def money(self) -> Money:
        return Money(self.amount, self.currency)

    @property
    def reference(self) -> uuid.UUID:
        """What the provider knows it by."""
        return self.beside_id or self.pk

    class Meta:
        indexes = [
            models.Index(
                fields=["next_look_at"],
                condition=Q(next_look_at__isnull=False),
                name="payments_to_look_at",
            ),
            models.Index(
                fields=["created_at"],
                condition=~Q(trouble=""),
                name="payments_in_trouble",
            ),
            models.Index(
                fields=["created_at"],
                condition=Q(alerted_at__isnull=False),
                name="payments_told_to_a_person",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "provider_ref"], name="a_provider_names_a_payment_once"
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="a_payment_is_of_something"),
            models.CheckConstraint(
                condition=Q(state__in=PaymentState.values), name="a_payment_has_a_known_state"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=("pending", "succeeded")) | Q(provider_ref__isnull=False),
                name="a_payment_beyond_us_has_the_providers_name",
            ),
        ]


class RefundState(models.TextChoices):
    REQUESTED = "requested"
    PENDING = "pending"
    SUCCEEDED = "succeeded"
    NEEDS_HUMAN = "needs_human"


class Refund(models.Model):
    """Money we owe back. Written with the step that owes it, sent afterwards; never deleted."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    payment = models.OneToOneField(Payment, on_delete=models.PROTECT, related_name="refund")
    amount = models.PositiveIntegerField()
    state = models.CharField(max_length=12, choices=RefundState, default=RefundState.REQUESTED)
    created_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True)
    attempt = models.PositiveSmallIntegerField(default=1)  # a person may ask for another
    trouble = models.CharField(max_length=10, choices=Trouble, default="", blank=True)
    alerted_at = models.DateTimeField(null=True)
    by_hand = models.UUIDField(null=True)  # who gave it back outside the system, and said so

    @property
    def money(self) -> Money:
        return Money(self.amount, self.payment.currency)

    class Meta:
        indexes = [
            models.Index(
                fields=["next_try_at"],
                condition=Q(next_try_at__isnull=False),
                name="refunds_to_send",
            ),
            models.Index(
                fields=["created_at"],
                condition=Q(state="needs_human"),
                name="refunds_for_a_person",
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="a_refund_is_of_something"),
            models.CheckConstraint(
                condition=Q(state__in=RefundState.values), name="a_refund_has_a_known_state"
            ),
            models.CheckConstraint(
                condition=Q(state="needs_human") & ~Q(trouble="")
                | ~Q(state="needs_human") & Q(trouble=""),
                name="a_refund_needs_a_human_for_a_reason",
            ),
        ]


class Quarantine(models.TextChoices):
    """Why an event of a provider was set aside instead of followed."""

    NONE = "", "none"
    UNKNOWN_KIND = "unknown_kind", "a kind of event that we do not follow"
    OTHER_ACCOUNT = "other_account", "about another account at the provider"
    OTHER_MODE = "other_mode", "of the test mode while we are live, or the other way round"
    FOREIGN = "foreign", "about money that this clinic knows nothing of"
    DISPUTED = "disputed", "the payer disputes the payment at their bank"


class Event(models.Model):
    """What a provider told us, each thing once. A hint to ask, never a fact; never deleted."""

    provider = models.CharField(max_length=20)
    event_id = models.CharField(max_length=255)
    kind = models.CharField(max_length=100)
    heard_at = models.DateTimeField()
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, null=True)
    quarantined = models.CharField(max_length=13, choices=Quarantine, default="", blank=True)
    alerted_at = models.DateTimeField(null=True)
    seen_by = models.UUIDField(null=True)  # who has looked at it, where it was set aside

    class Meta:
        indexes = [
            models.Index(
                fields=["heard_at"],
                condition=~Q(quarantined="") & Q(seen_by=None),
                name="events_set_aside",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "event_id"], name="a_provider_tells_an_event_once"
            ),
            models.CheckConstraint(
                condition=~Q(quarantined="") | Q(payment__isnull=False),
                name="an_event_is_about_a_payment_or_set_aside",
            ),
        ]


class SandboxCheckout(models.Model):
    """The sandbox company's own ledger: what its customers were asked for and did. Not our record."""

    token = models.CharField(primary_key=True, max_length=64)
    reference = models.UUIDField(unique=True)
    amount = models.PositiveIntegerField()
    currency = models.CharField(max_length=3)
    return_url = models.URLField(max_length=2000)
    expires_at = models.DateTimeField()
    outcome = models.CharField(max_length=10, blank=True)
    succeeds_at = models.DateTimeField(null=True)
    closed = models.BooleanField(default=False)


class SandboxRefund(models.Model):
    """The sandbox company's ledger of money given back."""

    reference = models.UUIDField(primary_key=True)
    checkout = models.ForeignKey(SandboxCheckout, on_delete=models.PROTECT)
    amount = models.PositiveIntegerField()
