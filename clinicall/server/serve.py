"""Living and dying: granian's processes, and that none of them outlives its purpose."""

import multiprocessing
import os
import resource
import signal
import socket
import sys
import time
from contextlib import suppress
from functools import partial
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import CommandError
from django.db import connection, connections
from django.db.migrations.executor import MigrationExecutor
from granian.constants import Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server.mp import MPServer

from clinicall.server import postgres
from clinicall.server.asgi import TIME_TO_END, application

OPEN_CONNECTIONS = 4096  # per worker: onlookers keep theirs open
LAST_WORDS = 0.3  # seconds
LONGEST_HEAD = 64 << 10  # bytes of a request before its body
LOGGING = {"loggers": {"_granian": {"propagate": True}}}  # to ours


class Server(MPServer):
    """granian, which by itself waits for ever for open streams."""

    def startup(self, *arguments: Any) -> None:
        hangup = signal.getsignal(signal.SIGHUP)
        super().startup(*arguments)  # type: ignore[no-untyped-call]
        if hangup is signal.SIG_IGN:  # as nohup asks
            signal.signal(signal.SIGHUP, signal.SIG_IGN)

    def shutdown(self, exit_code: int = 0) -> None:
        for worker in multiprocessing.active_children():
            with suppress(ProcessLookupError):
                os.kill(worker.pid or 0, signal.SIGUSR1)
        # A worker that is told to end drops its sockets, whatever they have left to say.
        time.sleep(LAST_WORDS)
        super().shutdown(exit_code)  # type: ignore[no-untyped-call]

    def signal_handler_interrupt(self, *_: object) -> None:
        for worker in self.wrks:
            # Whoever stops a whole group of processes stops them too: no accident to report.
            worker.interrupt_by_parent = True
        super().signal_handler_interrupt()  # type: ignore[no-untyped-call]

    def signal_handler_reload(self, *_: object) -> None:
        # The terminal was closed. There is nothing to reload: that would leave us without one.
        self.signal_handler_interrupt()


def refuse_missing_migrations() -> None:
    """Raises CommandError."""
    executor = MigrationExecutor(connection)
    if missing := executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise CommandError(f"{len(missing)} migrations are missing: run `clinicall migrate`.")


def serve(*, workers: int, with_worker: bool) -> None:
    """Serve until SIGINT, SIGTERM or SIGHUP. Raises ImproperlyConfigured when the port is taken."""
    address = "0.0.0.0" if settings.PRODUCTION else "127.0.0.1"  # noqa: S104 - it is to be reached
    _refuse_a_taken_port(address, settings.PORT)
    _allow_open_files()
    connections.close_all()  # a connection does not survive a fork
    # Until a worker has its own handler: the default would be to die of it.
    signal.signal(signal.SIGUSR1, signal.SIG_IGN)
    server = Server(
        "clinicall",
        address=address,
        port=settings.PORT,
        interface=Interfaces.ASGI,
        workers=workers,
        backpressure=OPEN_CONNECTIONS,
        respawn_failed_workers=True,
        workers_kill_timeout=TIME_TO_END,
        http1_settings=HTTP1Settings(max_buffer_size=LONGEST_HEAD),
        log_level=LogLevels.warning,
        log_dictconfig=LOGGING,
    )
    embedded = postgres.in_use.folder if postgres.in_use else None
    sys.stdout.write(f"Clinicall serves {settings.SITE_URL} (Ctrl-C stops it).\n")
    sys.stdout.flush()
    server.serve(
        target_loader=partial(application, with_worker=with_worker, embedded=embedded),
        wrap_loader=False,
    )


def _refuse_a_taken_port(address: str, port: int) -> None:
    # Workers share the port (SO_REUSEPORT), so a second server would share it unnoticed.
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError as error:
            raise ImproperlyConfigured(
                f"Port {port} cannot be used ({error.strerror}): set PORT to another one."
            ) from error


def _allow_open_files() -> None:
    # Most systems allow 1,024 at first, and every onlooker needs one.
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 2 * OPEN_CONNECTIONS
    enough = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (enough, hard))
