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
    # When to ask the provider next; null when there is nothing left to hear.
    next_look_at = models.DateTimeField(null=True)
    looks = models.PositiveSmallIntegerField(default=0)

    @property
    def money(self) -> Money:
        return Money(self.amount, self.currency)

    class Meta:
        indexes = [
            models.Index(
                fields=["next_look_at"],
                condition=Q(next_look_at__isnull=False),
                name="payments_to_look_at",
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

    @property
    def money(self) -> Money:
        return Money(self.amount, self.payment.currency)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="a_refund_is_of_something"),
            models.CheckConstraint(
                condition=Q(state__in=RefundState.values), name="a_refund_has_a_known_state"
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
