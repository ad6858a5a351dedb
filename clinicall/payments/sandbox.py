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

from clinicall.core.clock import ClinicNow
from clinicall.core.money import Money
from clinicall.core.prepared import columns_of, fetch, fetch_object, made_of
from clinicall.payments.gateway import Checkout, Given, Outcome, Paid
from clinicall.payments.models import SandboxCheckout, SandboxRefund

# SQL, as every booking of the demo comes by here.
OPEN = """
insert into payments_sandboxcheckout (
  token, reference, amount, currency, return_url, expires_at, outcome, closed)
values (%(token)s, %(reference)s, %(amount)s, %(currency)s, %(return_url)s, %(expires_at)s, '', false)
on conflict (reference) do update set reference = excluded.reference
returning token
"""
PAY = f"""
update payments_sandboxcheckout it set outcome = %(choice)s::text, succeeds_at = case %(choice)s::text
  when 'succeed' then clinic_now()
  when 'slow' then clinic_now() + %(slow)s
  when 'late' then it.expires_at + %(slow)s
end
where it.token = %(token)s and it.outcome = '' and not it.closed
returning {columns_of(SandboxCheckout)}
"""  # noqa: S608 (all text of ours)
LOOK_UP = """
select (reference, amount, currency) = (%(reference)s, %(amount)s, %(currency)s),
  outcome, closed, succeeds_at <= clinic_now()
from payments_sandboxcheckout where token = %(token)s
"""
CHOICES = ("succeed", "decline", "cancel", "slow", "late")
SLOW = timedelta(seconds=10)


def pay(token: str, choice: str) -> SandboxCheckout | None:
    """The customer's first choice counts; a second changes nothing. None when there is no such page."""
    if decided := fetch(PAY, {"token": token, "choice": choice, "slow": SLOW}):
        return made_of(SandboxCheckout, decided)
    return fetch_object(SandboxCheckout, "where it.token = %s", [token])


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
        (token,) = fetch(OPEN, asked)
        return Checkout(token, f"{settings.SITE_URL}/sandbox/{token}/")

    def look_up(self, provider_ref: str, *, reference: UUID, money: Money) -> Outcome:
        asked: dict[str, Any] = {
            "token": provider_ref,
            "reference": reference,
            "amount": money.amount,
            "currency": money.currency,
        }
        as_asked, choice, closed, succeeded = fetch(LOOK_UP, asked)
        if not as_asked:
            return Outcome.MISMATCH
        match choice:
            case "decline":
                return Outcome.FAILED
            case "cancel":
                return Outcome.CANCELLED
            case "":
                return Outcome.CANCELLED if closed else Outcome.WAITING
        return Outcome.PAID if succeeded else Outcome.UNDER_WAY

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
