"""Waiting for several things at once."""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, Final, TypeVar

T = TypeVar("T")

AGAIN_AFTER: Final = 5  # seconds


async def first_of(*doings: Coroutine[Any, Any, T]) -> T:
    """What the first to end returns, or raises; the others are cancelled, and over on return. Those that
    are not over after `AGAIN_AFTER` are cancelled once more, whatever they are tidying up."""
    tasks = [asyncio.create_task(doing) for doing in doings]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        return next(task for task in tasks if task.done()).result()
    finally:
        for task in tasks:
            task.cancel()
        # Whatever waits by `asyncio.wait_for` may not hear it the first time (see live/pool.py).
        with suppress(TimeoutError):
            async with asyncio.timeout(AGAIN_AFTER):
                # Cancelled itself, it cancels them, and still ends only when all of them have.
                await asyncio.gather(*tasks, return_exceptions=True)
