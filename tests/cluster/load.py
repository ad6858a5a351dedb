"""Patients who book without a pause, each with a doctor of their own, and ask again once when that fails."""

import json
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from threading import Event, Thread
from urllib.parse import urlsplit

from tests import cast
from tests.server.serving import Answer

JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
AT_THE_LATEST = 30  # seconds, in which an answer has to come
# Seconds before the second try, where nobody answered who could have said how long.
A_MOMENT = 1.0


class Failed(Exception):
    """What was asked twice, and how it failed both times."""


@dataclass
class Load:
    """What the patients at one address have seen, all of them together."""

    port: int
    until: Event = field(default_factory=Event)
    asked: Counter[str] = field(default_factory=Counter)
    retried: Counter[str] = field(default_factory=Counter)
    failed: list[str] = field(default_factory=list)
    faults: set[int] = field(default_factory=set)  # statuses of answers that came, of 500 and above
    troubled: list[float] = field(default_factory=list)  # the moments of first tries that failed
    held: dict[str, str] = field(default_factory=dict)  # the keys of appointments by their ids
    confirmed: set[str] = field(default_factory=set)
    away_at: float = 0.0  # when the test took the database away, and had it back
    back_at: float = 0.0

    def told(self) -> str:
        """What came of it, in figures."""
        retried = ", ".join(f"{n} × {why}" for why, n in self.retried.most_common()) or "none"
        told = (
            f"{len(self.confirmed)} visits by {self.asked.total()} requests; asked again: {retried}"
        )
        if self.away_at:
            last = max(self.troubled, default=self.away_at) - self.away_at
            told += (
                f"; restarted in {self.back_at - self.away_at:.2f} s, last failure at {last:.2f} s"
            )
        return told

    def asks(
        self, what: str, method: str, path: str, body: bytes | None, headers: dict[str, str]
    ) -> Answer:
        """The answer to the first try, or to the second. Raises Failed."""
        self.asked[what] += 1
        answer, why, pause = self._try(method, path, body, headers)
        if answer:
            return answer
        self.retried[f"{what}: {why}"] += 1
        self.troubled.append(time.monotonic())
        time.sleep(pause)
        answer, again, _ = self._try(method, path, body, headers)
        if answer:
            return answer
        self.failed.append(f"{what}: {why}, {pause} s later {again}")
        raise Failed(what)

    def _try(
        self, method: str, path: str, body: bytes | None, headers: dict[str, str]
    ) -> tuple[Answer | None, str, float]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=AT_THE_LATEST)
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            answer = Answer(response.status, dict(response.getheaders()), response.read())
        except (OSError, HTTPException) as error:
            return None, type(error).__name__, A_MOMENT
        finally:
            connection.close()
        if answer.status < 500:
            return answer, "", 0
        self.faults.add(answer.status)
        return None, str(answer.status), float(answer.headers.get("retry-after", A_MOMENT))


@dataclass
class Patient:
    name: str
    doctor: str
    span: str
    slots: Iterator[str]
    load: Load
    token: str = ""

    def lives(self) -> None:
        while not self.load.until.is_set():
            try:
                self.books()
            except Failed:
                return  # the load has it

    def signs_in(self) -> None:
        login = {"email": f"{self.name}@clinic.example", "password": cast.PASSWORD}
        sent = json.dumps(login).encode()
        answer = self.load.asks("sign-in", "POST", "/_allauth/app/v1/auth/login", sent, JSON)
        assert answer.status == 200, answer.body
        self.token = answer.json()["meta"]["session_token"]

    def books(self) -> None:
        """Looks, holds, pays and reads. Raises Failed."""
        slot = next(self.slots)
        days = self.asks("days", "GET", f"/api/v1/doctors/{self.doctor}/days?{self.span}")
        assert days.status == 200, days.body
        made = self.holds(slot)
        assert made.status == 201, made.body
        id_, page = made.json()["id"], made.json()["payment"]["checkoutUrl"]
        self.load.held[id_] = slot
        paid = self.load.asks("payment", "POST", urlsplit(page).path, b"outcome=succeed", FORM)
        assert paid.status == 303, paid.body
        read = self.asks("reading", "GET", f"/api/v1/appointments/{id_}")
        assert read.status == 200, read.body
        if read.json()["status"] == "confirmed":
            self.load.confirmed.add(id_)

    def holds(self, slot: str) -> Answer:
        wish = {
            "slotId": slot,
            "firstName": self.name.title(),
            "lastName": "Perera",
            "phone": "071 234 5678",
            "nic": "199012345678",
            "email": f"{self.name}@clinic.example",
            "reason": "Cough",
        }
        return self.asks("hold", "POST", "/api/v1/appointments", wish, key=slot)

    def asks(self, what: str, method: str, path: str, body: object = None, key: str = "") -> Answer:
        sent = json.dumps(body).encode() if body is not None else None
        headers = {**JSON, "X-Session-Token": self.token}
        if key:
            headers["Idempotency-Key"] = key
        return self.load.asks(what, method, path, sent, headers)


@contextmanager
def booking(patients: Sequence[Patient]) -> Iterator[None]:
    """While this lasts, all of them book."""
    broken: list[BaseException] = []

    def live(patient: Patient) -> None:
        try:
            patient.lives()
        except BaseException as error:  # noqa: BLE001 (it is raised where the load was started)
            broken.append(error)

    threads = [Thread(target=live, args=[patient]) for patient in patients]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        patients[0].load.until.set()
        for thread in threads:
            thread.join()
    if broken:
        raise broken[0]
