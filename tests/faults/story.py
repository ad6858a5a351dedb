"""A clinic that is killed in the middle of Ana's appointment, and what is true once it is back."""

import json
import random
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from http.client import HTTPException
from pathlib import Path
from threading import Thread
from typing import Any

import psutil
import psycopg

from clinicall.server.postgres import Embedded
from tests import cast
from tests.clinic_clock import REPLACE
from tests.faults.standing import Order, Place, Who
from tests.mail_server import MailServer
from tests.server.serving import (
    Answer,
    Command,
    Server,
    clinicall,
    family,
    free_port,
    postmaster,
    wait_for,
    wait_until_all_ended,
)
from tests.stripe_standin.running import KEY, SECRET, Standin

JSON = {"Content-Type": "application/json"}
IN_TIME = 120  # seconds; by then everything has to be in order again
LONG_DEAD = 30  # seconds; what a job worker is given before its job runs again elsewhere
# Dr Osei's hours are far enough away for the whole price to be given back.
THE_CAST = """
from datetime import time, timedelta
from clinicall.core.clock import now
from clinicall.schedule.publish import publish
from clinicall.schedule.slotting import Window
from tests import cast
doctor = cast.a_doctor(cast.a_clinic(), 'Dr Kofi Osei', 'Cardiology')
cast.a_patient('Ana'), cast.a_patient('Ben')
days = [now().date() + timedelta(days=n) for n in (3, 4)]
publish(doctor, [Window(day, time(9), time(10), 15) for day in days], now=now())
"""


# What Stripe must know of, too.
OURS = {
    "taken": "select provider_ref, amount from payments_payment where state = 'succeeded'",
    "given back": "select p.provider_ref, r.amount from payments_refund r"
    " join payments_payment p on p.id = r.payment_id where r.state = 'succeeded'",
    "on its way": "select p.provider_ref, r.amount from payments_refund r"
    " join payments_payment p on p.id = r.payment_id where r.state <> 'succeeded'",
    "still open": "select p.provider_ref from booking_appointment a"
    " join payments_payment p on p.id = a.payment_id"
    " where a.status = 'pending' and p.state = 'pending'",
}


@dataclass(frozen=True)
class Exchange:
    """Where Stripe holds a request: `asked`, with nothing done yet, or `done`, and not answered."""

    name: str
    does: str
    who: Who


class Victim(StrEnum):
    WORKER = "the web worker with its jobs"
    EVERYONE = "everyone at once, PostgreSQL too"
    MAIN = "the main process"
    POSTGRES = "PostgreSQL alone"
    JOBS = "a job worker of its own"


@contextmanager
def a_clinic() -> Iterator[Path]:
    """A data folder with the cast, for `copied`."""
    with tempfile.TemporaryDirectory(prefix="clinicall-tests-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        for words in (["migrate", "--verbosity", "0"], ["shell", "--command", THE_CAST]):
            command = clinicall(*words, data=folder)
            assert command.wait() == 0, command.said()
        yield folder


@contextmanager
def copied(template: Path) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="clinicall-tests-") as name:
        folder = Path(name, "data")
        # With its owners: PostgreSQL accepts no other's files.
        subprocess.run(["cp", "-a", str(template), str(folder)], check=True)
        Path(name).chmod(0o711)
        yield folder


@dataclass
class Story:
    """One clinic with one server, and Ana, who presses every button again when it comes back.

    Unless it `waits`, a dead worker's job runs again sooner than it would: the worker's last sign of life
    is made to lie further back.
    """

    data: Path
    stripe: Standin
    post: MailServer
    chance: random.Random
    waits: bool
    victim: Victim
    port: int = field(default_factory=free_port)
    later: timedelta = timedelta(0)
    id: str = ""  # Ana's appointment
    slots: list[str] = field(default_factory=list)
    sessions: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.place = Place(self.data)
        self.running: list[Command] = []
        with Embedded(self.data) as database:
            self.url = database.url
        self.settings = {
            "DJANGO_SETTINGS_MODULE": "tests.faults.settings",
            "PAYMENT_PROVIDER": "stripe",
            "STRIPE_API_BASE": self.stripe.url,
            "EMAIL_URL": f"smtp://127.0.0.1:{self.post.port}",
            "STRIPE_SECRET_KEY": KEY,
            "STRIPE_WEBHOOK_SECRET": SECRET,
            "PORT": str(self.port),
        }

    # --- The clinic ---

    def opens(self) -> None:
        jobs_apart = self.victim is Victim.JOBS
        words = ["serve", *(["--no-worker"] if jobs_apart else [])]
        process = clinicall(*words, data=self.data, **self.settings)
        self.running = [process]
        self.server = Server(process, self.port)
        if jobs_apart:
            self.starts_jobs()
        self.server.wait_until_up()

    def starts_jobs(self) -> None:
        self.running.append(clinicall("worker", data=self.data, **self.settings))

    def ends(self) -> None:
        for process in self.running:
            process.terminate()
        for process in self.running:
            process.said()

    def is_killed(self) -> None:
        """And started again, where nobody else would do that."""
        self.place.given.unlink(missing_ok=True)  # if nobody came there
        in_a_request = self.stands() and self.point.who is Who.REQUEST
        time.sleep(self.chance.random() * 0.05)
        if not self.waits:
            self.sql(
                "update procrastinate_workers"
                f" set last_heartbeat = last_heartbeat - interval '{LONG_DEAD} s'"
            )
        match self.victim:
            case Victim.WORKER:
                self._kill(self.server.workers())
            case Victim.EVERYONE:
                self._kill(family(self.server.process, self.data))
                self.server.process.wait()
                self.opens()
            case Victim.MAIN:
                everyone = family(self.server.process, self.data)
                self.server.process.kill()
                self.server.process.wait()
                wait_until_all_ended(everyone)
                self.opens()
            case Victim.POSTGRES:
                database = postmaster(self.data)
                assert database
                children = database.children()
                self._kill([database])
                # They end by themselves, but not at once.
                wait_until_all_ended(children)
                self.place.let_go.touch()
                self.stripe.say("/release")
            case Victim.JOBS:
                apart = self.running.pop()
                self._kill([psutil.Process(apart.pid)])
                apart.wait()
                self.starts_jobs()
        self.stripe.say("/release")
        wait_for(self.is_back)
        self.doing.join()
        if in_a_request and self.victim in (Victim.WORKER, Victim.EVERYONE):
            assert not self.answered

    def _kill(self, victims: list[psutil.Process]) -> None:
        assert victims
        for process in victims:
            with suppress(psutil.NoSuchProcess):  # its parent's death was enough
                process.kill()
        wait_until_all_ended(victims)

    def is_back(self) -> bool:
        return self.server.answers("/api/v1/specializations")

    def check(self) -> None:
        command = clinicall("check-invariants", data=self.data)
        assert command.wait() == 0, command.said()

    def sql(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.url, autocommit=True) as connection:
            cursor = connection.execute(statement, values)
            return cursor.fetchall() if cursor.description else []

    def time_passes(self, by: timedelta) -> None:
        """For the clinic; sessions and workers stay on real time."""
        self.later += by
        seconds = self.later.total_seconds()
        self.sql(REPLACE.format(f"select clock_timestamp() + interval '{seconds} s'"))
        self.stripe.clock_at(datetime.now(UTC) + self.later)

    # --- Ana, and what she and others do ---

    def asks(
        self, name: str, method: str, path: str, body: object = None, **headers: str
    ) -> Answer:
        sent = json.dumps(body).encode() if body is not None else None
        return self.server.ask(method, path, sent, {**JSON, **self.signed_in(name), **headers})

    def signed_in(self, name: str) -> Mapping[str, str]:
        """A program's session, which a browser's cookie would name too."""
        if name not in self.sessions:
            login = {"email": f"{name}@clinic.example", "password": cast.PASSWORD}
            sent = json.dumps(login).encode()
            answer = self.server.ask("POST", "/_allauth/app/v1/auth/login", sent, JSON)
            assert answer.status == 200, answer.body
            self.sessions[name] = answer.json()["meta"]["session_token"]
        token = self.sessions[name]
        return {"X-Session-Token": token, "Cookie": f"sessionid={token}"}

    def everyone_comes(self) -> None:
        """They sign in, and Ana looks for times."""
        for name in ("ana", "ben", "osei"):
            self.signed_in(name)
        (doctor,) = self.asks("ana", "GET", "/api/v1/doctors").json()["items"]
        days = self.asks("ana", "GET", f"/api/v1/doctors/{doctor['id']}/slots").json()["days"]
        self.slots = [slot["id"] for day in days for slot in day["slots"]]
        self.days = [day["date"] for day in days]

    def books(self, name: str = "ana") -> Answer:
        """With the same key each time."""
        wish = {
            "slotId": self.slots[0],
            "firstName": name.title(),
            "lastName": "Perera",
            "phone": "071 234 5678",
            "nic": "199012345678",
            "email": f"{name}@clinic.example",
            "reason": "Cough",
        }
        headers = {"Idempotency-Key": "one"}
        return self.asks(name, "POST", "/api/v1/appointments", wish, **headers)

    def holds(self) -> None:
        answer = self.books()
        assert answer.status == 201, answer.body
        self.id = answer.json()["id"]

    def pays(self) -> None:
        """And nobody tells the clinic."""
        self.stripe.pays(self.page())

    def declined(self) -> None:
        self.stripe.pays(self.page(), "decline")

    def page(self) -> str:
        """Stripe's name for the page that Ana was shown."""

        def found() -> str:
            query = "select provider_ref from payments_payment p join booking_appointment a"
            ((name,),) = self.sql(f"{query} on a.payment_id = p.id where a.id = %s", self.id)
            return name or ""

        return wait_for(found)

    def stripe_tells(self) -> None:
        """All that has happened there. Raises OSError when it is not heard."""
        url = f"http://127.0.0.1:{self.port}/webhooks/stripe"
        if set(self.stripe.say("/deliver", url=url, secret=SECRET)) != {200}:
            raise OSError

    def reads(self) -> Any:
        return self.asks("ana", "GET", f"/api/v1/appointments/{self.id}").json()

    def comes_back(self) -> Answer:
        """From the payment page."""
        return self.asks("ana", "GET", f"/appointments/{self.id}/")

    def cancels(self) -> Answer:
        return self.asks("ana", "POST", f"/api/v1/appointments/{self.id}/cancel", {})

    def moves(self) -> Answer:
        path = f"/api/v1/appointments/{self.id}/reschedule"
        return self.asks("ana", "POST", path, {"slotId": self.slots[1]})

    def hours(self) -> Any:
        return self.asks("osei", "GET", "/api/v1/availability").json()["days"]

    def replaces_a_day(self) -> Answer:
        day = self.days[-1]
        window = {"startTime": "10:00", "endTime": "12:00", "durationMinutes": 30}
        return self.asks("osei", "PUT", f"/api/v1/availability/{day}", {"windows": [window]})

    # --- Standing still ---

    def stands_at(self, point: Order | Exchange, act: Callable[[], object]) -> None:
        """Returns when it does, or has done all of it without coming there."""
        self.point, self.answered = point, False

        def do() -> None:
            with suppress(OSError, HTTPException):
                act()
                self.answered = True

        match point:
            case Order():
                self.place.give(point)
            case Exchange(exchange, does):
                self.stripe.script(exchange, f"stop_{does}")
        self.doing = Thread(target=do)
        self.doing.start()
        # What a job comes to, nobody is answered.
        in_a_request = point.who is Who.REQUEST
        wait_for(lambda: self.stands() or (in_a_request and self.answered), IN_TIME)

    def stands(self) -> bool:
        return self.place.somebody_stands() or bool(self.stripe.stopped())

    # --- What is true in the end ---

    def comes_to_agree(self) -> None:
        """Our rows and Stripe's ledger tell of the same money, entry by entry."""
        with suppress(AssertionError):
            wait_for(lambda: not self.differences(), IN_TIME)
        assert self.differences() == {}

    def differences(self) -> dict[str, object]:
        theirs = self.stripe.tell("/ledger")
        charges = [entry for entry in theirs["entries"] if entry["what"] == "charged"]
        page_of = {page["payment_intent"]: page["id"] for page in theirs["sessions"]}
        told: dict[str, list[tuple[Any, ...]]] = {
            "taken": [(charge["session"], charge["amount"]) for charge in charges],
            "given back": [
                (page_of[refund["payment_intent"]], refund["amount"])
                for refund in theirs["refunds"]
            ],
            "on its way": [],
            "still open": [
                (page["id"],) for page in theirs["sessions"] if page["status"] == "open"
            ],
        }
        return {
            what: (ours, told[what])
            for what, query in OURS.items()
            if sorted(ours := self.sql(query)) != sorted(told[what])
        }

    def everybody_is_told(self) -> None:
        """Each step of Ana's has its messages, each came to its end, and what was sent is what came."""
        self.time_passes(timedelta(hours=2))  # whatever was tried in vain is due again
        waiting = "select id from booking_message where state = 'waiting'"
        wait_for(lambda: not self.sql(waiting), IN_TIME)
        told = self.sql("select id::text, state from booking_message")
        sent = {f"<{id_}@127.0.0.1>" for id_, state in told if state == "sent"}
        dropped = {f"<{id_}@127.0.0.1>" for id_, state in told if state == "dropped"}
        came = set(self.post.copies())
        # One that came, and whose worker died, may have stopped being true before it was tried again.
        assert sent <= came <= sent | dropped
        assert len(sent) + len(dropped) == len(told)
        steps = [why if why == "moved" else status for status, why in self.steps()]
        kinds = self.sql(
            "select kind from booking_message m join booking_appointment a on a.id = m.appointment_id"
            " where a.id = %s and m.to_id = a.patient_id and kind <> 'money_back'",
            self.id,
        )
        visited = steps[steps.index("confirmed") :] if "confirmed" in steps else []
        assert sorted(kind for (kind,) in kinds) == sorted(visited)

    def steps(self) -> list[tuple[str, str]]:
        return self.sql(
            "select to_status, why from booking_transition where appointment_id = %s order by id",
            self.id,
        )
