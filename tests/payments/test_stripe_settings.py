"""Which settings let a clinic take cards, and what wrong ones answer."""

import pytest
from pytest_django import Settings

from clinicall import wiring
from clinicall.config import checks
from clinicall.payments.stripe import StripeGateway

LIVE = "sk_live_0123456789"


@pytest.fixture(autouse=True)
def clinic(settings: Settings) -> Settings:
    """One that takes cards, and real ones."""
    settings.PAYMENT_PROVIDER = "stripe"
    settings.STRIPE_SECRET_KEY = LIVE
    settings.STRIPE_WEBHOOK_SECRET = "whsec_1"
    settings.STRIPE_API_BASE = ""
    settings.PRODUCTION = True
    return settings


def test_with_a_key_and_a_webhook_secret_cards_are_taken() -> None:
    assert wiring.configuration_errors() == []
    assert checks.payments_are_real() == []
    gateway = wiring.payment_gateway()
    assert isinstance(gateway, StripeGateway)
    assert gateway.live
    assert wiring.payment_gateway() is gateway


@pytest.mark.parametrize(
    ("setting", "value", "says"),
    [
        ("STRIPE_SECRET_KEY", "", "STRIPE_SECRET_KEY is not a secret key, like sk_live_…"),
        ("STRIPE_SECRET_KEY", "pk_live_1", "STRIPE_SECRET_KEY is not a secret key, like sk_live_…"),
        ("STRIPE_WEBHOOK_SECRET", "", "STRIPE_WEBHOOK_SECRET is missing"),
        ("STRIPE_API_BASE", "http://stripe.test", "STRIPE_API_BASE is http://stripe.test"),
        ("CURRENCY", "KWD", "CURRENCY is KWD"),
        ("CURRENCY", "MGA", "CURRENCY is MGA"),
    ],
)
def test_a_wrong_setting_says_its_name(
    clinic: Settings, setting: str, value: str, says: str
) -> None:
    setattr(clinic, setting, value)
    (error,) = wiring.configuration_errors()
    assert error.startswith(says)
    assert [problem.msg for problem in checks.providers_are_complete()] == [error]


def test_they_matter_to_nobody_who_takes_no_cards(clinic: Settings) -> None:
    clinic.PAYMENT_PROVIDER = "none"
    clinic.STRIPE_SECRET_KEY = clinic.STRIPE_WEBHOOK_SECRET = ""
    assert wiring.configuration_errors() == []


def test_a_test_key_in_production_is_an_error(clinic: Settings) -> None:
    clinic.STRIPE_SECRET_KEY = "sk_test_0123456789"
    (error,) = checks.payments_are_real()
    assert error.id == "clinicall.E007"
    clinic.PRODUCTION = False
    assert checks.payments_are_real() == []


def test_what_was_paid_at_stripe_stays_there_when_the_clinic_leaves_it(clinic: Settings) -> None:
    clinic.PAYMENT_PROVIDER = "none"
    assert wiring.payment_gateway() is None
    assert isinstance(wiring.payment_gateway("stripe"), StripeGateway)
    clinic.STRIPE_SECRET_KEY = ""
    assert wiring.payment_gateway("stripe") is None


def test_a_stand_in_may_be_reached_without_encryption_on_this_machine(clinic: Settings) -> None:
    clinic.STRIPE_API_BASE = "http://127.0.0.1:12111"
    clinic.PRODUCTION = False
    assert wiring.configuration_errors() == []
