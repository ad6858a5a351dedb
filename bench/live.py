"""200 pages on one worker process, two at each of 100 visits.

The baselines are a bare HTTP request, and PostgreSQL's own NOTIFY from one connection to another, after an
insert where somebody comes or goes. What ours cost beside them is what lies between two pages: their
sockets, the hub, asking who is there.
"""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import time as wall_time
from datetime import timedelta
from pathlib import Path

import psycopg

from bench.figures import spread, tell
from clinicall import wiring
from clinicall.booking.checkout import book
from clinicall.booking.holds import Wish
from clinicall.booking.models import Appointment
from clinicall.consultation.attending import ticket_for
from clinicall.consultation.models import Place
from clinicall.core import clock
from clinicall.people.models import Clinic, User
from clinicall.schedule.models import Slot
from clinicall.schedule.publish import publish
from clinicall.schedule.slotting import Window
from tests import cast
from tests.live.browser_socket import BrowserSocket
from tests.live.signed_in import session_of
from tests.server.serving import Server, serving

VISITS, TEXT = 100, "Can you hear me?"
MB, US = 1e6, 1e6  # bytes in one; of them in a second

Rounds = list[tuple[float, float]]  # microseconds of the baseline and of ours


def measure() -> None:
    visits = list(_visits())
    database = os.environ["DATABASE_URL"]
    with (
        serving(
            Path(os.environ["CLINICALL_DATA"]),
            *("--no-worker", "--workers", "1"),
            DATABASE_URL=database,
        ) as server,
        ExitStack() as stack,
    ):
        (worker,) = server.workers()
        _come(server, visits[:5], stack)  # what the very first cost is not theirs
        stack.close()
        before = worker.memory_info().rss
        pairs, came = _come(server, visits, stack)
        after = worker.memory_info().rss
        plain = Plain(database, stack)
        chats, presences = _chats(pairs, plain), _presences(pairs, plain)

        print(f"\n{2 * VISITS} sockets of {VISITS} visits on one worker process")
        print(
            f"{'memory':16} {before / MB:8.0f} MB before, {after / MB:.0f} MB with all:"
            f" {(after - before) / 2 / VISITS / 1e3:.0f} kB each"
        )
        for names, rounds in (
            (("bare request", "page comes"), came),
            (("plain notify", "chat message"), chats),
            (("insert, notify", "presence"), presences),
        ):
            tell(names, rounds, "µs")
            spread(names[1], [ours for _, ours in rounds])
        spread("all chat at once", _all_chat(pairs))
        spread("all come at once", _all_come(pairs))


def _visits() -> Iterator[Appointment]:
    """Each of a doctor and a patient of their own, free of charge."""
    clinic = Clinic.objects.earliest("pk")
    now = clock.now()
    day = now.date() + timedelta(days=2)  # in the future in every zone
    for n in range(VISITS):
        doctor = cast.a_doctor(clinic, f"Dr Bench{n}", "Cardiology", fee=0)
        patient = cast.a_patient(f"Patient{n}")
        publish(doctor, [Window(day, wall_time(9), wall_time(9, 30), 30)], now=now)
        slot = Slot.objects.get(doctor=doctor)
        wish = Wish(
            slot.pk, "Ana", "Perera", "+94112345678", "199012345678", "a@b.example", "Cough"
        )
        made = book(wish, patient, gateway=None, line=wiring.video_line())
        yield Appointment.objects.select_related("patient__user", "doctor__user").get(pk=made)


class Page:
    """One person's page at one visit."""

    def __init__(self, server: Server, visit: Appointment, person: User) -> None:
        self.server, self.visit, self.person = server, visit, person
        self.session = session_of(person)
        self.come()

    def come(self) -> None:
        ticket = ticket_for(self.visit, self.person, self.session)
        self.socket = BrowserSocket(self.server.port, f"/ws/visits/{self.visit.pk}")
        self.socket.say(type="hello", ticket=ticket, place=Place.ROOM)
        self.hear("here")

    def go(self) -> None:
        self.socket.say(type="leave")
        self.socket.closed_with()
        self.hang_up()

    def hang_up(self) -> None:
        self.socket.hang_up()

    def hear(self, kind: str, **facts: object) -> float:
        """When the server has said this."""
        while (message := self.socket.hear())["type"] != kind or facts.items() - message.items():
            pass
        return time.perf_counter()

    def hears_whether(self, side: str, *, is_here: bool) -> float:
        while (said := self.socket.hear())["type"] != "here" or bool(said[side]) is not is_here:
            pass
        return time.perf_counter()


Pair = tuple[Page, Page]  # the patient and the doctor


def _come(
    server: Server, visits: Sequence[Appointment], stack: ExitStack
) -> tuple[list[Pair], Rounds]:
    """All pages, one after another, and how long each of them took until it knew who is there."""
    pages, rounds = [], []
    for visit in visits:
        for person in (visit.patient.user, visit.doctor.user):
            started = time.perf_counter()
            server.get("/healthz")
            asked = time.perf_counter()
            pages.append(Page(server, visit, person))
            rounds.append(((asked - started) * US, (time.perf_counter() - asked) * US))
            stack.callback(pages[-1].hang_up)
    return list(zip(pages[::2], pages[1::2], strict=True)), rounds


class Plain:
    """Two connections to the same database, of which one listens."""

    def __init__(self, database: str, stack: ExitStack) -> None:
        self.speaker, self.listener = (
            stack.enter_context(psycopg.connect(database, autocommit=True)) for _ in range(2)
        )
        self.speaker.execute(
            "create table bare_presence (id bigserial primary key, since timestamptz)"
        )
        self.listener.execute("listen bench")

    def notified(self) -> float:
        started = time.perf_counter()
        self.speaker.execute("select pg_notify('bench', %s)", [TEXT])
        next(self.listener.notifies(timeout=10, stop_after=1))
        return (time.perf_counter() - started) * US

    def written(self) -> float:
        started = time.perf_counter()
        self.speaker.execute("insert into bare_presence (since) values (clinic_now())")
        return (time.perf_counter() - started) * US + self.notified()


def _chats(pairs: Sequence[Pair], plain: Plain) -> Rounds:
    """From the patient's words to the doctor's page, and back."""

    def said(speaker: Page, listener: Page) -> float:
        started = time.perf_counter()
        speaker.socket.say(type="chat", text=TEXT)
        return (listener.hear("chat") - started) * US

    both_ways = [way for patient, doctor in pairs for way in ((patient, doctor), (doctor, patient))]
    return [(plain.notified(), said(*way)) for way in both_ways]


def _presences(pairs: Sequence[Pair], plain: Plain) -> Rounds:
    """From the patient's going, and coming again, to the doctor's page that says so."""

    def told(act: Callable[[], None], doctor: Page, *, is_here: bool) -> float:
        started = time.perf_counter()
        act()
        return (doctor.hears_whether("patient", is_here=is_here) - started) * US

    return [
        (plain.written(), told(act, doctor, is_here=is_here))
        for patient, doctor in pairs
        for act, is_here in ((patient.go, False), (patient.come, True))
    ]


def _all_chat(pairs: Sequence[Pair]) -> list[float]:
    """Everybody's words, when all patients speak in the same moment."""
    with ThreadPoolExecutor(len(pairs)) as threads:
        heard = [threads.submit(doctor.hear, "chat") for _, doctor in pairs]
        said = []
        for patient, _ in pairs:
            said.append(time.perf_counter())
            patient.socket.say(type="chat", text=TEXT)
        return [(at.result() - since) * US for at, since in zip(heard, said, strict=True)]


def _all_come(pairs: Sequence[Pair]) -> list[float]:
    """Everybody's way back, as after a restart of the server, but without the pages' random waits."""
    pages = [page for pair in pairs for page in pair]
    for page in pages:
        page.go()
    started = time.perf_counter()

    def came(page: Page) -> float:
        page.come()
        return (time.perf_counter() - started) * US

    with ThreadPoolExecutor(len(pages)) as threads:
        return list(threads.map(came, pages))
