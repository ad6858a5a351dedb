"""900 clients that are slow on purpose, and what ordinary visitors notice of them.

Each of the slow has one connection: some send the head of a request byte by byte, some its body, and some
ask for a file ten times and read nothing. When the storm is over they hang up.
"""

import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread

import psutil

from bench.resting import pss
from bench.storm_clinic import Clinic
from bench.visitors import Visitors, percentiles
from tests.cluster.load import Load
from tests.server.serving import Server, wait_for

HEADS, BODIES, DEAF = 500, 200, 200
TIMES = 10  # each of the deaf asks for its file
BETWEEN_BYTES = 1.0  # seconds
LASTS = 30.0  # seconds, with them and without
BOOKING, READING = 4, 4  # visitors
PAUSE = 0.1  # seconds they rest
SMALL = 4096  # bytes of a receive buffer
AGAIN = 10.0  # MB above the start: that much a process may keep
ASSETS = Path(__file__).parents[1] / "clinicall/web/static/built/assets"
HEAD = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: "
BODY = (
    b"POST /api/v1/appointments HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    b"Content-Length: 10000\r\n\r\n{"
)


@dataclass(frozen=True)
class Held:
    """What the server process has in its hands."""

    files: int
    threads: int
    memory: float  # MB (PSS)

    @classmethod
    def by(cls, worker: psutil.Process) -> "Held":
        return cls(worker.num_fds(), worker.num_threads(), pss(worker))


@dataclass(frozen=True)
class SlowClients:
    """p50, p95 and p99 in milliseconds, without the slow, with them, and once they have gone."""

    slow: dict[str, int]
    without: dict[str, dict[str, float]]
    with_them: dict[str, dict[str, float]]
    afterwards: dict[str, dict[str, float]]
    hung_up_on: dict[str, int]  # of the slow, by the server, while it lasted
    before: Held
    meanwhile: Held
    after: Held
    files_after: float  # seconds until their connections were let go
    wrong: list[str]


def measure(clinic: Clinic) -> SlowClients:
    with clinic.served_by(workers=1) as server:
        (worker,) = server.workers()
        visitors = Visitors(clinic.waiting, Load(server.port))
        _visit(visitors, LASTS / 3)  # what the very first cost is not theirs
        without = _visit(visitors, LASTS)
        before = Held.by(worker)
        with _slow(server) as slow:
            with_them = _visit(visitors, LASTS)
            meanwhile = Held.by(worker)
            hung_up_on = {kind: sum(map(_is_over, some)) for kind, some in slow.items()}
        started = time.monotonic()
        wait_for(lambda: worker.num_fds() <= before.files + BOOKING + READING)
        files_after = time.monotonic() - started
        afterwards = _visit(visitors, LASTS)
        after = Held.by(worker)
    return SlowClients(
        {kind: len(some) for kind, some in slow.items()},
        without,
        with_them,
        afterwards,
        hung_up_on,
        before,
        meanwhile,
        after,
        files_after,
        visitors.load.failed + visitors.broken + [f"again: {why}" for why in visitors.load.retried],
    )


def _visit(visitors: Visitors, seconds: float) -> dict[str, dict[str, float]]:
    visitors.forget()
    with visitors.visiting((visitors.books, BOOKING, PAUSE), (visitors.reads, READING, PAUSE)):
        time.sleep(seconds)
    return {what: percentiles(took) for what, took in visitors.took.items()}


@contextmanager
def _slow(server: Server) -> Iterator[dict[str, Sequence[socket.socket]]]:
    largest = max(ASSETS.glob("*.js"), key=lambda file: file.stat().st_size)
    wish = f"GET /static/built/assets/{largest.name} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    heads = [server.open(HEAD) for _ in range(HEADS)]
    bodies = [server.open(BODY) for _ in range(BODIES)]
    deaf = [_deaf(server, wish.encode() * TIMES) for _ in range(DEAF)]
    over = Event()
    dripping = Thread(target=_drip, args=[[*heads, *bodies], over])
    dripping.start()
    try:
        yield {"head": heads, "body": bodies, "deaf": deaf}
    finally:
        over.set()
        dripping.join()
        for one in (*heads, *bodies, *deaf):
            one.close()


def _deaf(server: Server, wishes: bytes) -> socket.socket:
    one = socket.socket()
    one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL)
    one.connect(("127.0.0.1", server.port))
    one.sendall(wishes)
    return one


def _drip(slow: Sequence[socket.socket], over: Event) -> None:
    while not over.wait(BETWEEN_BYTES):
        for one in slow:
            with suppress(OSError):  # the server hung up
                one.send(b"x")


def _is_over(one: socket.socket) -> bool:
    """Whether the server has hung up."""
    one.setblocking(False)
    try:
        return not one.recv(1, socket.MSG_PEEK)
    except BlockingIOError:
        return False
    except OSError:
        return True
