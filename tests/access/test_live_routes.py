"""The routes of the event loop: each is in its table, and lets in whom the table says."""

import re
from uuid import uuid4

import pytest
from starlette.routing import Route, Router, WebSocketRoute

from clinicall.booking.models import Appointment
from clinicall.consultation.attending import ticket_for
from clinicall.consultation.models import Presence
from clinicall.live import reads, socket
from clinicall.live import routes as live
from clinicall.people.models import Patient
from clinicall.schedule.models import Slot
from clinicall.server import health
from clinicall.video.provider import DOCTOR_UID, PATIENT_UID
from tests.access.live import GET, READ, SOCKET, TABLE, Row
from tests.access.matrix.table import CALLS
from tests.conftest import booked
from tests.live.browser_socket import BrowserSocket, Refused
from tests.live.signed_in import session_of
from tests.live.test_presence import agenda_ticket
from tests.live.test_signalling import token
from tests.server.serving import Server

CHANGING = ("POST", "PUT", "PATCH", "DELETE")
ELSEWHERE = "https://elsewhere.example"


def test_the_table_knows_every_route_and_no_other() -> None:
    routes = [*health.routes, *live.routes]
    handing_on = reads.routes(Router())
    served = {
        (route.path, GET if isinstance(route, Route) else SOCKET)
        for route in routes
        if isinstance(route, Route | WebSocketRoute)
    } | {(route.path, READ) for route in handing_on if isinstance(route, Route)}
    assert len(served) == len([*routes, *handing_on]), "a kind of route nobody knows"
    assert served == {(row.path, row.methods) for row in TABLE}, "change tests/access/live.py"


@pytest.fixture
def visit(free_slots: list[Slot], ana: Patient) -> Appointment:
    return booked(free_slots[0], ana)


@pytest.fixture
def other(free_slots: list[Slot], ben: Patient) -> Appointment:
    return booked(free_slots[1], ben)


def address(row: Row, visit: Appointment | None) -> str:
    ids = {
        "doctor": visit.doctor_id if visit else uuid4(),
        "appointment": visit.pk if visit else uuid4(),
    }
    return re.sub(r"\{(\w+):uuid\}", lambda found: str(ids[found[1]]), row.path)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "row", [row for row in TABLE if row.methods == GET], ids=lambda row: row.path
)
def test_who_is_not_signed_in_may_look_and_nobody_may_change(
    row: Row, server: Server, visit: Appointment
) -> None:
    # With no job worker around, it is not ready, and says so to everybody.
    looked = server.ask("HEAD", address(row, visit)).status
    assert looked == (503 if row.path == "/readyz" else 200)
    if "{" in row.path:
        assert server.ask("HEAD", address(row, None)).status == 404
    for method in CHANGING:
        assert server.ask(method, address(row, visit), b"{}").status in (403, 404, 405), method


@pytest.mark.django_db(transaction=True)
def test_what_is_read_beside_django_is_told_to_anybody_by_django_too(
    server: Server, visit: Appointment
) -> None:
    doors = {row.path: row.door for row in CALLS if "GET" in row.methods}
    for row in TABLE:
        if row.methods == READ:
            assert doors[row.path[1:].replace("{doctor:uuid}", "<doctor_id>")] == "anyone"
            for method in CHANGING:
                assert server.ask(method, address(row, visit), b"{}").status == 405, row.path


def credentials(row: Row, visit: Appointment) -> list[str]:
    """Of the two of a visit; the agenda is its doctor's alone."""
    if row.path == "/ws/agenda":
        return [agenda_ticket(visit)]
    if row.needs == "token":
        return [token(visit, PATIENT_UID), token(visit, DOCTOR_UID)]
    return [
        ticket_for(visit, person, session_of(person))
        for person in (visit.patient.user, visit.doctor.user)
    ]


def first_words(row: Row, credential: str) -> dict[str, str]:
    said = {"type": "hello", row.needs: credential}
    return said | {"place": "room"} if row.path.startswith("/ws/visits") else said


SOCKETS = pytest.mark.parametrize(
    "row", [row for row in TABLE if row.methods == SOCKET], ids=lambda row: row.path
)


@pytest.mark.django_db(transaction=True)
@SOCKETS
def test_the_two_of_a_visit_get_in_by_what_they_were_handed(
    row: Row, server: Server, visit: Appointment
) -> None:
    for credential in credentials(row, visit):
        with BrowserSocket(server.port, address(row, visit)) as browser:
            browser.say(**first_words(row, credential))
            assert browser.hear()["type"] == row.answer


@pytest.mark.django_db(transaction=True)
@SOCKETS
def test_nobody_gets_in_by_anything_else(
    row: Row, server: Server, visit: Appointment, other: Appointment
) -> None:
    of_other_sockets = [
        credential
        for another in TABLE
        if another.methods == SOCKET and another.path != row.path
        for credential in credentials(another, visit)
    ]
    of_another_visit = credentials(row, other) if "{" in row.path else []
    for credential in ("", "made up", *of_other_sockets, *of_another_visit):
        with BrowserSocket(server.port, address(row, visit)) as browser:
            browser.say(**first_words(row, credential))
            assert browser.closed_with() == socket.PASS_NOT_VALID
    with pytest.raises(Refused):
        BrowserSocket(server.port, address(row, visit), ELSEWHERE)
    assert not Presence.objects.exists()
