"""Connections to the database for what runs on the event loop."""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

import psycopg
from psycopg_pool import AsyncConnectionPool

MOST_CONNECTIONS: Final = 4
GIVEN_WITHIN: Final = 5.0  # seconds

Connection = psycopg.AsyncConnection[tuple[Any, ...]]


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
        kwargs={**parameters, "autocommit": True},
        check=Pool.check_connection,
        open=False,
    )
