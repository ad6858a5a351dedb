"""The hub: one LISTEN connection per worker process, any number of listeners behind it."""

import asyncio
import json
import logging
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import psycopg
from starlette.requests import HTTPConnection

from clinicall.core.announce import CHANNEL, NOTIFY, in_parts
from clinicall.live.crowd import Crowd
from clinicall.live.kept import Kept
from clinicall.live.pool import Pool
from clinicall.live.replica import Primary

RESYNC: Final = {"event": "resync"}
LONGEST_QUEUE: Final = 100

logger = logging.getLogger(__name__)

Message = dict[str, Any]


class Subscription:
    """The messages of one topic for one listener, in the order in which they were committed.

    `RESYNC` among them says that some were missed: ask again for all that matters.
    """

    def __init__(self) -> None:
        self._waiting: asyncio.Queue[Message] = asyncio.Queue(LONGEST_QUEUE)

    async def next(self) -> Message:
        return await self._waiting.get()

    def add(self, message: Message) -> None:
        if self._waiting.full():
            # A listener that cannot keep up is told so, rather than shown half of what happened.
            while not self._waiting.empty():
                self._waiting.get_nowait()
            message = RESYNC
        self._waiting.put_nowait(message)


class Hub:
    """`parameters` are those of `psycopg.connect`; `pool` is for speaking. `on_news` is called with each
    topic of which there is news, and with None when some may have been missed."""

    def __init__(
        self,
        parameters: Mapping[str, Any],
        pool: Pool,
        on_news: Callable[[str | None], None] = lambda _topic: None,
    ) -> None:
        # A database machine that vanished would otherwise be listened to for hours.
        self._parameters = {"keepalives_idle": 30, "keepalives_interval": 5, **parameters}
        self._pool = pool
        self._on_news = on_news
        self._topics: dict[str, set[Subscription]] = defaultdict(set)
        self._parts: dict[str, dict[int, str]] = {}

    @asynccontextmanager
    async def subscribe(self, topic: str) -> AsyncIterator[Subscription]:
        subscription = Subscription()
        self._topics[topic].add(subscription)
        try:
            yield subscription
        finally:
            self._topics[topic].discard(subscription)
            if not self._topics[topic]:
                del self._topics[topic]

    async def publish(self, topic: str, message: Message) -> None:
        """Tell the listeners of `topic`, in every worker. Raises psycopg.Error or PoolTimeout."""
        async with self._pool.connection() as connection:
            await connection.execute(NOTIFY, [in_parts(topic, message)])

    async def listen(self) -> None:
        """For ever. What was said while the connection was away is lost, so all are told."""
        pause = 0.1
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(
                    **self._parameters, autocommit=True
                ) as connection:
                    await connection.execute(f"listen {CHANNEL}")
                    pause = 0.1
                    self._tell_all(RESYNC)
                    async for notification in connection.notifies():
                        self._hear(notification.payload)
            except psycopg.Error as error:
                logger.warning("the hub lost its database (%s)", type(error).__name__)
            await asyncio.sleep(pause)
            pause = min(2 * pause, 5)

    def _hear(self, payload: str) -> None:
        try:
            name, number, piece = payload.split(" ", 2)
            part, parts = (int(n) for n in number.split("/"))
            pieces = self._parts.setdefault(name, {})
            pieces[part] = piece
            if len(pieces) < parts:
                return
            del self._parts[name]
            topic, text = "".join(pieces[n] for n in sorted(pieces)).split(" ", 1)
            message = json.loads(text)
        except ValueError:
            logger.warning("somebody said something on the channel that is no message of ours")
            return
        self._on_news(topic)
        for subscription in self._topics.get(topic, ()):
            subscription.add(message)

    def _tell_all(self, message: Message) -> None:
        self._parts.clear()
        self._on_news(None)
        for subscriptions in self._topics.values():
            for subscription in subscriptions:
                subscription.add(message)


@dataclass(frozen=True)
class Live:
    """What every live route needs from the process it runs in."""

    hub: Hub
    pool: Pool
    reads: Primary  # or beside a replica
    closing: asyncio.Event  # set when the process is about to end: every stream ends too
    crowd: Crowd = field(default_factory=Crowd)
    kept: Kept = field(default_factory=Kept)


def live_of(connection: HTTPConnection) -> Live:
    live = connection.state.live
    assert isinstance(live, Live)
    return live
