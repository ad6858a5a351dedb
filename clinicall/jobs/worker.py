"""The job worker: procrastinate, watched over.

A job whose worker died is run again, so every job must be safe to repeat.
"""

import asyncio
import copy
import logging
import time

import procrastinate
from procrastinate.contrib.django import app as django_app
from procrastinate.contrib.django import connector_params
from procrastinate.jobs import Job, Status

from clinicall.jobs.executor import THREADS

HEARTBEAT = 10  # seconds
DEAD_AFTER = 30  # seconds without one
SWEEP_EVERY = 10
TIME_TO_FINISH = 5  # less than a server's workers are given to end
CONNECTIONS = 2  # beside one for LISTEN and one for each thread
LONGEST_PAUSE = 30

logger = logging.getLogger(__name__)


async def work() -> None:
    """Run jobs until cancelled; then finish what has begun, if it ends soon."""
    pause = 1
    while True:
        began = time.monotonic()
        try:
            await _run()
        except Exception:
            logger.exception("the job worker failed")
        task = asyncio.current_task()
        if task and task.cancelling():
            return  # what failed was its end
        if time.monotonic() - began > LONGEST_PAUSE:
            pause = 1
        logger.warning("the job worker starts again in %s s", pause)
        await asyncio.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE)


async def _run() -> None:
    connector = procrastinate.PsycopgConnector(
        kwargs=connector_params(), min_size=1, max_size=CONNECTIONS
    )
    async with _app_on(connector).open_async() as app:
        sweeper = asyncio.create_task(_sweep(app))
        try:
            await app.run_worker_async(
                concurrency=THREADS,
                delete_jobs="successful",
                install_signal_handlers=False,
                shutdown_graceful_timeout=TIME_TO_FINISH,
                update_heartbeat_interval=HEARTBEAT,
                stalled_worker_timeout=DEAD_AFTER,
            )
        finally:
            sweeper.cancel()


def _app_on(connector: procrastinate.PsycopgConnector) -> procrastinate.App:
    """Django's tasks in an app of our own. Requests in this process go on deferring through Django,
    and periodic work, which a task defers through the app it belongs to, does not: on the event loop
    Django's connection would be one that nobody looks after."""
    app = procrastinate.App(connector=connector)
    for name, task in django_app.tasks.items():
        app.tasks[name] = copy.copy(task)
        app.tasks[name].blueprint = app
    for periodic in django_app.periodic_registry.periodic_tasks.values():
        app.periodic_registry.register_task(
            task=app.tasks[periodic.task.name],
            cron=periodic.cron,
            periodic_id=periodic.periodic_id,
            configure_kwargs={**periodic.configure_kwargs},
        )
    return app


async def _sweep(app: procrastinate.App) -> None:
    while True:
        try:
            for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=DEAD_AFTER):
                await _run_again(app, job)
            await app.job_manager.prune_stalled_workers(DEAD_AFTER)
        except procrastinate.exceptions.ConnectorException as error:
            # The database is away, or another worker's sweep was quicker.
            logger.warning("the sweep for dead workers' jobs was cut short: %s", error)
        await asyncio.sleep(SWEEP_EVERY)


async def _run_again(app: procrastinate.App, job: Job) -> None:
    logger.warning("job %s runs again: its worker died", job.id)
    try:
        await app.job_manager.retry_job(job)
    except procrastinate.exceptions.UniqueViolation:
        # Of regular work only one may wait, and one does already: it waits for this one's lock.
        await app.job_manager.finish_job(job, Status.FAILED, delete_job=True)
