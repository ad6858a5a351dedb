"""Whoever talks nonsense, too much, or not at all loses their own socket, and nobody else notices."""

import json
import socket as tcp
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from clinicall.booking.models import Appointment
from clinicall.consultation.attending import ticket_for
from clinicall.consultation.models import Presence, Side
from clinicall.core.announce import announce, call_topic
from clinicall.live import socket
from clinicall.people.models import Patient
from clinicall.schedule.models import Slot
from clinicall.video.provider import DOCTOR_UID, PATIENT_UID
from tests.conftest import booked
from tests.live.browser_socket import BINARY, TEXT, BrowserSocket
from tests.live.signed_in import session_of
from tests.live.test_presence import agenda_ticket, come, next_of
from tests.live.test_signalling import enter, token
from tests.server.serving import Server, wait_for

pytestmark = pytest.mark.django_db(transaction=True)


@dataclass(frozen=True)
class Door:
    """A socket of ours as the patient opens it; the agenda's is the doctor's."""

    path: str
    hello: Callable[[Appointment], dict[str, str]]
    answer: str

    def knock(self, server: Server, visit: Appointment) -> BrowserSocket:
        return BrowserSocket(server.port, self.path.format(visit.pk))

    def enter(self, server: Server, visit: Appointment) -> BrowserSocket:
        browser = self.knock(server, visit)
        browser.say(type="hello", **self.hello(visit))
        assert browser.hear()["type"] == self.answer
        return browser


DOORS = [
    Door("/ws/calls/{}", lambda visit: {"token": token(visit, PATIENT_UID)}, "welcome"),
    Door(
        "/ws/visits/{}",
        lambda visit: {
            "ticket": ticket_for(visit, visit.patient.user, session_of(visit.patient.user)),
            "place": "room",
        },
        "here",
    ),
    Door("/ws/agenda", lambda visit: {"ticket": agenda_ticket(visit)}, "welcome"),
]
WAYS_IN = [Door.knock, Door.enter]


@pytest.fixture
def visit(free_slots: list[Slot], ana: Patient) -> Appointment:
    return booked(free_slots[0], ana)


Bystanders = Callable[[], None]


@pytest.fixture
def others_talk_on(
    server: Server, visit: Appointment, free_slots: list[Slot], ben: Patient
) -> Iterator[Bystanders]:
    """Two people at another visit, who were there before and still hear each other when this is called."""
    other = booked(free_slots[1], ben)
    patient, _ = come(server, other, other.patient.user)
    doctor, _ = come(server, other, other.doctor.user)

    def talk() -> None:
        patient.say(type="chat", text="Can you hear me?")
        assert next_of("chat", doctor)["text"] == "Can you hear me?"

    with patient, doctor:
        yield talk
        talk()


@pytest.mark.parametrize(
    ("kind", "frame", "code"),
    [
        (BINARY, b"{}", socket.NOT_UNDERSTOOD),
        (TEXT, b"hello?", socket.NOT_UNDERSTOOD),
        (TEXT, b"[" * 60_000, socket.NOT_UNDERSTOOD),
        (TEXT, b"[1]", socket.NOT_UNDERSTOOD),
        (TEXT, b'{"type": "signal", "data": NaN}', socket.NOT_UNDERSTOOD),
        (TEXT, b'{"type": "hello"}', socket.NOT_ALLOWED),
        (TEXT, b'{"type": "hello", "ticket": 1, "token": [], "place": {}}', socket.NOT_ALLOWED),
        (TEXT, b'{"type": "order", "what": "tea"}', socket.NOT_ALLOWED),
        (TEXT, b'{"type": "signal"}', socket.NOT_ALLOWED),
        (TEXT, b'{"type": "chat", "text": ""}', socket.NOT_ALLOWED),
        (TEXT, json.dumps({"type": "signal", "data": "x" * 70_000}).encode(), socket.TOO_BIG),
        (TEXT, b" " * (1 << 20), socket.TOO_BIG),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_cannot_be_understood_closes_this_socket_alone(
    server: Server,
    visit: Appointment,
    others_talk_on: Bystanders,
    kind: int,
    frame: bytes,
    code: int,
) -> None:
    closed = {}
    for door in DOORS:
        for way in WAYS_IN:
            with way(door, server, visit) as browser:
                browser.send(kind, frame)
                closed[door.path, way.__name__] = browser.closed_with()
    assert set(closed.values()) == {code}, closed


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.path)
def test_one_who_talks_without_end_is_closed(
    server: Server, visit: Appointment, others_talk_on: Bystanders, door: Door
) -> None:
    with door.enter(server, visit) as browser:
        for _ in range(socket.BURST + 50):
            browser.say(type="pong")
        assert browser.closed_with() == socket.NOT_ALLOWED


def test_who_never_says_who_they_are_is_closed(
    server: Server, visit: Appointment, others_talk_on: Bystanders
) -> None:
    silent = [door.knock(server, visit) for door in DOORS]
    for browser in silent:
        with browser:
            assert browser.closed_with() == socket.PASS_NOT_VALID
    assert Presence.objects.filter(appointment=visit).count() == 0


def test_one_who_does_not_listen_is_given_up(
    server: Server, visit: Appointment, others_talk_on: Bystanders
) -> None:
    """On the agenda nothing is said that could fill a line."""
    doctor, _ = enter(server, visit, DOCTOR_UID)
    calls, visits = (door.enter(server, visit) for door in DOORS[:2])
    with doctor, calls, visits:
        assert doctor.hear()["type"] == "peer-joined"
        for deaf in (calls, visits):
            deaf.connection.setsockopt(tcp.SOL_SOCKET, tcp.SO_RCVBUF, 4096)
        much = "x" * 60_000
        theirs = Presence.objects.get(appointment=visit, side=Side.PATIENT)

        def both_are_given_up() -> bool:
            topic = call_topic(visit.pk)
            announce(topic, {"event": "chat", "side": Side.DOCTOR, "text": much})
            signal = {"event": "signal", "uid": DOCTOR_UID, "session": "", "data": much}
            announce(topic, signal)
            theirs.refresh_from_db()
            return theirs.gone

        for _ in range(100):
            both_are_given_up()
        others_talk_on()
        wait_for(both_are_given_up)
        assert doctor.hear() == {"type": "peer-left", "why": "lost"}


@pytest.mark.parametrize(
    "made_up", ["a", "a:b", "a:b:c", "\ud800:b:c", "a:b:\ud800", "\0", "é:é:é"]
)
def test_what_was_not_signed_here_opens_no_socket(
    server: Server, visit: Appointment, made_up: str
) -> None:
    closed = {}
    for door in DOORS:
        with door.knock(server, visit) as browser:
            browser.say(type="hello", ticket=made_up, token=made_up, place="room")
            closed[door.path] = browser.closed_with()
    assert set(closed.values()) == {socket.PASS_NOT_VALID}, closed
