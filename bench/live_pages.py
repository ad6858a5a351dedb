"""2,000 pages on one server process that hear of one doctor's openings: how soon, and what they cost."""

import selectors
import socket
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from http import HTTPStatus
from threading import Thread

import psutil

from bench.booking import hold
from bench.cluster import cpu
from bench.resting import pss
from bench.sized import Wanted
from bench.storm_clinic import Clinic
from bench.visitors import Visitors, percentiles
from tests.cluster.load import Load
from tests.server.serving import Server, wait_for

PAGES = 2_000
AT_ONCE = 100  # that are opened together
NEWS = 20  # holds, one after the other
ALL_WITHIN = 30.0  # seconds
RESTS = 45.0  # seconds, in which each is sent three signs of life
READS = 10.0  # seconds
READERS = 2


@dataclass(frozen=True)
class LivePages:
    """Milliseconds are from the moment at which somebody asked for a hold until a page heard of it."""

    pages: int
    opened_in: float  # seconds
    memory: float  # kB (PSS) of one
    resting: float  # part of one core, of the server process while nothing happens
    news: int
    heard: int  # of pages times news
    until_heard: dict[str, float]
    hold: dict[str, float]  # milliseconds until whoever holds has their answer
    reads_without: dict[str, dict[str, float]]
    reads_with: dict[str, dict[str, float]]
    gone_in: float  # seconds until the server had let go of all
    wrong: list[str]


def measure(clinic: Clinic) -> LivePages:
    crowd = clinic.waiting.crowd
    with clinic.served_by(workers=1) as server, ExitStack() as stack:
        (worker,) = server.workers()
        visitors = Visitors(clinic.waiting, Load(server.port))
        _reads(visitors)  # what the very first cost is not theirs
        without = _reads(visitors)
        before, files = pss(worker), worker.num_fds()
        started = time.monotonic()
        pages = _open(server, crowd[0], stack)
        opened_in = time.monotonic() - started
        memory = (pss(worker) - before) / PAGES * 1e3
        resting = _resting(worker)
        with_pages = _reads(visitors)
        rounds = [_tell(server, pages, wanted) for wanted in crowd[:NEWS]]
        stack.close()
        started = time.monotonic()
        wait_for(lambda: worker.num_fds() <= files + READERS)
        gone_in = time.monotonic() - started
    heard = [took for _, each in rounds for took in each]
    missed = NEWS * PAGES - len(heard)
    wrong = [f"{missed} pieces of news were not heard"] if missed else []
    return LivePages(
        PAGES,
        opened_in,
        memory,
        resting,
        NEWS,
        len(heard),
        percentiles(heard),
        percentiles([answered for answered, _ in rounds]),
        without,
        with_pages,
        gone_in,
        wrong + visitors.load.failed + visitors.broken,
    )


def _open(server: Server, wanted: Wanted, stack: ExitStack) -> Sequence[socket.socket]:
    ask = f"GET /api/v1/doctors/{wanted.doctor}/slots/stream HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    pages: list[socket.socket] = []
    while len(pages) < PAGES:
        some = [server.open(ask.encode()) for _ in range(AT_ONCE)]
        pages += some
        for page in some:
            stack.callback(page.close)
            said = b""
            while b"retry: 2000" not in said:
                piece = page.recv(4096)
                assert piece, said
                said += piece
            assert said.startswith(b"HTTP/1.1 200"), said
    return pages


def _resting(worker: psutil.Process) -> float:
    before = cpu([worker])
    time.sleep(RESTS)
    return (cpu([worker]) - before) / RESTS


def _reads(visitors: Visitors) -> dict[str, dict[str, float]]:
    visitors.forget()
    with visitors.visiting((visitors.reads, READERS, 0.0)):
        time.sleep(READS)
    return {what: percentiles(took) for what, took in visitors.took.items()}


def _tell(
    server: Server, pages: Sequence[socket.socket], wanted: Wanted
) -> tuple[float, Sequence[float]]:
    """Milliseconds until the hold was answered, and until each page heard of it that did."""
    answered: list[float] = []

    def asks() -> None:
        answer = hold(server, wanted)
        assert answer.status == HTTPStatus.CREATED, answer.body
        answered.append((time.perf_counter() - started) * 1e3)

    slot = b'"slotId": "%d"' % wanted.slot
    with selectors.DefaultSelector() as hearing:
        for page in pages:
            hearing.register(page, selectors.EVENT_READ, page)
        asking = Thread(target=asks)
        started = time.perf_counter()
        asking.start()
        heard: list[float] = []
        while hearing.get_map() and time.perf_counter() - started < ALL_WITHIN:
            for key, _ in hearing.select(1.0):
                page = key.data
                said = page.recv(65536)
                if slot in said:
                    heard.append((time.perf_counter() - started) * 1e3)
                if slot in said or not said:
                    hearing.unregister(page)
        asking.join()
    return answered[0], heard
