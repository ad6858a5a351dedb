"""What is kept for so long and then goes, each as a rule. `clinicall retention --dry-run` counts only."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Model, QuerySet

from clinicall.booking import guests, wiping
from clinicall.booking.models import Appointment, Message
from clinicall.booking.states import Status
from clinicall.consultation.models import DeviceCheck
from clinicall.core.clock import now as clinic_now
from clinicall.messages.models import OutboxMail
from clinicall.people.models import Patient, Role, User
from clinicall.records.models import IdempotencyKey

log = logging.getLogger(__name__)
A_DAY = timedelta(days=1)
A_YEAR = timedelta(days=365)


@dataclass(frozen=True)
class Rule:
    what: str
    # The rows whose time is up at this instant.
    over: Callable[[datetime], QuerySet[Model]]
    end: Callable[[QuerySet[Model]], None]


def _delete(rows: QuerySet[Model]) -> None:
    rows.delete()


def _wipe(rows: QuerySet[Model]) -> None:
    for pk in rows.values_list("pk", flat=True):
        wiping.wipe(pk)


@transaction.atomic
def _delete_account(rows: QuerySet[Model], pk: UUID) -> None:
    # Who books in this moment waits for us, or has come first; then this is none of the rows any more.
    list(Patient.objects.select_for_update().filter(pk=pk))
    if rows.filter(pk=pk).exists():
        Patient.objects.filter(pk=pk).delete()
        User.objects.filter(pk=pk).delete()


def _delete_accounts(rows: QuerySet[Model]) -> None:
    for pk in rows.values_list("pk", flat=True):
        _delete_account(rows, pk)


def _never_held(now: datetime) -> QuerySet[Appointment]:
    """Whose time was held and not paid; late money has ended by then."""
    came_to_nothing = Appointment.objects.filter(
        status=Status.CANCELLED, confirmed_at=None, ended_at__lt=now - timedelta(days=30)
    )
    return wiping.told(came_to_nothing)


def _long_past(now: datetime) -> QuerySet[Appointment]:
    years = settings.KEEP_VISITS_YEARS * A_YEAR
    return wiping.told(Appointment.objects.filter(ends_at__lt=now - years))


def _over_secrets(now: datetime) -> QuerySet[Appointment]:
    past = Appointment.objects.filter(ends_at__lt=now - A_DAY)
    return past.exclude(media_secret_sealed="")


def _drop_secrets(rows: QuerySet[Model]) -> None:
    rows.update(media_secret_sealed="")


def _never_claimed(now: datetime) -> QuerySet[Appointment]:
    return wiping.told(Appointment.objects.filter(patient__in=guests.forgotten(now - A_DAY)))


def _past_guests(now: datetime) -> QuerySet[Patient]:
    return guests.forgotten(now - A_DAY).filter(appointment=None)


def _nobodys(now: datetime) -> QuerySet[User]:
    """Accounts that somebody began with an address that was never theirs to prove."""
    proven = EmailAddress.objects.filter(verified=True).values("user")
    return User.objects.filter(
        role=Role.PATIENT,
        is_active=True,
        patient__appointment=None,
        patient__guest=False,
        date_joined__lt=now - timedelta(days=7),
    ).exclude(pk__in=proven)


RULES = [
    Rule("particulars of holds that came to nothing, after 30 days", _never_held, _wipe),
    Rule("particulars of times that no guest claimed, after a day", _never_claimed, _wipe),
    Rule("guests who hold nothing, after a day", _past_guests, _delete_accounts),
    Rule("particulars of visits, after KEEP_VISITS_YEARS", _long_past, _wipe),
    Rule("media secrets of visits, after a day", _over_secrets, _drop_secrets),
    Rule("accounts whose address nobody proved, after 7 days", _nobodys, _delete_accounts),
    Rule(
        "device checks, after a year",
        lambda now: DeviceCheck.objects.filter(checked_at__lt=now - A_YEAR),
        _delete,
    ),
    Rule(
        "which messages were sent, after a year",
        lambda now: Message.objects.filter(written_at__lt=now - A_YEAR),
        _delete,
    ),
    Rule(
        "mails in the demo's letter box, after 30 days",
        lambda now: OutboxMail.objects.filter(at__lt=now - timedelta(days=30)),
        _delete,
    ),
    Rule(
        "keys of repeated requests, after a day",
        lambda now: IdempotencyKey.objects.filter(created_at__lt=now - A_DAY),
        _delete,
    ),
    Rule(
        "sessions that have ended",
        lambda now: Session.objects.filter(expire_date__lt=now),
        _delete,
    ),
    Rule(
        "addresses and browsers of sessions that are gone",
        lambda _: UserSession.objects.exclude(session_key__in=Session.objects.values("pk")),
        _delete,
    ),
]


def count() -> dict[str, int]:
    """How many rows of each rule have had their time."""
    now = clinic_now()
    return {rule.what: rule.over(now).count() for rule in RULES}


def clear() -> dict[str, int]:
    """End them all; answers how many there were. Repeating it finds none."""
    now, counted = clinic_now(), {}
    for rule in RULES:
        rows = rule.over(now)
        counted[rule.what] = rows.count()
        try:
            rule.end(rows)
        except Exception:  # a fault with one rule's rows must not keep all others' for ever
            log.exception("not all is cleared away of: %s", rule.what)
    return counted
