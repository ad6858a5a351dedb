"""Connections to the database for what runs on the event loop."""

import asyncio
from collections.abc import Mapping
from time import monotonic
from typing import Any, Final
from weakref import WeakKeyDictionary

import psycopg
from psycopg_pool import AsyncConnectionPool

from clinicall.core.prepared import ASKED_BEFORE

MOST_CONNECTIONS: Final = 4
GIVEN_WITHIN: Final = 5.0  # seconds
RESTED: Final = 1.0  # seconds without use, after which a connection is looked at before it is given

Connection = psycopg.AsyncConnection[tuple[Any, ...]]

# When each connection was last given back.
_used: WeakKeyDictionary[Connection, float] = WeakKeyDictionary()


class Pool(AsyncConnectionPool[Connection]):
    async def getconn(self, timeout: float | None = None) -> Connection:
        """As the pool itself, but whoever is cancelled while they are handed a connection does hear of it.

        The pool waits by `asyncio.wait_for`, which forgets a cancellation that comes together with what was
        waited for (Python 3.11, python/cpython#86296; psycopg/psycopg#1413). A task that is so made to end
        would go on, and with it the socket whose end waits for the task.
        """
        task = asyncio.current_task()
        assert task
        cancelled_before = task.cancelling()  # who tidies up after a cancellation asks here too
        connection = await super().getconn(timeout)
        if task.cancelling() > cancelled_before:
            await self.putconn(connection)
            raise asyncio.CancelledError
        return connection


def pool_at(parameters: Mapping[str, Any], *, least: int = 1) -> Pool:
    """Not open yet. `parameters` are those of `psycopg.connect`; `least` connections are always kept."""
    return Pool(
        min_size=least,
        max_size=MOST_CONNECTIONS,
        timeout=GIVEN_WITHIN,
        # Django's parameters turn preparing off.
        kwargs={**parameters, "autocommit": True, "prepare_threshold": ASKED_BEFORE},
        check=_stands,
        reset=_note_use,
        open=False,
    )


async def _stands(connection: Connection) -> None:
    """Raises psycopg.Error where the database has gone away since."""
    # To look costs as much as many a question does, so who is busy is believed.
    if monotonic() - _used.get(connection, 0.0) > RESTED:
        await Pool.check_connection(connection)


async def _note_use(connection: Connection) -> None:
    _used[connection] = monotonic()
