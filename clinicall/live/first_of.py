"""Waiting for several things at once."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


async def first_of(*doings: Coroutine[Any, Any, T]) -> T:
    """What the first to end returns, or raises; the others are cancelled, and over on return."""
    tasks = [asyncio.create_task(doing) for doing in doings]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        return next(task for task in tasks if task.done()).result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
