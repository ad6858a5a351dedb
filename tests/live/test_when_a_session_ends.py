"""A socket stands no longer than the session in which its page or program asked for the ticket."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from clinicall import wiring
from clinicall.booking.models import Appointment
from clinicall.consultation.attending import agenda_ticket_for, ticket_for
from clinicall.live import socket
from clinicall.people.closing import close_account
from clinicall.people.models import Patient, User
from clinicall.people.sessions import LIMITS
from clinicall.rights.erasing import erase
from clinicall.schedule.models import Slot
from clinicall.video.provider import DOCTOR_UID, PATIENT_UID
from tests.cast import PASSWORD
from tests.clinic_clock import ClinicClock
from tests.conftest import booked
from tests.live.browser_socket import BrowserSocket
from tests.live.signed_in import name_in, signed_in
from tests.live.test_signalling import token
from tests.server.serving import Server, wait_for

pytestmark = pytest.mark.django_db(transaction=True)
LOOKED_AT_WITHIN = 40  # seconds


@pytest.fixture
def visit(free_slots: list[Slot], ana: Patient) -> Appointment:
    return booked(free_slots[0], ana)


@dataclass(frozen=True)
class Door:
    """A socket as this person opens it from a browser, or with a session's name of their own."""

    path: str
    hello: Callable[[Appointment, User, str], dict[str, str]]
    answer: str

    def knock(self, server: Server, visit: Appointment, person: User, name: str) -> BrowserSocket:
        browser = BrowserSocket(server.port, self.path.format(visit.pk))
        browser.say(type="hello", **self.hello(visit, person, name))
        return browser

    def enter(self, server: Server, visit: Appointment, person: User, name: str) -> BrowserSocket:
        browser = self.knock(server, visit, person, name)
        assert browser.hear()["type"] == self.answer
        return browser


def a_pass(visit: Appointment, person: User, name: str) -> dict[str, str]:
    uid = DOCTOR_UID if person.pk == visit.doctor_id else PATIENT_UID
    return {"token": token(visit, uid, session=name)}


def a_ticket(visit: Appointment, person: User, name: str) -> dict[str, str]:
    return {"ticket": ticket_for(visit, person, name), "place": "room"}


CALL = Door("/ws/calls/{}", a_pass, "welcome")
VISIT = Door("/ws/visits/{}", a_ticket, "here")
AGENDA = Door(
    "/ws/agenda", lambda _, person, name: {"ticket": agenda_ticket_for(person.pk, name)}, "welcome"
)
either_call = pytest.mark.parametrize("door", [CALL, VISIT], ids=["signalling", "presence"])


def closed_with(browser: BrowserSocket) -> int | None:
    browser.connection.settimeout(LOOKED_AT_WITHIN)
    return browser.closed_with()


def sign_out(browser: Client, _person: User) -> None:
    browser.post("/account/logout/")


def sign_out_by_program(browser: Client, _person: User) -> None:
    program = Client(headers={"X-Session-Token": str(browser.session.session_key)})
    assert program.delete("/_allauth/app/v1/auth/session").status_code == 401


def end_it_on_another_device(_browser: Client, person: User) -> None:
    another = signed_in(person)
    page = another.get("/account/devices/").content.decode()
    for path in re.findall(r'action="(/account/devices/\d+/end/)"', page):
        another.post(path)


def change_the_password_elsewhere(_browser: Client, person: User) -> None:
    another, new = signed_in(person), "a quite different long secret"
    sent = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    another.post("/account/password/change/", sent)


def close_it(_browser: Client, person: User) -> None:
    close_account(person.pk)


@either_call
@pytest.mark.parametrize(
    "end",
    [
        sign_out,
        sign_out_by_program,
        end_it_on_another_device,
        change_the_password_elsewhere,
        close_it,
    ],
)
def test_the_socket_ends_with_the_session_at_once_and_the_ticket_with_it(
    server: Server,
    visit: Appointment,
    ana: Patient,
    door: Door,
    end: Callable[[Client, User], None],
) -> None:
    browser = signed_in(ana.user)
    name = name_in(browser)
    with door.enter(server, visit, ana.user, name) as there:
        end(browser, ana.user)
        # Sooner than anybody would look: it was told.
        there.connection.settimeout(socket.PING_EVERY / 2)
        assert there.closed_with() == socket.PASS_NOT_VALID
    with door.knock(server, visit, ana.user, name) as again:
        assert again.closed_with() == socket.PASS_NOT_VALID


def test_an_erased_person_is_in_no_call(server: Server, visit: Appointment, ana: Patient) -> None:
    name = name_in(signed_in(ana.user))
    with CALL.enter(server, visit, ana.user, name) as there:
        erase(ana.user, gateway_for=wiring.payment_gateway, line=wiring.video_line(), by=ana.user)
        assert there.closed_with() in (socket.PASS_NOT_VALID, socket.CALL_OVER)
    with CALL.knock(server, visit, ana.user, name) as again:
        assert again.closed_with() == socket.PASS_NOT_VALID


def test_the_agenda_ends_with_its_session(server: Server, visit: Appointment) -> None:
    doctor = visit.doctor.user
    browser = signed_in(doctor)
    with AGENDA.enter(server, visit, doctor, name_in(browser)) as there:
        sign_out(browser, doctor)
        assert there.closed_with() == socket.PASS_NOT_VALID


@either_call
def test_other_sessions_of_the_same_person_go_on(
    server: Server, visit: Appointment, ana: Patient, door: Door
) -> None:
    here, elsewhere = signed_in(ana.user), signed_in(ana.user)
    sign_out(elsewhere, ana.user)
    with door.enter(server, visit, ana.user, name_in(here)) as there:
        there.say(type="leave")
        assert there.closed_with() == socket.DONE


def test_an_end_that_nobody_told_of_is_seen_at_the_next_look(
    server: Server, visit: Appointment
) -> None:
    """On all sockets beside each other, as that is seconds away."""
    doctor = visit.doctor.user
    browser = signed_in(doctor)
    doors = [door.enter(server, visit, doctor, name_in(browser)) for door in (CALL, VISIT, AGENDA)]
    Session.objects.filter(pk=browser.session.session_key).delete()
    for there in doors:
        with there:
            assert closed_with(there) == socket.PASS_NOT_VALID


def ends_in(browser: Client, seconds: float) -> None:
    """As if it had been used long ago."""
    soon = datetime.now(UTC) + timedelta(seconds=seconds)
    Session.objects.filter(pk=browser.session.session_key).update(expire_date=soon)


def test_an_agenda_that_nobody_uses_ends_when_its_session_does(
    server: Server, visit: Appointment
) -> None:
    browser = signed_in(visit.doctor.user)
    ends_in(browser, 3)
    with AGENDA.enter(server, visit, visit.doctor.user, name_in(browser)) as there:
        there.connection.settimeout(socket.PING_EVERY / 2)
        assert there.closed_with() == socket.PASS_NOT_VALID


def test_who_is_in_the_room_uses_their_session(server: Server, visit: Appointment) -> None:
    browser = signed_in(visit.doctor.user)
    key = browser.session.session_key
    ends_in(browser, 10)
    with VISIT.enter(server, visit, visit.doctor.user, name_in(browser)):
        in_an_hour = datetime.now(UTC) + timedelta(hours=1)
        wait_for(Session.objects.filter(pk=key, expire_date__gt=in_an_hour).exists)


def test_no_room_prolongs_a_session_beyond_its_whole_length(
    server: Server, visit: Appointment
) -> None:
    browser = signed_in(visit.doctor.user)
    session = browser.session
    session[LIMITS] |= {"until": time.time() + 3}
    session.save()
    with VISIT.enter(server, visit, visit.doctor.user, name_in(browser)) as there:
        there.connection.settimeout(socket.PING_EVERY / 2)
        assert there.closed_with() == socket.PASS_NOT_VALID


def test_a_pass_that_no_session_asked_for_opens_nothing(
    server: Server, visit: Appointment, ana: Patient
) -> None:
    signed_in(ana.user)
    with CALL.knock(server, visit, ana.user, "") as there:
        assert there.closed_with() == socket.PASS_NOT_VALID


def test_anothers_session_carries_nobody(
    server: Server, visit: Appointment, ana: Patient, ben: Patient
) -> None:
    with VISIT.knock(server, visit, ana.user, name_in(signed_in(ben.user))) as there:
        assert there.closed_with() == socket.PASS_NOT_VALID


def test_a_password_that_was_changed_anywhere_ends_the_ticket(
    server: Server, visit: Appointment, ana: Patient
) -> None:
    name = name_in(signed_in(ana.user))
    ana.user.set_unusable_password()
    ana.user.save()
    with VISIT.knock(server, visit, ana.user, name) as there:
        assert there.closed_with() == socket.PASS_NOT_VALID


def test_a_fresh_pass_of_another_session_does_not_carry_on_the_old_one(
    server: Server, visit: Appointment, ana: Patient
) -> None:
    here, elsewhere = signed_in(ana.user), signed_in(ana.user)
    with CALL.enter(server, visit, ana.user, name_in(here)) as there:
        there.say(type="renew", token=token(visit, PATIENT_UID, session=name_in(elsewhere)))
        assert there.closed_with() == socket.PASS_NOT_VALID


def test_the_api_gives_a_pass_that_ends_with_the_session_that_asked(
    server: Server, visit: Appointment, ana: Patient, clock: ClinicClock
) -> None:
    clock.set(visit.starts_at)
    browser = signed_in(ana.user)
    program = Client(headers={"X-Session-Token": str(browser.session.session_key)})
    path = f"/api/v1/appointments/{visit.pk}/call"
    for client in (browser, program):
        given = client.post(path, content_type="application/json").json()["token"]
        assert wiring.peer_line().read(given, clock.now).session == name_in(browser)
