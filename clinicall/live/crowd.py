"""How many sockets one account may have at once."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final
from uuid import UUID

MOST: Final = 20


class Crowd:
    """The sockets of each account in this worker, oldest first."""

    def __init__(self) -> None:
        self._of: dict[UUID, list[asyncio.Event]] = defaultdict(list)

    @asynccontextmanager
    async def place(self, person: UUID) -> AsyncIterator[asyncio.Event]:
        """For one more socket; what it yields is set once the place is lost to a newer one."""
        is_lost = asyncio.Event()
        theirs = self._of[person]
        theirs.append(is_lost)
        if len(theirs) > MOST:
            theirs.pop(0).set()
        try:
            yield is_lost
        finally:
            if not is_lost.is_set():
                theirs.remove(is_lost)
                if not theirs:
                    del self._of[person]
