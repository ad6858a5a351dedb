"""What people do while a storm lasts: they book, they look for times, and they keep pages open.

Each asks again once: as soon as Retry-After says, or a second later where nobody answered (tests/cluster's
load). A live page comes back as browsers' EventSource does, two seconds after it was cut.
"""

import json
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from random import Random
from threading import Thread
from urllib.parse import urlsplit
from uuid import UUID

from bench.booking import WISH
from bench.sized import Waiting
from clinicall.core.clock import now
from tests.cluster.load import FORM, JSON, Failed, Load
from tests.server.serving import Answer

# What becomes of a hold, out of 20; the empty one is left to lapse.
CHOICES = ["succeed"] * 14 + ["decline"] * 2 + ["late"] + [""] * 3
COME_BACK = 2.0  # seconds
STREAM_SILENT = 40  # seconds; the server says something every 15


@dataclass
class Visitors:
    waiting: Waiting
    load: Load
    took: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))  # milliseconds
    away: list[float] = field(
        default_factory=list
    )  # seconds until a live page that was cut was back
    heard: int = 0  # by live pages
    broken: list[str] = field(default_factory=list)  # answers that are not the right ones

    def __post_init__(self) -> None:
        self.doctors = sorted({wanted.doctor for wanted in self.waiting.by_http})
        self.today = now().date()

    @contextmanager
    def visiting(self, *kinds: tuple[Callable[[Random], None], int, float]) -> Iterator[None]:
        """While this lasts: so many of each kind, and each rests so many seconds before the next."""
        self.load.until.clear()
        threads = [
            Thread(target=self._until_over, args=[act, Random(n), pause])
            for act, count, pause in kinds
            for n in range(count)
        ]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self.load.until.set()
            for thread in threads:
                thread.join()

    def forget(self) -> None:
        """How long it took so far."""
        self.took.clear()

    def books(self, random: Random) -> None:
        """Holds, mostly does something on the page to pay on, and reads how it stands."""
        wanted = self.waiting.by_http.pop()
        session = {"X-Session-Token": wanted.session}
        head = {**JSON, **session, "Idempotency-Key": str(wanted.patient)}
        wish = json.dumps({**WISH, "slotId": str(wanted.slot)}).encode()
        made = self._ask("hold", "POST", "/api/v1/appointments", wish, head, HTTPStatus.CREATED)
        held = made.json()
        self.load.held[held["id"]] = str(wanted.slot)
        if choice := random.choice(CHOICES):
            page, sent = urlsplit(held["payment"]["checkoutUrl"]).path, f"outcome={choice}".encode()
            self._ask("payment", "POST", page, sent, FORM, HTTPStatus.SEE_OTHER)
        read = self._ask("own visit", "GET", f"/api/v1/appointments/{held['id']}", None, session)
        if read.json()["status"] == "confirmed":
            self.load.confirmed.add(held["id"])

    def reads(self, random: Random) -> None:
        self.reads_slots(random)
        self.reads_page(random)

    def reads_slots(self, random: Random) -> None:
        day = self.today + timedelta(days=random.randrange(1, 25))
        asked = f"from={day}&to={day}&timezone=Asia%2FColombo"
        self._ask("a day's slots", "GET", f"/api/v1/doctors/{self._any(random)}/slots?{asked}")

    def reads_page(self, random: Random) -> None:
        self._ask("a doctor's page", "GET", f"/doctors/{self._any(random)}/")

    def watches(self, random: Random) -> None:
        """Hears of one doctor's openings until the connection is cut, and comes back."""
        doctor, cut_at = self._any(random), 0.0
        while not self.load.until.is_set():
            with suppress(OSError, HTTPException):
                stream = HTTPConnection("127.0.0.1", self.load.port, timeout=STREAM_SILENT)
                stream.request("GET", f"/api/v1/doctors/{doctor}/slots/stream")
                answer = stream.getresponse()
                if answer.status == HTTPStatus.OK and answer.readline():
                    if cut_at:
                        self.away.append(time.monotonic() - cut_at)
                    cut_at = 0.0
                    while not self.load.until.is_set() and (line := answer.readline()):
                        self.heard += line.startswith(b"event")
            cut_at = cut_at or time.monotonic()
            time.sleep(COME_BACK)

    def _any(self, random: Random) -> UUID:
        return random.choice(self.doctors)

    def _ask(
        self,
        what: str,
        method: str,
        path: str,
        body: bytes | None = None,
        head: dict[str, str] | None = None,
        right: HTTPStatus = HTTPStatus.OK,
    ) -> Answer:
        """The answer, which is the right one. Raises Failed, of which somebody has taken note."""
        started = time.perf_counter()
        answer = self.load.asks(what, method, path, body, head or {})
        self.took[what].append((time.perf_counter() - started) * 1e3)
        if answer.status != right:
            self.broken.append(f"{what}: {answer.status} {answer.body[:200]!r}")
            raise Failed(what)
        return answer

    def _until_over(self, act: Callable[[Random], None], random: Random, pause: float) -> None:
        while not self.load.until.is_set():
            with suppress(Failed):  # the load has it, or we
                act(random)
            time.sleep(pause)


def percentiles(figures: Sequence[float]) -> dict[str, float]:
    """p50, p95 and p99, of two and more."""
    cuts = statistics.quantiles(figures, n=100, method="inclusive")
    return {f"p{n}": cuts[n - 1] for n in (50, 95, 99)}
