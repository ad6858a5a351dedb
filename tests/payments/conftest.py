"""A clinic that takes cards at the stand-in, whose clock goes with the clinic's."""

import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from clinicall.booking.invariants import breaches
from clinicall.booking.models import Appointment
from clinicall.booking.states import Status
from clinicall.jobs.tidy import reconcile, tidy
from clinicall.payments.models import Payment, PaymentState, Refund, RefundState
from clinicall.people.models import Patient
from clinicall.schedule.models import Slot
from tests.clinic_clock import ClinicClock
from tests.conftest import booked
from tests.stripe_standin.running import KEY, SECRET, Standin, standing_in
from tests.web.visitor import Answer

WEBHOOK = "/webhooks/stripe"


def signed(body: bytes, at: float, secret: str = SECRET) -> str:
    """The header that Stripe would send with it."""
    right = hmac.new(secret.encode(), f"{int(at)}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={int(at)},v1={right}"


def posted(body: bytes, signature: str | None) -> Answer:
    headers = {} if signature is None else {"Stripe-Signature": signature}
    client = Client(enforce_csrf_checks=True, headers=headers)
    return client.post(WEBHOOK, body, content_type="application/json")


@dataclass
class CardClinic:
    standin: Standin
    clock: ClinicClock

    def later(self, by: timedelta) -> None:
        self.clock.move(by)
        self.standin.clock_at(self.clock.now)

    def hold(self, slot: Slot, patient: Patient) -> Appointment:
        return booked(slot, patient)

    def hears(self, event: dict[str, Any]) -> Answer:
        body = json.dumps(event).encode()
        return posted(body, signed(body, self.clock.now.timestamp()))

    def pays(self, appointment: Appointment, card: str = "pay") -> None:
        self.standin.pays(page_of(appointment), card)

    def hours_pass(self) -> None:
        """With everything that our clock does meanwhile."""
        for minutes in (0.5, 0.5, 1, 2, 5, 10, 20, 30, 60, 60):
            self.later(timedelta(minutes=minutes))
            tidy()
        reconcile()
        tidy()
        tidy()

    def agrees_with_the_ledger(self) -> None:
        """Each charge there is one of ours that ended in a visit or in a refund, and nothing else is."""
        charges = {entry["session"]: entry["amount"] for entry in self.standin.entries("charged")}
        paid = Payment.objects.filter(state=PaymentState.SUCCEEDED)
        assert {payment.provider_ref: payment.amount for payment in paid} == charges
        given = {
            refund["metadata"].get("refund"): refund["amount"]
            for refund in self.standin.tell("/ledger")["refunds"]
            if refund["status"] == "succeeded"
        }
        back = Refund.objects.filter(state=RefundState.SUCCEEDED)
        assert {str(refund.pk): refund.amount for refund in back} == given
        for payment in paid:
            visit = Appointment.objects.filter(payment=payment, status=Status.CONFIRMED)
            assert visit.exists() != back.filter(payment=payment, amount=payment.amount).exists()
        assert not breaches()


def page_of(appointment: Appointment) -> str:
    payment = Payment.objects.get(appointment=appointment)
    assert payment.provider_ref
    return payment.provider_ref


@pytest.fixture
def standin() -> Iterator[Standin]:
    with standing_in() as running:
        yield running


@pytest.fixture
def cards(standin: Standin, clock: ClinicClock, settings: Settings) -> CardClinic:
    settings.PAYMENT_PROVIDER = "stripe"
    settings.STRIPE_SECRET_KEY = KEY
    settings.STRIPE_WEBHOOK_SECRET = SECRET
    settings.STRIPE_API_BASE = standin.url
    standin.clock_at(clock.now)
    return CardClinic(standin, clock)
