"""The connections to the database on which the live routes speak."""

import asyncio
from typing import Any

import psycopg
from psycopg_pool import AsyncConnectionPool

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
