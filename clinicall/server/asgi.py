"""The one application: live routes on the event loop, everything else Django's."""

import asyncio
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from procrastinate.contrib.django import connector_params
from starlette.routing import Router
from starlette.types import ASGIApp

from clinicall.jobs.worker import work
from clinicall.live import reads
from clinicall.live import routes as live
from clinicall.live.hub import Hub, Live
from clinicall.live.kept import Kept
from clinicall.live.pool import Pool, pool_at
from clinicall.live.replica import Primary, Replica
from clinicall.server import health
from clinicall.server.bridge import Bridge
from clinicall.server.headers import with_headers
from clinicall.server.postgres import Embedded

# Connections to the database, per process: one for each Django thread, a pool for the live routes
# (live/pool.py), one that listens, and five of the job worker. With a replica one more that watches it,
# and to the replica as many as to watch it and a pool.
DJANGO_THREADS = 4
TIME_TO_END = 10  # seconds
# A machine that vanished is no longer waited for after so many seconds, and milliseconds.
PATIENCE_WITH_A_REPLICA = {"connect_timeout": 2, "tcp_user_timeout": 2000}


def application(*, with_worker: bool, embedded: Path | None) -> ASGIApp:
    """The application of one process. `with_worker`: it runs jobs too. `embedded` is the folder of
    the embedded server that it uses."""
    closing = asyncio.Event()
    django = Bridge(
        get_wsgi_application(),
        threads=DJANGO_THREADS,
        largest_body=settings.DATA_UPLOAD_MAX_MEMORY_SIZE,
        scheme=urlsplit(settings.SITE_URL).scheme,
        trusted_proxies=settings.TRUSTED_PROXIES,
        closing=closing,
    )

    @asynccontextmanager
    async def life(_app: object) -> AsyncIterator[Mapping[str, Any]]:
        async with AsyncExitStack() as stack:
            server = stack.enter_context(Embedded(embedded)) if embedded else None
            if parent := multiprocessing.parent_process():
                # What a terminal sends to all is for the main process, which ends us in order.
                os.setsid()
                watch = threading.Thread(target=_end_with, args=[parent.pid, server], daemon=True)
                watch.start()
            asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, closing.set)
            database = connector_params()
            pool = pool_at(database)
            await pool.open()
            stack.push_async_callback(pool.close, timeout=2)
            source = await _source_of_reads(database, pool, stack)
            kept = Kept()

            def hear(topic: str | None) -> None:
                source.hear(topic)
                kept.forget(topic)

            hub = Hub(database, pool, on_news=hear)
            doings = [hub.listen(), source.watch(), *([work()] if with_worker else [])]
            tasks = [asyncio.create_task(doing) for doing in doings]
            try:
                yield {"live": Live(hub, pool, source, closing, kept=kept)}
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

    router = Router(
        [*health.routes, *live.routes, *reads.routes(django)],
        default=django,
        redirect_slashes=False,
        lifespan=life,
    )
    return with_headers(router)


async def _source_of_reads(
    database: Mapping[str, Any], pool: Pool, stack: AsyncExitStack
) -> Primary:
    """Where the hot reads are asked, until `stack` ends."""
    if not settings.REPLICA:
        return Primary(pool)
    there = {"application_name": "clinicall", **PATIENCE_WITH_A_REPLICA, **settings.REPLICA}
    # Nobody but `watch` goes on looking for one that is away.
    replica_pool = pool_at(there, least=0)
    await replica_pool.open()
    stack.push_async_callback(replica_pool.close, timeout=2)
    return Replica(pool, replica_pool, primary_at=database, replica_at=there)


def _end_with(parent: int | None, server: Embedded | None) -> None:
    """End this worker when the main process was killed, for nobody else would ever end it."""
    while os.getppid() == parent:
        time.sleep(0.5)
    os.kill(os.getpid(), signal.SIGUSR1)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(TIME_TO_END)
    try:
        if server:
            server.__exit__()  # fails where only a job's thread is left, and all else has ended
    finally:
        os._exit(1)
