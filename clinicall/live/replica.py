"""Where the hot reads are asked: of a streaming replica while it keeps up, else of the primary.

A replica tells what was true a moment ago, and kept answers (live/kept.py) add theirs. So it is asked
only while it is surely no further behind than MOST_BEHIND, and has all that there was news of: with an
answer kept, nobody reads what had changed two seconds before. What may be booked, the primary decides alone.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from time import monotonic
from typing import Any, Final, TypeVar

import psycopg
from psycopg import AsyncConnection
from psycopg_pool import PoolTimeout

from clinicall.live.pool import Pool

T = TypeVar("T")
Find = Callable[[Pool], Awaitable[T]]

# Seconds. Answers are kept for 1.5, and a tenth is left for the way to the reader. What is known is as old as
# the last look, so looks are four times as frequent.
MOST_BEHIND: Final = 0.4
LOOK_EVERY: Final = 0.1
IN_TIME_FOR: Final = 1.0  # before it is used again, so that it is not left and used by turns
ANSWER_WITHIN: Final = 1.0
LONGEST_PAUSE: Final = 5.0

# Of which history its log is, and how far it was written: what is committed is written before it is seen.
WRITTEN: Final = """
select system_identifier || ' ' || left(pg_walfile_name(pg_current_wal_lsn()), 8),
  (pg_current_wal_lsn() - '0/0')::int8
from pg_control_system()
"""
# No row from one that was promoted or has not begun. Its timeline is that of the last restart point.
REPLAYED: Final = """
select system_identifier || ' ' || upper(lpad(to_hex(timeline_id), 8, '0')),
  (pg_last_wal_replay_lsn() - '0/0')::int8
from pg_control_system(), pg_control_checkpoint()
where pg_is_in_recovery() and pg_last_wal_replay_lsn() is not null
"""

logger = logging.getLogger(__name__)


class Primary:
    """Where the reads are asked that have nowhere else to go."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def ask(self, _topic: str, find: Find[T]) -> T:
        """What `find` finds of `topic` by a pool of connections. Raises what `find` raises."""
        try:
            return await find(self._pool)
        except psycopg.OperationalError as error:
            if isinstance(error, PoolTimeout):
                raise
            # All that were there when the database restarted are looked at, and then it is asked once more.
            await self._pool.check()
            return await find(self._pool)

    def hear(self, topic: str | None) -> None:
        """There is news of this topic; None: some may have been missed."""

    async def watch(self) -> None:
        """For ever, where there is something to watch."""

    def told(self) -> dict[str, Any] | None:
        """For whoever looks after the servers. None: there is no replica."""
        return None


class Freshness:
    """How far behind a replica is, at most. `monotonic` is the time that passes.

    A place in the primary's log is remembered with a moment before it was asked for: who has replayed up to
    there has all that was committed by then.
    """

    def __init__(self, monotonic: Callable[[], float] = monotonic) -> None:
        self._monotonic = monotonic
        self._places: deque[tuple[float, int]] = deque()
        self._as_of: float | None = None
        self._late_at = monotonic()
        self._news: dict[str, float] = {}  # of the last moments, the oldest first

    def written(self, moment: float, place: int) -> None:
        self._places.append((moment, place))

    def replayed(self, place: int) -> None:
        while self._places and self._places[0][1] <= place:
            self._as_of, _ = self._places.popleft()
        if self._is_late():
            self._late_at = self._monotonic()

    def lost(self) -> None:
        """It does not answer, or is not what it should be."""
        self._places.clear()
        self._as_of = None
        self._late_at = self._monotonic()

    def hear(self, topic: str) -> None:
        now = self._monotonic()
        self._news.pop(topic, None)
        self._news[topic] = now
        while self._news[oldest := next(iter(self._news))] < now - MOST_BEHIND:
            del self._news[oldest]  # who has not even that is late

    @property
    def behind(self) -> float | None:
        """Seconds; None when nobody knows."""
        return None if self._as_of is None else self._monotonic() - self._as_of

    @property
    def is_in_time(self) -> bool:
        return not self._is_late() and self._monotonic() - self._late_at >= IN_TIME_FOR

    def has_the_news_of(self, topic: str) -> bool:
        heard_at = self._news.get(topic)
        return heard_at is None or (self._as_of is not None and heard_at <= self._as_of)

    def _is_late(self) -> bool:
        return self.behind is None or self.behind > MOST_BEHIND


class Replica(Primary):
    """Where the reads are asked beside a streaming replica. The parameters are those of `psycopg.connect`."""

    def __init__(
        self,
        primary: Pool,
        replica: Pool,
        *,
        primary_at: Mapping[str, Any],
        replica_at: Mapping[str, Any],
    ) -> None:
        super().__init__(primary)
        self._replica = replica
        self._primary_at, self._replica_at = primary_at, replica_at
        self._freshness = Freshness()
        self._is_used = False

    async def ask(self, topic: str, find: Find[T]) -> T:
        """As of the primary, and of it at once when the replica fails."""
        if self._can_be_used() and self._freshness.has_the_news_of(topic):
            asking = asyncio.ensure_future(find(self._replica))
            asking.add_done_callback(_let_go)
            await asyncio.wait([asking], timeout=ANSWER_WITHIN)
            if asking.done() and not asking.exception():
                return asking.result()
            asking.cancel()  # and not waited for: a server that stands still would not hear of it
            self._leave()
        return await super().ask(topic, find)

    def hear(self, topic: str | None) -> None:
        if topic is not None:  # what nobody can name is for the bound
            self._freshness.hear(topic)

    async def watch(self) -> None:
        pause = LOOK_EVERY
        while True:
            try:
                async with (
                    await AsyncConnection.connect(**self._primary_at, autocommit=True) as primary,
                    await AsyncConnection.connect(**self._replica_at, autocommit=True) as replica,
                ):
                    while await self._look(primary, replica):
                        pause = LOOK_EVERY
                        await asyncio.sleep(LOOK_EVERY)
            except psycopg.Error as error:
                logger.debug("the replica or its primary is away (%s)", type(error).__name__)
            self._leave()
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    def told(self) -> dict[str, Any]:
        """`secondsBehind` is what it may be behind at most; None when nobody knows."""
        behind = self._freshness.behind
        return {
            "used": self._can_be_used(),
            "secondsBehind": None if behind is None else round(behind, 2),
        }

    async def _look(self, primary: AsyncConnection[Any], replica: AsyncConnection[Any]) -> bool:
        """False when the one is no replica of the other."""
        moment = monotonic()
        written = await (await primary.execute(WRITTEN)).fetchone()
        replayed = await (await replica.execute(REPLAYED)).fetchone()
        if not written or not replayed or written[0] != replayed[0]:
            return False
        self._freshness.written(moment, written[1])
        self._freshness.replayed(replayed[1])
        self._can_be_used()
        return True

    def _leave(self) -> None:
        self._freshness.lost()
        self._can_be_used()

    def _can_be_used(self) -> bool:
        """Whether it is in time; the log has each change of that."""
        before, self._is_used = self._is_used, self._freshness.is_in_time
        if before and not self._is_used:
            logger.warning("the reads go to the primary: the replica is late, or does not answer")
        if self._is_used and not before:
            logger.info("the reads go to the replica, which keeps up")
        return self._is_used


def _let_go(asking: "asyncio.Future[Any]") -> None:
    """What it ends with is looked at, so that asyncio does not report it as forgotten."""
    if not asking.cancelled():
        asking.exception()
