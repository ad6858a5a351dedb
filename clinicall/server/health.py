"""Whether this process lives, and whether the whole is ready to serve."""

import asyncio
from functools import cache

import psycopg
from django.db.migrations.loader import MigrationLoader
from psycopg_pool import PoolTimeout
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute, Route

from clinicall.live.hub import live_of
from clinicall.live.pool import Pool

ANSWER_WITHIN = 3  # seconds
OLDEST_HEARTBEAT = 30  # seconds: three that a job worker missed


async def healthz(_request: Request) -> JSONResponse:
    return JSONResponse({"status": "alive"})


async def readyz(request: Request) -> JSONResponse:
    """200, or 503 with the reasons. `workerSeconds` is the age of the last sign of a job worker;
    a `replica` that is late or away is no reason, as the primary answers for it."""
    live = live_of(request)
    reasons, age = [], None
    try:
        async with asyncio.timeout(ANSWER_WITHIN):
            missing = await missing_migrations(live.pool)
            age = await worker_age(live.pool)
    except (psycopg.Error, PoolTimeout, TimeoutError):
        reasons.append("The database does not answer.")
    else:
        if missing:
            reasons.append(f"{missing} migrations are missing: run `clinicall migrate`.")
        if age is None or age > OLDEST_HEARTBEAT:
            reasons.append("No job worker gave a sign of life: run `clinicall worker`.")
    if live.closing.is_set():
        reasons.append("This process is closing.")
    return JSONResponse(
        {
            "ready": not reasons,
            "reasons": reasons,
            "workerSeconds": age,
            "replica": live.reads.told(),
        },
        status_code=503 if reasons else 200,
    )


async def missing_migrations(pool: Pool) -> int:
    async with pool.connection() as connection:
        found = await connection.execute("select app, name from django_migrations")
        applied = set(await found.fetchall())
    return len(known_migrations() - applied)


@cache
def known_migrations() -> set[tuple[str, str]]:
    return set(MigrationLoader(None).disk_migrations)


async def worker_age(pool: Pool) -> float | None:
    async with pool.connection() as connection:
        found = await connection.execute(
            "select extract(epoch from clock_timestamp() - max(last_heartbeat))::float8"
            " from procrastinate_workers"
        )
        row = await found.fetchone()
    return round(row[0], 1) if row and row[0] is not None else None


routes: list[BaseRoute] = [Route("/healthz", healthz), Route("/readyz", readyz)]
