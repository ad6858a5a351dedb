"""Money that needs a person is told to people by mail: never in silence, and at least once."""

import logging
from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet

from clinicall.booking.unsettled import Unsettled, unsettled
from clinicall.core.clock import now as clinic_now
from clinicall.messages.mail import mailed
from clinicall.payments.models import Event, Payment, Refund
from clinicall.people.models import Role, User

log = logging.getLogger(__name__)

Thing = Payment | Refund | Event

BODY = """\
{things} a person:

{address}

That page says what happened, what goes on by itself, and what you can do.
"""


def alert() -> None:
    """Mail about what nobody was told of yet, to the staff of its clinic and to every admin.

    It counts as told once one of them has the mail, or where there is nobody to tell; else the next round
    tells it again. Nothing in a mail or a log names a patient.
    """
    _alert_of(lambda found: found.found_at_once)


def alert_of_kept_money() -> None:
    """The same of money without a visit, which takes seconds to find where much was ever paid. Only a fault
    leaves any: it is given back in the commit that finds it without."""
    _alert_of(lambda found: (found.paid_without_a_visit,))


def _alert_of(kinds: Callable[[Unsettled], Iterable[QuerySet[Any]]]) -> None:
    untold = _untold(kinds(unsettled(None, now=clinic_now())))
    if not untold:
        return
    for thing in untold:
        log.error("%s %s needs a person", thing._meta.model_name, thing.pk)  # noqa: SLF001 (documented)
    known: set[Thing] = set()
    told: set[Thing] = set()
    for reader in User.objects.filter(Q(role=Role.ADMIN) | Q(role=Role.STAFF), is_active=True):
        theirs = unsettled(reader, now=clinic_now())
        news = _untold(kinds(theirs))
        known |= news
        if news and _told(reader, theirs.for_a_person):
            told |= news
    for thing in told | untold - known:
        thing.alerted_at = clinic_now()
        thing.save(update_fields=["alerted_at"])


def _untold(kinds: Iterable[QuerySet[Any]]) -> set[Thing]:
    return {thing for kind in kinds for thing in kind.filter(alerted_at=None)}


def _told(reader: User, count: int) -> bool:
    things = f"{count} things on the Money page need"
    if count == 1:
        things = "1 thing on the Money page needs"
    body = BODY.format(things=things, address=f"{settings.SITE_URL}/money/")
    subject = f"{things} a person"
    return mailed(f"account {reader.pk}", to=reader.email, subject=subject, body=body)
