import asyncio
import signal
import sys
from typing import Any

from django.core.management.base import BaseCommand
from django.db import connections

from clinicall.jobs.worker import work
from clinicall.records.keys import claim_database
from clinicall.server.serve import refuse_missing_migrations


class Command(BaseCommand):
    help = "Run jobs, without serving anything"

    def handle(self, **_options: Any) -> None:
        refuse_missing_migrations()
        claim_database()
        connections.close_all()  # from here on each thread has its own
        self.stdout.write("Clinicall runs jobs (Ctrl-C stops it).")
        sys.stdout.flush()
        asyncio.run(until_signalled())


async def until_signalled() -> None:
    loop, worker = asyncio.get_running_loop(), asyncio.create_task(work())
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, worker.cancel)
    await asyncio.wait([worker])
