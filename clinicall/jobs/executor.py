"""Where jobs run Django code: on a few threads of their own.

A database connection lives as long as its thread. `asyncio.to_thread` has as many threads as it
likes, and each would keep a connection for ever.
"""

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from functools import partial, wraps
from typing import Any, ParamSpec, TypeVar

from django.db import close_old_connections

P = ParamSpec("P")
T = TypeVar("T")

THREADS = 2

_threads = ThreadPoolExecutor(THREADS, thread_name_prefix="job")


def in_thread(function: Callable[P, T]) -> Callable[P, Coroutine[Any, Any, T]]:
    """The same function for the event loop: what a task's function is decorated with."""

    @wraps(function)
    async def run(*args: P.args, **kwargs: P.kwargs) -> T:
        loop = asyncio.get_running_loop()
        work = partial(_with_a_living_connection, function, *args, **kwargs)
        return await loop.run_in_executor(_threads, work)

    return run


def _with_a_living_connection(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    close_old_connections()
    try:
        return function(*args, **kwargs)
    finally:
        close_old_connections()
