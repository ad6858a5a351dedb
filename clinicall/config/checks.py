"""What a clinic must not be without. `clinicall serve` refuses, `clinicall check` explains.

Most of it holds in production alone, and that is wherever SITE_URL is not a loopback address.
Registered by clinicall/server/apps.py, because settings are no Django app.
"""

import stat
from collections.abc import Sequence
from typing import Any

import psycopg
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core import checks
from django.core.checks import CheckMessage, Error, register
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import get_connection
from django.db import connection

from clinicall import wiring
from clinicall.live.replica import REPLAYED, WRITTEN
from clinicall.people.models import Role
from clinicall.people.second_factor import DEMO_DOMAIN

SERVING = "serving"  # the tag of these checks
SHORTEST_KEY = 32  # characters; ours have 43


def register_all() -> None:
    for check in (
        providers_are_complete,
        payments_are_real,
        the_site_is_encrypted,
        mail_reaches_people,
        the_mail_provider_is_known,
        no_demo_accounts,
        keys_are_keys,
        keys_are_ours_alone,
        somebody_runs_the_clinic,
        calls_get_through,
        the_way_to_the_database_is_encrypted,
        the_replica_can_be_used,
        doctors_and_staff_have_a_second_factor,
        requests_are_limited,
        visitors_are_told_apart,
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
                "EMAIL_URL or SMS_URL is 'outbox:': its page would show sign-in codes and texts to everyone.",
                hint="Set EMAIL_URL, like smtps://user:password@mail.example.com; SMS_URL may be left out.",
                id="clinicall.E004",
            )
        ]
    return []


def the_mail_provider_is_known(**_: Any) -> list[CheckMessage]:
    """Everywhere. It is made ready as for a mail, and asked nothing."""
    if not settings.MAIL_PROVIDER:
        return []
    try:
        get_connection()
    except ImportError as error:
        return [
            Error(
                f"EMAIL_URL is anymail:{settings.MAIL_PROVIDER}, and there is no such provider here:"
                f" {error}.",
                hint="pip install 'clinicall[anymail]', and take the name from anymail's list.",
                id="clinicall.E013",
            )
        ]
    except ImproperlyConfigured as error:
        return [
            Error(
                f"EMAIL_URL is anymail:{settings.MAIL_PROVIDER}: {error}",
                hint="Set it as a variable that begins with ANYMAIL_, or as one more with _FILE.",
                id="clinicall.E014",
            )
        ]
    return []


def requests_are_limited(**_: Any) -> list[CheckMessage]:
    if settings.PRODUCTION and not settings.RATE_LIMITS:
        return [
            Error(
                "RATE_LIMITS is off: anybody may try passwords and ask as often as they like.",
                hint="Unset RATE_LIMITS; 'off' is for load tests on a loopback address.",
                id="clinicall.E010",
            )
        ]
    return []


def visitors_are_told_apart(**_: Any) -> list[CheckMessage]:
    if settings.PRODUCTION and not settings.TRUSTED_PROXIES:
        return [
            checks.Warning(
                "TRUSTED_PROXIES is missing: all visitors come from the proxy's address, and limits "
                "count them as one.",
                hint="Set it to your proxy's address, like 127.0.0.1",
                id="clinicall.W001",
            )
        ]
    return []


def no_demo_accounts(*, databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Only where the caller lets checks read the database."""
    # Anybody may write such an address into a form of ours: that alone must not keep a clinic from
    # starting, and nobody can sign in with it.
    accounts = get_user_model().objects.filter(
        email__iendswith=DEMO_DOMAIN, emailaddress__verified=True
    )
    if settings.PRODUCTION and databases and accounts.exists():
        return [
            Error(
                f"There are demo accounts (…{DEMO_DOMAIN}), and their password is public.",
                hint="Start with a new database: set DATABASE_URL or CLINICALL_DATA.",
                id="clinicall.E005",
            )
        ]
    return []


def keys_are_keys(**_: Any) -> list[CheckMessage]:
    keys = {"SECRET_KEY": [settings.SECRET_KEY], "FIELD_KEY": settings.FIELD_KEYS}
    return [
        Error(
            f"{name} is shorter than {SHORTEST_KEY} characters: it can be guessed.",
            hint="Leave it unset and one is made, or take 32 random bytes as text.",
            id="clinicall.E012",
        )
        for name, values in keys.items()
        if settings.PRODUCTION and any(len(value) < SHORTEST_KEY for value in values)
    ]


def keys_are_ours_alone(**_: Any) -> list[CheckMessage]:
    """The generated ones; what a person keeps elsewhere is theirs to guard."""
    files = [settings.DATA / name for name in ("secret_key", "field_key")]
    return [
        Error(
            f"{file} can be read by other users of this machine.",
            hint=f"chmod 600 {file}",
            id="clinicall.E011",
        )
        for file in files
        if file.exists() and stat.S_IMODE(file.stat().st_mode) & 0o077
    ]


def somebody_runs_the_clinic(
    *, databases: Sequence[str] | None = None, **_: Any
) -> list[CheckMessage]:
    """Only where the caller lets checks read the database."""
    admins = get_user_model().objects.filter(role=Role.ADMIN, is_active=True)
    if settings.PRODUCTION and databases and not admins.exists():
        return [
            checks.Warning(
                "There is no admin: nobody would be told of money that needs a person.",
                hint="clinicall create-admin ADDRESS",
                id="clinicall.W004",
            )
        ]
    return []


def calls_get_through(**_: Any) -> list[CheckMessage]:
    if settings.PRODUCTION and not settings.AGORA_APP_ID and not settings.TURN_URL:
        return [
            checks.Warning(
                "There is neither Agora nor a TURN server: people behind strict firewalls will not"
                " see each other.",
                hint="Set AGORA_APP_ID and AGORA_APP_CERTIFICATE, or TURN_URL and TURN_SECRET.",
                id="clinicall.W002",
            )
        ]
    return []


def the_way_to_the_database_is_encrypted(**_: Any) -> list[CheckMessage]:
    database: dict[str, Any] = settings.DATABASES["default"]
    ways = {
        "DATABASE_URL": (database["HOST"], database["OPTIONS"].get("sslmode")),
        "REPLICA_URL": (settings.REPLICA.get("host", ""), settings.REPLICA.get("sslmode")),
    }
    return [
        checks.Warning(
            f"{name} leads to another machine and asks for no encryption.",
            hint="Add ?sslmode=verify-full to it, or =require where the network is yours.",
            id="clinicall.W003",
        )
        for name, (host, sslmode) in ways.items()
        if settings.PRODUCTION
        and not (host in ("", "localhost", "127.0.0.1", "::1") or host.startswith("/"))
        and sslmode not in ("require", "verify-ca", "verify-full")
    ]


def the_replica_can_be_used(
    *, databases: Sequence[str] | None = None, **_: Any
) -> list[CheckMessage]:
    """Only where the caller lets checks read the database. A clinic does without a replica, so it starts."""
    if not settings.REPLICA or not databases:
        return []
    with connection.cursor() as cursor:
        cursor.execute(WRITTEN)
        history, _place = cursor.fetchone()
    there: dict[str, Any] = {"connect_timeout": 5, **settings.REPLICA}
    try:
        with psycopg.connect(**there) as replica:
            replayed = replica.execute(REPLAYED).fetchone()
    except psycopg.Error as error:
        why = f"cannot be read: {' '.join(str(error).split())}."
    else:
        if replayed and replayed[0] == history:
            return []
        why = (
            "is a replica of another database than DATABASE_URL, or did not follow its promotion."
            if replayed
            else "is no replica: it takes changes of its own."
        )
    return [
        checks.Warning(
            f"REPLICA_URL {why} All reads go to DATABASE_URL.",
            hint="Make a streaming replica of DATABASE_URL, or unset REPLICA_URL.",
            id="clinicall.W005",
        )
    ]


def doctors_and_staff_have_a_second_factor(**_: Any) -> list[CheckMessage]:
    if settings.PRODUCTION and not settings.REQUIRE_SECOND_FACTOR:
        return [
            Error(
                "REQUIRE_SECOND_FACTOR is 'off': one stolen password would open patients' data.",
                hint="Take the setting away. Doctors and staff are led through it at their next sign-in.",
                id="clinicall.E008",
            )
        ]
    return []
