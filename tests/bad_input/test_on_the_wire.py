"""What a browser never sends, to the whole server: it is refused, and the next one is served."""

import re
from collections.abc import Iterator

import pytest

from clinicall.live import socket
from clinicall.people.models import Patient
from clinicall.schedule.models import Slot
from clinicall.video.provider import PATIENT_UID
from tests.conftest import booked
from tests.live.browser_socket import BrowserSocket
from tests.live.test_signalling import token
from tests.server.serving import Server

HEAD = (
    b"POST /api/v1/appointments HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
)


@pytest.fixture(autouse=True)
def the_next_one_is_served(server: Server, transactional_db: None) -> Iterator[None]:
    yield
    assert server.get("/api/v1/doctors").status == 200


def answer_to(server: Server, request: bytes) -> bytes:
    """All that comes back until the server closes; the status line alone may be looked at."""
    with server.open(request) as connection:
        return connection.recv(65_536)


def status(server: Server, request: bytes) -> int:
    found = re.match(rb"HTTP/1\.[01] ([0-9]{3}) ", answer_to(server, request))
    return int(found[1]) if found else 0


@pytest.mark.parametrize(
    "lengths",
    [
        b"Content-Length: -1\r\n",
        b"Content-Length: 1e3\r\n",
        b"Content-Length: 2\r\nContent-Length: 3\r\n",
        b"Content-Length: 99999999999999999999999999\r\n",
        b"Transfer-Encoding: chunked\r\nContent-Length: 2\r\n",
        b"Transfer-Encoding: gzip, chunked\r\n",
    ],
    ids=lambda value: value.decode().strip().replace("\r\n", " and "),
)
def test_a_length_that_is_not_true_ends_the_connection(server: Server, lengths: bytes) -> None:
    answer = answer_to(server, HEAD + lengths + b"\r\n{}")
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"connection: close" in answer


def test_a_head_without_end_is_refused(server: Server) -> None:
    for name in (b"X-Long", b"Cookie"):
        head = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n" + name + b": " + b"x" * 100_000
        assert status(server, head + b"\r\n\r\n") == 431


@pytest.mark.parametrize(
    "path",
    ["/%2e%2e/", "/../etc/passwd", "/%00", "/static/../pyproject.toml", "/static/%2e%2e/%2e%2e/x"],
)
def test_a_path_that_leads_out_leads_nowhere(server: Server, path: str) -> None:
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode()
    assert status(server, request) == 404


def test_a_forged_address_of_a_proxy_changes_nothing(server: Server) -> None:
    forged = {
        "X-Forwarded-For": "203.0.113.9",
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Proto": "https",
        "Forwarded": "for=203.0.113.9;host=evil.example;proto=https",
    }
    for path in ("/", "/account/login/", "/api/v1/doctors", "/api/v1/appointments"):
        plain, told = server.get(path), server.ask("GET", path, headers=forged)
        assert told.status == plain.status
        assert b"evil.example" not in told.body
        assert "Strict-Transport-Security" not in told.headers


def test_a_pass_in_an_address_opens_no_socket(
    server: Server, free_slots: list[Slot], ana: Patient
) -> None:
    visit = booked(free_slots[0], ana)
    pass_of_hers = token(visit, PATIENT_UID)
    with BrowserSocket(server.port, f"/ws/calls/{visit.pk}?token={pass_of_hers}") as browser:
        browser.say(type="hello")
        assert browser.closed_with() == socket.NOT_ALLOWED
