"""Answers of a moment ago, for what many ask at once.

They are kept until there is news of what they tell, and never for longer than LONGEST, as news may be lost:
so nobody reads what had changed two seconds before. Whether a time can be had, no answer decides.
"""

import asyncio
import zlib
from collections import defaultdict
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from time import monotonic
from typing import Final

LONGEST: Final = 1.5  # seconds, from when the database was asked
ROOM: Final = 16 << 20  # bytes of bodies, per worker process
BESIDE_A_BODY: Final = 500  # bytes that keeping one takes


@dataclass(frozen=True)
class Answer:
    body: bytes

    @cached_property
    def etag(self) -> str:
        return f'"{blake2b(self.body, digest_size=16).hexdigest()}"'

    @cached_property
    def gzipped(self) -> bytes:
        return zlib.compress(self.body, level=6, wbits=31)


Ask = Callable[[], Awaitable[Answer | None]]


@dataclass(eq=False)
class _Entry:
    topic: str
    until: float
    answer: "asyncio.Future[Answer | None]"
    size: int = BESIDE_A_BODY


class Kept:
    """`monotonic` is the time that passes."""

    def __init__(self, monotonic: Callable[[], float] = monotonic) -> None:
        self._monotonic = monotonic
        self._entries: dict[Hashable, _Entry] = {}  # the oldest first
        self._by_topic: dict[str, set[Hashable]] = defaultdict(set)
        self._size = 0

    async def answer(self, key: Hashable, topic: str, ask: Ask) -> Answer | None:
        """What `ask` answers, or did lately; whoever asks meanwhile waits for the same. News of `topic` ends
        it. None is asked for anew each time. Raises what `ask` raises."""
        entry = self._entries.get(key)
        if entry is None or entry.until <= self._monotonic():
            entry = self._asked(key, topic, ask)
        if entry.answer.done():
            return entry.answer.result()
        # Who goes away must not take the answer from the others.
        return await asyncio.shield(entry.answer)

    def forget(self, topic: str | None) -> None:
        """There is news of this topic; None: of any."""
        for key in list(self._entries if topic is None else self._by_topic.get(topic, ())):
            self._drop(key)

    def _asked(self, key: Hashable, topic: str, ask: Ask) -> _Entry:
        self._drop(key)
        entry = _Entry(topic, self._monotonic() + LONGEST, asyncio.ensure_future(_once(ask)))
        self._entries[key] = entry
        self._by_topic[topic].add(key)
        self._size += entry.size
        entry.answer.add_done_callback(lambda _: self._weigh(key, entry))
        return entry

    def _weigh(self, key: Hashable, entry: _Entry) -> None:
        if entry.answer.cancelled():
            return  # the process ends
        if self._entries.get(key) is not entry:
            return  # there was news meanwhile
        answer = None if entry.answer.exception() else entry.answer.result()
        if answer is None:
            self._drop(key)
            return
        entry.size += len(answer.body)
        self._size += len(answer.body)
        while self._size > ROOM:
            self._drop(next(iter(self._entries)))

    def _drop(self, key: Hashable) -> None:
        entry = self._entries.pop(key, None)
        if entry is None:
            return
        self._size -= entry.size
        self._by_topic[entry.topic].discard(key)
        if not self._by_topic[entry.topic]:
            del self._by_topic[entry.topic]


async def _once(ask: Ask) -> Answer | None:
    return await ask()
