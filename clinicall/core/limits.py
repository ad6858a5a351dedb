"""How often one person or address may ask for what costs something. docs/limits.md is the table.

A limit counts in windows: each begins with the first that is counted, or for a limit per worker,
for all at once. Settings: RATE_LIMITS turns all of them off, for load tests.
"""

import hmac
import math
import threading
import time
from dataclasses import dataclass, field
from uuid import UUID

from django.conf import settings
from django.db import connection

from clinicall.core.addresses import household
from clinicall.core.clock import ClinicNow
from clinicall.core.models import Tally
from clinicall.core.prepared import fetch
from clinicall.core.refusals import SlowDown

COUNT = """
insert into core_tally as kept (key, used, until)
values (%(key)s, 1, clinic_now() + %(seconds)s * interval '1 second')
on conflict (key) do update set
  used = case when kept.until <= clinic_now() then 1 else kept.used + 1 end,
  until = case when kept.until <= clinic_now() then excluded.until else kept.until end
returning used, extract(epoch from until - clinic_now())::float8
"""
# allauth's counts lie in Django's cache, which clears away only when it is full.
FORGET_THE_CACHES = "delete from core_cache where expires < now()"


@dataclass(frozen=True)
class Limit:
    """At most `most` in `seconds`, whichever worker is asked: the database counts."""

    name: str
    most: int
    seconds: int

    def count(self, who: UUID | str) -> None:
        """One more of `who`, an account's id or an address. Raises SlowDown.

        For use outside of transactions: what is rolled back was not counted.
        """
        if not settings.RATE_LIMITS:
            return
        facts: dict[str, str | int] = {
            "key": keyed(f"{self.name}:{_counted(who)}"),
            "seconds": self.seconds,
        }
        used, left = fetch(COUNT, facts)
        if used > self.most:
            raise SlowDown(math.ceil(left))


@dataclass
class WorkerLimit:
    """The same, but counted in the memory of each worker: for what is asked so often that counting in
    the database would cost more than answering."""

    name: str
    most: int
    seconds: int
    _used: dict[str, int] = field(default_factory=dict, repr=False)
    _until: float = field(default=0.0, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def count(self, who: str) -> None:
        """One more of `who`, an address. Raises SlowDown."""
        if not settings.RATE_LIMITS:
            return
        with self._lock:
            now = time.monotonic()
            if now >= self._until:
                self._used.clear()
                self._until = now + self.seconds
            used = self._used[_counted(who)] = self._used.get(_counted(who), 0) + 1
            left = self._until - now
        if used > self.most:
            raise SlowDown(math.ceil(left))


HOLDS_OF_A_PATIENT = Limit("holds of a patient", 6, 600)
HOLDS_FROM_AN_ADDRESS = Limit("holds from an address", 200, 600)
JOINS = Limit("joins", 20, 60)
DEVICE_CHECKS = Limit("device checks", 20, 60)
NIC_REVEALS = Limit("NIC reveals", 30, 3600)
EXPORTS = Limit("copies of a record", 5, 24 * 3600)
PUBLIC_READS = WorkerLimit("public reads", 120, 60)
SANDBOX_PAGES = WorkerLimit("sandbox pages", 60, 60)
WEBHOOKS = WorkerLimit("webhooks", 50, 1)


def forget_old() -> None:
    """Remove what no longer counts."""
    Tally.objects.filter(until__lte=ClinicNow()).delete()
    with connection.cursor() as cursor:
        cursor.execute(FORGET_THE_CACHES)


def keyed(text: str) -> str:
    """32 hex digits from which nobody without our key can guess `text`."""
    return hmac.digest(
        settings.SECRET_KEY.encode(), b"clinicall limit " + text.encode(), "sha256"
    ).hex()[:32]


def cache_key(key: str, key_prefix: str, version: int) -> str:
    """Django's KEY_FUNCTION: allauth's own keys would tell addresses."""
    return keyed(f"{key_prefix}:{version}:{key}")


def _counted(who: UUID | str) -> str:
    return household(who) if isinstance(who, str) else str(who)
