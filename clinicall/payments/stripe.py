"""Stripe: its hosted page takes the card, so that no card number ever comes near us.

Of the patient Stripe learns nothing from us but an amount and our own references. Everything it says is
asked for anew; its messages (stripe_hints.py) only tell us when.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from uuid import UUID

import stripe
from stripe.params.checkout import SessionCreateParams

from clinicall.core.money import Money
from clinicall.payments.gateway import Checkout, GatewayDown, Given, Outcome, Paid
from clinicall.payments.stripe_account import NOT_COUNTED_ALIKE, as_stripe_counts, is_live
from clinicall.payments.stripe_hints import reference_in

log = logging.getLogger(__name__)

TIMEOUT = 10  # seconds; whoever asks on a patient's behalf is waiting
# Stripe keeps a page open for half an hour at least, counted by its own clock.
OPEN_FOR = timedelta(minutes=35)
LONGEST_OPEN = timedelta(days=1)

ENDED_BADLY = ("failed", "canceled")
ALREADY_BACK = "charge_already_refunded"


class StripeGateway:
    name = "stripe"

    def __init__(self, key: str, *, api_base: str = "", timeout: float = TIMEOUT) -> None:
        self.live = is_live(key)
        client = stripe.StripeClient(
            key,
            base_addresses={"api": api_base} if api_base else {},
            http_client=stripe.RequestsClient(timeout=timeout),
            max_network_retries=0,  # the poller asks again, and nobody waits for that
        )
        self._pages = client.v1.checkout.sessions
        self._refunds = client.v1.refunds

    def open(
        self, *, reference: UUID, money: Money, return_url: str, cancel_url: str, until: datetime
    ) -> Checkout:
        amount, currency = _counted(money)
        ours = {"payment": str(reference)}
        asked: SessionCreateParams = {
            "mode": "payment",
            "allowed_payment_method_types": ["card"],
            "line_items": [
                {
                    "quantity": 1,
                    "price_data": {
                        "currency": currency,
                        "unit_amount": amount,
                        "product_data": {"name": "Appointment"},
                    },
                }
            ],
            "client_reference_id": str(reference),
            "metadata": ours,
            "payment_intent_data": {"metadata": ours},
            "success_url": return_url,
            "cancel_url": cancel_url,
            # The same at every try, as one key stands for one set of parameters.
            "expires_at": int((until + OPEN_FOR).timestamp()),
        }
        with _asking("open a page"):
            page = self._pages.create(asked, {"idempotency_key": f"pay:{reference}"})
        if page.url is None:
            raise GatewayDown
        return Checkout(page.id, page.url)

    def look_up(self, provider_ref: str, *, reference: UUID, money: Money) -> Outcome:
        return self._outcome(self._page(provider_ref), reference, money)

    def close(self, provider_ref: str, *, reference: UUID, money: Money) -> Outcome:
        outcome = self._outcome(self._closed(provider_ref), reference, money)
        if outcome in (Outcome.WAITING, Outcome.DECLINED):
            raise GatewayDown  # it would not close, and somebody may still pay
        return outcome

    def _closed(self, provider_ref: str) -> stripe.checkout.Session:
        with _asking("close a page"):
            try:
                return self._pages.expire(provider_ref, {"expand": ["payment_intent"]})
            except stripe.InvalidRequestError:
                pass  # it was paid or had ended before
        return self._page(provider_ref)

    def _page(self, provider_ref: str) -> stripe.checkout.Session:
        with _asking("look at a page"):
            return self._pages.retrieve(provider_ref, {"expand": ["payment_intent"]})

    def _outcome(self, page: stripe.checkout.Session, reference: UUID, money: Money) -> Outcome:
        asked = (str(reference), *_counted(money), self.live)
        told = (page.client_reference_id, page.amount_total, page.currency, page.livemode)
        if told != asked:
            return Outcome.MISMATCH
        if page.payment_status == "paid":
            return Outcome.PAID
        intent = _intent(page)
        refused = intent is not None and intent.status == "requires_payment_method"
        if page.status == "complete":
            return Outcome.FAILED if refused else Outcome.UNDER_WAY
        if page.status == "expired":
            return Outcome.CANCELLED
        if intent and intent.status == "processing":
            return Outcome.UNDER_WAY
        error = intent.last_payment_error if intent else None
        # Who has mistyped a number may try again.
        declined = error is not None and error.code == "card_declined"
        return Outcome.DECLINED if declined else Outcome.WAITING

    def give_back(self, provider_ref: str, *, reference: UUID, money: Money, attempt: int) -> Given:
        page = self._page(provider_ref)
        intent = _intent(page)
        if intent is None:
            log.error("Stripe knows of no money to give back for refund %s", reference)
            raise GatewayDown
        # The answer to an earlier try may never have arrived, and keys are forgotten after a day.
        before = self._given(intent, reference, attempt)
        if before:
            return before
        amount, _ = _counted(money)
        ours = {
            "payment": page.client_reference_id or "",
            "page": page.id,
            "refund": str(reference),
            "attempt": str(attempt),
        }
        with _asking("give money back"):
            try:
                refund = self._refunds.create(
                    {"payment_intent": intent.id, "amount": amount, "metadata": ours},
                    {"idempotency_key": f"refund:{reference}:{attempt}"},
                )
            except (stripe.InvalidRequestError, stripe.CardError) as error:
                log.error("Stripe refuses refund %s: %s", reference, error.code)
                by_hand = error.code == ALREADY_BACK and self._all_given_back(intent)
                return Given.BACK if by_hand else Given.REFUSED
        return _how_it_goes(refund)

    def _given(self, intent: stripe.PaymentIntent, reference: UUID, attempt: int) -> Given | None:
        """How an earlier request for this refund goes; None where this attempt has not been made."""
        ours = [r for r in self._refunds_of(intent) if _noted(r, "refund") == str(reference)]
        for refund in ours:
            if refund.status not in ENDED_BADLY:
                return _how_it_goes(refund)
        made = any(_noted(refund, "attempt") == str(attempt) for refund in ours)
        return Given.REFUSED if made else None

    def _all_given_back(self, intent: stripe.PaymentIntent) -> bool:
        """Whether somebody has done so in Stripe's own pages."""
        given = sum(r.amount for r in self._refunds_of(intent) if r.status == "succeeded")
        return given >= intent.amount_received

    def _refunds_of(self, intent: stripe.PaymentIntent) -> list[stripe.Refund]:
        with _asking("look at refunds"):
            found = self._refunds.list({"payment_intent": intent.id, "limit": 100})
            return list(found.auto_paging_iter())

    def paid_since(self, since: datetime) -> Iterator[Paid]:
        # A page is listed by when it was opened, and may be paid until it closes.
        opened_since = int((since - LONGEST_OPEN).timestamp())
        with _asking("list what was paid"):
            pages = self._pages.list(
                {"created": {"gte": opened_since}, "status": "complete", "limit": 100}
            )
            for page in pages.auto_paging_iter():
                if page.payment_status == "paid":
                    yield Paid(page.id, reference_in(page.client_reference_id))


@contextmanager
def _asking(what: str) -> Iterator[None]:
    """Raises GatewayDown for everything that Stripe does not answer, or not with what we asked for."""
    try:
        yield
    except (stripe.AuthenticationError, stripe.PermissionError):
        log.error("Stripe does not accept our key: could not %s", what)
        raise GatewayDown from None
    except (stripe.InvalidRequestError, stripe.IdempotencyError, stripe.CardError) as error:
        log.error("Stripe refuses to %s: %s", what, error.code)
        raise GatewayDown from error
    except stripe.StripeError as error:
        raise GatewayDown from error


def _counted(money: Money) -> tuple[int, str]:
    """Amount and currency as Stripe writes them. Raises GatewayDown for those it counts otherwise."""
    if money.currency in NOT_COUNTED_ALIKE:
        log.error("Stripe cannot be asked for %s", money.currency)
        raise GatewayDown
    return as_stripe_counts(money)


def _intent(page: stripe.checkout.Session) -> stripe.PaymentIntent | None:
    """What is behind a page that was asked for with it; None until somebody has tried to pay."""
    intent = page.payment_intent
    return intent if isinstance(intent, stripe.PaymentIntent) else None


def _noted(refund: stripe.Refund, name: str) -> str | None:
    noted = refund.metadata
    return noted[name] if noted and name in noted else None


def _how_it_goes(refund: stripe.Refund) -> Given:
    if refund.status in ENDED_BADLY:
        return Given.REFUSED
    return Given.BACK if refund.status == "succeeded" else Given.UNDER_WAY
