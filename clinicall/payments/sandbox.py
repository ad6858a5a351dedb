"""The payment company of the demo: real to us in every way but the money.

It keeps its own ledger (SandboxCheckout, SandboxRefund) and answers from it alone. `pay` is what its
customer does on its page; the rest is the Gateway that booking knows.
"""

import secrets
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet

from clinicall.core.clock import ClinicNow
from clinicall.core.money import Money
from clinicall.core.prepared import prepared_cursor
from clinicall.payments.gateway import Checkout, Given, Outcome, Paid
from clinicall.payments.models import SandboxCheckout, SandboxRefund

# One statement, where Django's get_or_create takes four, as every booking of the demo comes by here.
OPEN = """
insert into payments_sandboxcheckout (
  token, reference, amount, currency, return_url, expires_at, outcome, closed)
values (%(token)s, %(reference)s, %(amount)s, %(currency)s, %(return_url)s, %(expires_at)s, '', false)
on conflict (reference) do update set reference = excluded.reference
returning token
"""
CHOICES = ("succeed", "decline", "cancel", "slow", "late")
SLOW = timedelta(seconds=10)


def pay(token: str, choice: str) -> SandboxCheckout | None:
    """The customer's first choice counts; a second changes nothing. None when there is no such page."""
    checkouts = SandboxCheckout.objects.annotate(now=ClinicNow())
    checkout = checkouts.filter(token=token).first()
    if checkout is None:
        return None
    succeeds_at = {
        "succeed": checkout.now,
        "slow": checkout.now + SLOW,
        "late": checkout.expires_at + SLOW,
    }.get(choice)
    if _undecided(token).update(outcome=choice, succeeds_at=succeeds_at):
        checkout.outcome, checkout.succeeds_at = choice, succeeds_at
    else:
        checkout.refresh_from_db()
    return checkout


def _undecided(token: str) -> QuerySet[SandboxCheckout]:
    return SandboxCheckout.objects.filter(token=token, outcome="", closed=False)


class SandboxGateway:
    name = "sandbox"

    def open(
        self,
        *,
        reference: UUID,
        money: Money,
        return_url: str,
        cancel_url: str,  # noqa: ARG002 (its page has a button for that)
        until: datetime,
    ) -> Checkout:
        asked: dict[str, Any] = {
            "token": secrets.token_urlsafe(32),
            "reference": reference,
            "amount": money.amount,
            "currency": money.currency,
            "return_url": return_url,
            "expires_at": until,
        }
        with prepared_cursor() as cursor:
            cursor.execute(OPEN, asked)
            (token,) = cursor.fetchone()
        return Checkout(token, f"{settings.SITE_URL}/sandbox/{token}/")

    def look_up(self, provider_ref: str, *, reference: UUID, money: Money) -> Outcome:
        checkouts = SandboxCheckout.objects.annotate(now=ClinicNow())
        checkout = checkouts.get(token=provider_ref)
        asked = (reference, money.amount, money.currency)
        if (checkout.reference, checkout.amount, checkout.currency) != asked:
            return Outcome.MISMATCH
        match checkout.outcome:
            case "decline":
                return Outcome.FAILED
            case "cancel":
                return Outcome.CANCELLED
        if checkout.succeeds_at:
            return Outcome.PAID if checkout.succeeds_at <= checkout.now else Outcome.UNDER_WAY
        return Outcome.CANCELLED if checkout.closed else Outcome.WAITING

    def close(self, provider_ref: str, *, reference: UUID, money: Money) -> Outcome:
        # What a bank has begun to send, slow or late, it sends whatever the merchant closes.
        checkout = SandboxCheckout.objects.filter(token=provider_ref, succeeds_at=None)
        checkout.update(closed=True)
        return self.look_up(provider_ref, reference=reference, money=money)

    def give_back(
        self,
        provider_ref: str,
        *,
        reference: UUID,
        money: Money,
        attempt: int,  # noqa: ARG002 (it refuses nobody)
    ) -> Given:
        checkout = SandboxCheckout.objects.get(token=provider_ref)
        SandboxRefund.objects.get_or_create(
            reference=reference, defaults={"checkout": checkout, "amount": money.amount}
        )
        return Given.BACK

    def paid_since(self, since: datetime) -> Iterator[Paid]:
        paid = SandboxCheckout.objects.filter(succeeds_at__gte=since, succeeds_at__lte=ClinicNow())
        for checkout in paid.iterator():
            yield Paid(checkout.token, checkout.reference)
