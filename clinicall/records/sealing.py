"""Sealing the audit: batches of entries, each with a digest that the next one goes on from.

The digest is the SHA-256, in hex, of the digest before it (nothing for the first), a line feed, and the
entries in the order of their ids. An entry is one line of JSON, without spaces and in ASCII, with a line
feed at its end: `[id, at, actor_id, actor_role, action, what, subjects, objects_seen, request_id]`, where
`at` is the UTC instant with six digits of a second, like `2026-11-23T06:30:00.000000+00:00`.
"""

import hashlib
import json
from collections.abc import Iterable
from datetime import UTC

import psycopg
from django.db import OperationalError, connection, transaction
from django.db.models import QuerySet

from clinicall.core.clock import ClinicNow
from clinicall.records.models import AuditEntry, AuditSeal

# Waits for the entries that are being written, and keeps others waiting meanwhile: an entry takes its
# number only once it may be written, so none below the last one can still come. Also one sealer at a time.
WAIT_FOR_WRITERS = """
set local lock_timeout = '2s';
lock table records_auditentry in share row exclusive mode;
"""


def seal_audit() -> AuditSeal | None:
    """Seal what was noted since the last seal. None where nothing was, or where somebody writes for so
    long that we come back later; safe to run in any number of workers at once."""
    try:
        return _seal()
    except OperationalError as error:
        if isinstance(error.__cause__, psycopg.errors.LockNotAvailable):
            return None
        raise


@transaction.atomic
def _seal() -> AuditSeal | None:
    with connection.cursor() as cursor:
        cursor.execute(WAIT_FOR_WRITERS)
    last = AuditSeal.objects.order_by("pk").last()
    unsealed = AuditEntry.objects.filter(pk__gt=last.last_entry if last else 0)
    entries = list(unsealed.order_by("pk"))
    if not entries:
        return None
    previous = last.digest if last else ""
    return AuditSeal.objects.create(
        first_entry=entries[0].pk,
        last_entry=entries[-1].pk,
        count=len(entries),
        digest=digest_of(entries, previous=previous),
        previous=previous,
        at=ClinicNow(),
    )


def digest_of(entries: Iterable[AuditEntry], *, previous: str) -> str:
    digest = hashlib.sha256(f"{previous}\n".encode())
    for entry in entries:
        digest.update(_line(entry))
    return digest.hexdigest()


def _line(entry: AuditEntry) -> bytes:
    facts = [
        entry.pk,
        entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        str(entry.actor_id) if entry.actor_id else None,
        entry.actor_role,
        entry.action,
        entry.what,
        [str(one) for one in entry.subjects],
        [str(one) for one in entry.objects_seen],
        entry.request_id,
    ]
    return f"{json.dumps(facts, separators=(',', ':'))}\n".encode()


def first_broken_seal() -> AuditSeal | None:
    """The first seal that does not fit: an entry under it was changed, removed or slipped in, or the seal
    itself or the one before it is another. Nothing can tell that the newest seals were removed together
    with their entries; who wants to know that keeps a digest elsewhere."""
    before, previous = 0, ""
    for seal in AuditSeal.objects.order_by("pk").iterator():
        if seal.previous != previous or _digest_under(seal, before) != seal.digest:
            return seal
        before, previous = seal.last_entry, seal.digest
    return None


def _digest_under(seal: AuditSeal, before: int) -> str:
    under: QuerySet[AuditEntry] = AuditEntry.objects.filter(
        pk__gt=before, pk__lte=seal.last_entry
    ).order_by("pk")
    return digest_of(under.iterator(), previous=seal.previous)
