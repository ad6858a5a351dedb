"""Who may enter a visit: every role, at every time, however the visit stands, by every way in."""

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import product

import pytest
from django.test import Client

from clinicall import wiring
from clinicall.booking.ending import complete
from clinicall.booking.models import Appointment
from clinicall.booking.states import Outcome
from clinicall.consultation.attending import agenda_ticket_for, ticket_for
from clinicall.consultation.models import Presence
from clinicall.consultation.room import uid_of
from clinicall.live import socket
from clinicall.people.models import Clinic, Doctor, Patient, Role, User
from clinicall.schedule.models import Slot
from clinicall.video.provider import NotAPass
from tests.booking.test_ending import cancel, paid
from tests.clinic_clock import NOON, ClinicClock
from tests.conftest import booked
from tests.live.browser_socket import BrowserSocket
from tests.live.signed_in import session_of
from tests.server.serving import Server
from tests.web.visitor import Answer

pytestmark = pytest.mark.django_db(transaction=True)

SECOND, MINUTE, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(days=1)
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)  # no pass is over yet


class Who(StrEnum):
    NOBODY = "nobody who signed in"
    OTHER_PATIENT = "another patient"
    OTHER_DOCTOR = "another doctor of the clinic"
    STAFF = "staff of the clinic"
    OTHER_STAFF = "staff of another clinic"
    ADMIN = "admin"
    PATIENT = "the patient"
    DOCTOR = "the doctor"


class At(StrEnum):
    DAY_BEFORE = "a day before"
    JUST_BEFORE = "a second before the door opens"
    OPENS = "as it opens"
    DURING = "during the visit"
    STILL = "a second before it closes"
    CLOSES = "as it closes"

    def of(self, visit: Slot) -> datetime:
        opens = visit.starts_at - 10 * MINUTE
        closes = visit.ends_at + 15 * MINUTE
        return {
            At.DAY_BEFORE: opens - DAY,
            At.JUST_BEFORE: opens - SECOND,
            At.OPENS: opens,
            At.DURING: visit.starts_at + 5 * MINUTE,
            At.STILL: closes - SECOND,
            At.CLOSES: closes,
        }[self]


class Stands(StrEnum):
    PENDING = "pending"
    LAPSED = "lapsed, which nobody has written down yet"
    CONFIRMED = "confirmed"
    CANCELLED = "cancelled"
    COMPLETED = "completed"


class Way(StrEnum):
    CALL = "POST /call"
    READ = "GET the appointment"
    LEAVE = "POST /call/leave"
    PAGE = "the room's page"
    VISIT = "/ws/visits with the ticket of another visit, or none"
    SIGNALLING = "/ws/calls with the pass of another channel, or none"


REFUSED_SOCKETS = {Way.VISIT: {socket.PASS_NOT_VALID}, Way.SIGNALLING: {socket.PASS_NOT_VALID}}
API = (Way.CALL, Way.READ, Way.LEAVE)
WAYS = {
    "stranger": dict.fromkeys(API, "401 not_signed_in") | {Way.PAGE: "302 /account/login/"},
    "outsider": dict.fromkeys(API, "404 not_found") | {Way.PAGE: "404"},
    "unpaid": {Way.CALL: "409 not_confirmed", Way.PAGE: "200 no room"},
    "early": {Way.CALL: "409 too_early", Way.PAGE: "200 no room"},
    "waits": {Way.CALL: "409 too_early", Way.PAGE: "200 waiting-room"},
    "enters": {
        Way.CALL: "200 with their pass",
        Way.READ: "200 with their pass",
        Way.PAGE: "200 consultation-room",
    },
    "closed": {Way.CALL: "410 room_closed", Way.PAGE: "200 no room"},
}
# Reading and saying goodbye are for the two of them at all times.
FOR_THE_TWO = {Way.READ: "200", Way.LEAVE: "204"}

# For the two people of the visit, in the order of the times.
CLOSED = ["closed"] * 6
PATIENT = {
    Stands.PENDING: ["unpaid", "unpaid", "unpaid"],  # no hold outlives the start
    Stands.LAPSED: CLOSED,
    Stands.CONFIRMED: ["early", "waits", "enters", "enters", "enters", "closed"],
    Stands.CANCELLED: CLOSED,
    Stands.COMPLETED: CLOSED,
}
# To them a visit exists from its confirmation on.
DOCTOR = PATIENT | {Stands.PENDING: ["outsider"] * 3, Stands.LAPSED: ["outsider"] * 6}


def expected(who: Who, stands: Stands, at: At) -> dict[Way, object]:
    row = list(At).index(at)
    match who:
        case Who.NOBODY:
            answers = WAYS["stranger"]
        case Who.PATIENT:
            answers = FOR_THE_TWO | WAYS[PATIENT[stands][row]]
        case Who.DOCTOR:
            answers = FOR_THE_TWO | WAYS[DOCTOR[stands][row]]
        case _:
            answers = WAYS["outsider"]
    return {**answers, **REFUSED_SOCKETS}


# --- The visit and the people around it ---


def a_visit(
    stands: Stands, at: At, slot: Slot, patient: Patient, clock: ClinicClock
) -> Appointment:
    """As it stands at this time, which it is from now on."""
    moment = at.of(slot)
    match stands:
        case Stands.PENDING:
            clock.set(moment - MINUTE)
            visit = booked(slot, patient)
        case Stands.LAPSED:
            visit = booked(slot, patient)
        case Stands.CONFIRMED:
            visit = paid(slot, patient)
        case Stands.CANCELLED:
            visit = cancel(paid(slot, patient), slot.doctor.user)
        case Stands.COMPLETED:
            visit = paid(slot, patient)
            clock.set(slot.starts_at)
            complete(visit.pk, Outcome.ATTENDED, by=slot.doctor.user)
    clock.set(moment)
    visit.refresh_from_db()
    return visit


@pytest.fixture
def people(ana: Patient, ben: Patient, dr_osei: Doctor, dr_silva: Doctor) -> dict[Who, User | None]:
    elsewhere = Clinic.objects.create(name="Hillside", timezone="Asia/Colombo", currency="LKR")

    def of_a_clinic(role: Role, clinic: Clinic | None) -> User:
        name = f"{role}@{clinic.name if clinic else 'all'}.example"
        return User.objects.create_user(name, role=role, clinic=clinic)

    return {
        Who.NOBODY: None,
        Who.OTHER_PATIENT: ben.user,
        Who.OTHER_DOCTOR: dr_silva.user,
        Who.STAFF: of_a_clinic(Role.STAFF, dr_osei.clinic),
        Who.OTHER_STAFF: of_a_clinic(Role.STAFF, elsewhere),
        Who.ADMIN: of_a_clinic(Role.ADMIN, None),
        Who.PATIENT: ana.user,
        Who.DOCTOR: dr_osei.user,
    }


@pytest.fixture
def others(
    slots: list[Slot], free_slots: list[Slot], ana: Patient, ben: Patient
) -> list[Appointment]:
    """The patient's with the other doctor, the doctor's with the other patient, and one of neither."""
    return [booked(free_slots[3], ana), paid(slots[2], ben), booked(free_slots[1], ben)]


# --- The ways in ---


def minted(visit: Appointment) -> tuple[object, ...]:
    """All that a pass leaves behind."""
    columns = ("line", "token_sealed", "token_uid", "token_expires_at", "media_secret_sealed")
    row: tuple[object, ...] = Appointment.objects.values_list(*columns).get(pk=visit.pk)
    return row


def passes_in(answer: Answer) -> Iterator[tuple[str, int]]:
    """Channel and uid of all that opens a call, wherever it stands in what was answered."""
    for text in re.findall(r"[\w:.=-]{40,}", f"{answer.headers} {answer.content.decode()}"):
        with suppress(NotAPass):
            found = wiring.peer_line().read(text, LONG_AGO)
            yield found.channel, found.uid


def browser_of(person: User | None) -> Client:
    client = Client()
    if person:
        client.force_login(person)
    return client


def ask(way: Way, visit: Appointment, person: User | None, client: Client) -> str:
    path = f"/appointments/{visit.pk}"
    match way:
        case Way.CALL:
            answer = client.post(f"/api/v1{path}/call", {}, "application/json")
        case Way.READ:
            answer = client.get(f"/api/v1{path}")
        case Way.LEAVE:
            answer = client.post(f"/api/v1{path}/call/leave", {}, "application/json")
        case _:
            answer = client.get(f"{path}/room/")
    told = f"{answer.status_code} {_what(way, answer)}".rstrip()
    theirs = (visit.channel_name, uid_of(visit, person)) if person else None
    for found in set(passes_in(answer)):
        told += " with their pass" if found == theirs else " with a pass"
    return told


def _what(way: Way, answer: Answer) -> str:
    """The problem's code, where a stranger is sent, or what the page holds."""
    page = answer.content.decode()
    if answer["Content-Type"] == "application/problem+json":
        found = re.search(r'"code": ?"(\w+)"', page)
        return found[1] if found else ""
    if answer.status_code == 302:
        return answer["Location"].split("?")[0]
    if way is Way.PAGE and answer.status_code == 200:
        element = re.search("<(consultation-room|waiting-room) ", page)
        return element[1] if element else "no room"
    return ""


def turned_away(server: Server, path: str, **hello: str) -> int | None:
    with BrowserSocket(server.port, path) as browser:
        browser.say(type="hello", **hello)
        return browser.closed_with()


def knock(
    server: Server,
    visit: Appointment,
    person: User | None,
    others: list[Appointment],
    now: datetime,
) -> dict[Way, object]:
    """The codes with which this person's sockets are closed: with nothing to show, and with all that
    they may have by right for other visits."""
    tickets, passes = [""], [""]
    if person:
        session = session_of(person)
        for other in others:
            if person.pk in (other.doctor_id, other.patient_id):
                tickets.append(ticket_for(other, person, session))
                passes.append(pass_for(other, person, now, session))
        if person.role == Role.DOCTOR:
            tickets.append(agenda_ticket_for(person.pk, session))
    return {
        Way.VISIT: {
            turned_away(server, f"/ws/visits/{visit.pk}", ticket=ticket, place="room")
            for ticket in tickets
        },
        Way.SIGNALLING: {
            turned_away(server, f"/ws/calls/{visit.pk}", token=token) for token in passes
        },
    }


def pass_for(visit: Appointment, person: User, now: datetime, session: str) -> str:
    uid, until = uid_of(visit, person), now + 30 * MINUTE
    issued = wiring.peer_line().issue(
        channel=visit.channel_name, uid=uid, now=now, expires_at=until, session=session
    )
    return issued.token


CASES = [
    (stands, at)
    for stands, at in product(Stands, At)
    if stands is not Stands.PENDING or at in (At.DAY_BEFORE, At.JUST_BEFORE, At.OPENS)
]


@pytest.mark.parametrize(("stands", "at"), CASES)
def test_only_the_two_people_of_a_visit_enter_it_and_only_while_its_door_is_open(
    stands: Stands,
    at: At,
    slots: list[Slot],
    ana: Patient,
    people: dict[Who, User | None],
    others: list[Appointment],
    clock: ClinicClock,
    server: Server,
) -> None:
    visit = a_visit(stands, at, slots[0], ana, clock)
    before = minted(visit)
    answers: dict[Who, dict[Way, object]] = {}
    for who, person in people.items():
        client = browser_of(person)
        answers[who] = {way: ask(way, visit, person, client) for way in (*API, Way.PAGE)}
        answers[who] |= knock(server, visit, person, others, clock.now)
        if answers[who][Way.CALL] != "200 with their pass":
            assert minted(visit) == before, who
    assert answers == {who: expected(who, stands, at) for who in Who}
    assert not Presence.objects.exists()
    clock.set(NOON)  # or the holds would be overdue, as nobody tidies up here
