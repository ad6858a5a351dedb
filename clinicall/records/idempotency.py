"""Doing a thing once, however often it is asked for."""

import hashlib
import hmac
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection

from clinicall.core.prepared import fetch
from clinicall.core.refusals import IdempotencyKeyReused

# Remembering ends after a day: the clients that retry have long given up. A rival with the same key
# waits here until the first has committed, and then gets no row.
CLAIM = """
insert into records_idempotencykey as known (user_id, key, body_hash, made, created_at)
values (%(user)s, %(key)s, %(body_hash)s, %(made)s, clinic_now())
on conflict (user_id, key) do update
  set body_hash = excluded.body_hash, made = excluded.made, created_at = excluded.created_at
  where known.created_at < clinic_now() - interval '24 hours'
returning made
"""
READ = (
    "select made, body_hash from records_idempotencykey where user_id = %(user)s and key = %(key)s"
)
# Unless the other one has used the same key; then theirs stands.
HAND_OVER = """
with given as (
  delete from records_idempotencykey where user_id = %(giver)s returning key, body_hash, made, created_at
)
insert into records_idempotencykey (user_id, key, body_hash, made, created_at)
select %(taker)s, key, body_hash, made, created_at from given
on conflict do nothing
"""


def claim(*, user_id: UUID, key: str, body: bytes, making: UUID) -> UUID:
    """`making`, or the id that an earlier request with this key made; inside the caller's transaction.

    Raises IdempotencyKeyReused when the key came with another body before.
    """
    facts: dict[str, Any] = {
        "user": user_id,
        "key": key,
        "made": making,
        "body_hash": hmac.new(settings.SECRET_KEY.encode(), body, hashlib.sha256).hexdigest(),
    }
    if fetch(CLAIM, facts):
        return making
    made, body_hash = fetch(READ, facts)
    if not hmac.compare_digest(body_hash, facts["body_hash"]):
        raise IdempotencyKeyReused
    assert isinstance(made, UUID)
    return made


def hand_over(giver: UUID, taker: UUID) -> None:
    """What the one has asked for, the other has; inside the caller's transaction."""
    with connection.cursor() as cursor:
        cursor.execute(HAND_OVER, {"giver": giver, "taker": taker})
