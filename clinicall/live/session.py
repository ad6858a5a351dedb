"""The session in which a socket was opened. Once it has ended, the socket is closed with 4401,
and so is the oldest of a person who has too many."""

import asyncio
import logging
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import psycopg
from django.contrib.auth import HASH_SESSION_KEY
from django.utils.crypto import constant_time_compare
from psycopg_pool import PoolTimeout

from clinicall.core.announce import session_topic
from clinicall.live.first_of import first_of
from clinicall.live.hub import Live
from clinicall.live.socket import PASS_NOT_VALID, PING_EVERY, Close
from clinicall.people.models import User
from clinicall.people.sessions import LIMITS, SessionStore, end_if_used_now, name_of

# An announcement may be lost, and no one announces that a session has lasted its time.
LOOK_EVERY: Final = PING_EVERY
USE_NOTED_EVERY: Final = timedelta(minutes=1)

THEIRS = """
select s.session_key, s.session_data, s.expire_date, p.password
  from usersessions_usersession u join django_session s using (session_key)
  join people_user p on p.id = u.user_id
 where u.user_id = %s and p.is_active and s.expire_date > %s
"""
USED = "update django_session set expire_date = %s where session_key = %s"

logger = logging.getLogger(__name__)


class Session:
    """`name` is what a ticket or a pass says, and `person` whose page it was for."""

    def __init__(self, live: Live, person: UUID, name: str) -> None:
        self.hub = live.hub
        self.pool = live.pool
        self.crowd = live.crowd
        self.person = person
        self.name = name

    async def must_stand(self, *, in_use: bool = False) -> timedelta:
        """How long it still does, if nothing happens. `in_use`: the socket is a use of it. Raises Close,
        psycopg.Error and PoolTimeout."""
        now = datetime.now(UTC)
        async with self.pool.connection() as connection:
            found = await connection.execute(THEIRS, [self.person, now])
            rows = [row for row in await found.fetchall() if _is(row[0], self.name)]
            if not rows:
                raise Close(PASS_NOT_VALID)
            key, data, ends_at, password = rows[0]
            content = SessionStore().decode(data)
            if not _has_its_password(content, password):
                raise Close(PASS_NOT_VALID)
            if in_use and LIMITS in content:
                prolonged = end_if_used_now(content[LIMITS])
                if prolonged - ends_at > USE_NOTED_EVERY:
                    await connection.execute(USED, [prolonged, key])
                    ends_at = prolonged
        left: timedelta = ends_at - now
        return left

    async def watch(self, *, in_use: bool = False) -> None:
        """Until it ends, or the socket's place is lost to a newer one of the same person: raises Close."""
        async with self.crowd.place(self.person) as is_lost:
            await first_of(self._stands(in_use), _lost(is_lost))

    async def _stands(self, in_use: bool) -> None:
        async with self.hub.subscribe(session_topic(self.name)) as news:
            while True:
                wait = float(LOOK_EVERY)
                try:
                    left = await self.must_stand(in_use=in_use)
                    wait = min(wait, left.total_seconds())
                except (psycopg.Error, PoolTimeout) as error:
                    # Two who talk to each other need no database; it is asked again.
                    logger.warning("no session could be looked up (%s)", type(error).__name__)
                with suppress(TimeoutError):
                    async with asyncio.timeout(wait):
                        await news.next()


async def _lost(place: asyncio.Event) -> None:
    await place.wait()
    # A page that waits does not come back by itself after this; it would push out the next.
    raise Close(PASS_NOT_VALID)


def _is(key: str, name: str) -> bool:
    return constant_time_compare(name_of(key), name)


def _has_its_password(content: dict[str, Any], password: str) -> bool:
    """Django ends all sessions of a person whose password was changed, wherever that was."""
    expected = User(password=password).get_session_auth_hash()
    return constant_time_compare(content.get(HASH_SESSION_KEY, ""), expected)
