"""What a clinic must not be without. `clinicall serve` refuses, `clinicall check` explains.

Most of it holds in production alone, and that is wherever SITE_URL is not a loopback address.
Registered by clinicall/server/apps.py, because settings are no Django app.
"""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.checks import CheckMessage, Error, register

from clinicall import wiring

SERVING = "serving"  # the tag of these checks
DEMO_DOMAIN = "@demo.example"


def register_all() -> None:
    for check in (
        providers_are_complete,
        payments_are_real,
        the_site_is_encrypted,
        mail_reaches_people,
        no_demo_accounts,
    ):
        # As a deployment check it does not stand in the way of `migrate` or `create-admin`.
        register(check, SERVING, deploy=True)


def providers_are_complete(**_: Any) -> list[CheckMessage]:
    """Everywhere, not in production alone."""
    return [Error(error, id="clinicall.E006") for error in wiring.configuration_errors()]


def payments_are_real(**_: Any) -> list[CheckMessage]:
    if settings.PRODUCTION and settings.PAYMENT_PROVIDER == "sandbox":
        return [
            Error(
                "PAYMENT_PROVIDER is 'sandbox': patients would book without paying.",
                hint="Set PAYMENT_PROVIDER to 'none' if your visits are free of charge.",
                id="clinicall.E001",
            )
        ]
    if settings.PRODUCTION and wiring.payments_are_tests():
        return [
            Error(
                "STRIPE_SECRET_KEY is of Stripe's test mode: patients would book without paying.",
                hint="Set STRIPE_SECRET_KEY to the live key, and STRIPE_WEBHOOK_SECRET with it.",
                id="clinicall.E007",
            )
        ]
    return []


def the_site_is_encrypted(**_: Any) -> list[CheckMessage]:
    if settings.PRODUCTION and not settings.SITE_URL.startswith("https://"):
        return [
            Error(
                f"SITE_URL is {settings.SITE_URL}: what patients type would travel readable, and "
                "browsers give no camera to such pages.",
                hint="Put a proxy with a certificate in front, and set SITE_URL to https://…",
                id="clinicall.E002",
            )
        ]
    return []


def mail_reaches_people(**_: Any) -> list[CheckMessage]:
    if settings.PRODUCTION and not settings.EMAIL_CONFIGURED:
        return [
            Error(
                "EMAIL_URL is missing: nobody would get a sign-in code or a confirmation.",
                hint="Set EMAIL_URL, like smtps://user:password@mail.example.com",
                id="clinicall.E003",
            )
        ]
    if settings.PRODUCTION and settings.OUTBOX_PAGE:
        return [
            Error(
                "EMAIL_URL is 'outbox:': its page would show sign-in codes to everyone.",
                hint="Set EMAIL_URL, like smtps://user:password@mail.example.com",
                id="clinicall.E004",
            )
        ]
    return []


def no_demo_accounts(*, databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Only where the caller lets checks read the database."""
    accounts = get_user_model().objects.filter(email__iendswith=DEMO_DOMAIN)
    if settings.PRODUCTION and databases and accounts.exists():
        return [
            Error(
                f"There are demo accounts (…{DEMO_DOMAIN}), and their password is public.",
                hint="Start with a new database: set DATABASE_URL or CLINICALL_DATA.",
                id="clinicall.E005",
            )
        ]
    return []
