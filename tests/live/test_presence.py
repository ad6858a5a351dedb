"""Who is there: told to the other one at once, and kept as evidence."""

from typing import Any

import pytest

from clinicall.booking.ending import complete
from clinicall.booking.models import Appointment
from clinicall.booking.states import Outcome
from clinicall.consultation import running_late
from clinicall.consultation.attending import agenda_ticket_for, ticket_for
from clinicall.consultation.models import Presence
from clinicall.live import socket
from clinicall.people.models import Patient, User
from clinicall.schedule.models import Slot
from tests.clinic_clock import ClinicClock
from tests.conftest import booked
from tests.live.browser_socket import BrowserSocket, Refused
from tests.live.signed_in import session_of
from tests.server.serving import Server, wait_for

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def visit(free_slots: list[Slot], ana: Patient) -> Appointment:
    return booked(free_slots[0], ana)


def knock(server: Server, visit: Appointment, ticket: str, place: str = "room") -> BrowserSocket:
    browser = BrowserSocket(server.port, f"/ws/visits/{visit.pk}")
    browser.say(type="hello", ticket=ticket, place=place)
    return browser


def come(
    server: Server, visit: Appointment, person: User, place: str = "room"
) -> tuple[BrowserSocket, dict[str, Any]]:
    """The socket, and who is there by the first word of the server."""
    browser = knock(server, visit, ticket_for(visit, person, session_of(person)), place)
    return browser, next_of("here", browser)


def next_of(kind: str, browser: BrowserSocket) -> dict[str, Any]:
    while (message := browser.hear())["type"] != kind:
        pass
    return message


def until(browser: BrowserSocket, **facts: object) -> dict[str, Any]:
    """The first word of who is there that says this."""
    while True:
        here = next_of("here", browser)
        if {name: here[name] is not None for name in facts} == facts:
            return here


def test_each_hears_of_the_others_coming_and_going(server: Server, visit: Appointment) -> None:
    patient, here = come(server, visit, visit.patient.user, "waiting")
    assert here["patient"] == here["now"]
    assert here["doctor"] is None
    doctor, here = come(server, visit, visit.doctor.user)
    with patient, doctor:
        assert here["patient"]
        until(patient, doctor=True)
        doctor.say(type="leave")
        assert doctor.closed_with() == socket.DONE
        until(patient, doctor=False)


def test_what_is_seen_of_them_is_kept(
    server: Server, visit: Appointment, clock: ClinicClock
) -> None:
    patient, _ = come(server, visit, visit.patient.user, "waiting")
    stayed = Presence.objects.get()
    assert (stayed.side, stayed.place, stayed.since) == ("patient", "waiting", clock.now)
    assert not stayed.gone
    came = clock.now
    clock.set(visit.starts_at)
    patient.hang_up()

    def is_gone() -> bool:
        stayed.refresh_from_db()
        return stayed.gone

    wait_for(is_gone)
    assert (stayed.since, stayed.until) == (came, visit.starts_at)


def test_the_patient_sees_that_the_doctor_is_with_somebody_else(
    server: Server, visit: Appointment, free_slots: list[Slot], ben: Patient
) -> None:
    before = booked(free_slots[1], ben)
    patient, here = come(server, visit, visit.patient.user, "waiting")
    assert here["doctorIsBusy"] is False
    doctor, _ = come(server, before, before.doctor.user)
    with patient:
        with doctor:
            until_busy(patient, True)
        until_busy(patient, False)


def test_whoever_waits_hears_that_the_doctor_is_late(
    server: Server, visit: Appointment, clock: ClinicClock
) -> None:
    patient, here = come(server, visit, visit.patient.user, "waiting")
    assert here["delayMinutes"] == 0
    clock.set(visit.starts_at)
    running_late.say(visit.doctor, 20)
    with patient:
        while (here := next_of("here", patient))["delayMinutes"] != 20:
            pass
    assert here["closesAt"] == "2026-11-25T04:20:00Z"


def until_busy(patient: BrowserSocket, is_busy: bool) -> None:
    while next_of("here", patient)["doctorIsBusy"] is not is_busy:
        pass


def agenda_ticket(visit: Appointment) -> str:
    return agenda_ticket_for(visit.doctor_id, session_of(visit.doctor.user))


def test_the_agenda_hears_that_somebody_waits(server: Server, visit: Appointment) -> None:
    agenda = BrowserSocket(server.port, "/ws/agenda")
    agenda.say(type="hello", ticket=agenda_ticket(visit))
    assert agenda.hear() == {"type": "welcome"}
    patient, _ = come(server, visit, visit.patient.user, "waiting")
    with agenda, patient:
        assert agenda.hear() == {"type": "changed"}


def test_words_in_the_call_are_passed_on_and_kept_nowhere(
    server: Server, visit: Appointment
) -> None:
    patient, _ = come(server, visit, visit.patient.user)
    doctor, _ = come(server, visit, visit.doctor.user)
    with patient, doctor:
        patient.say(type="chat", text="I cannot hear you")
        assert next_of("chat", doctor) == {"type": "chat", "text": "I cannot hear you"}
        doctor.say(type="chat", text="Turn it up")
        assert next_of("chat", patient)["text"] == "Turn it up"
        doctor.say(type="chat", text="x" * 2_001)
        assert doctor.closed_with() == socket.NOT_ALLOWED


def test_the_end_of_the_visit_is_told_and_ends_the_socket(
    server: Server, visit: Appointment, clock: ClinicClock
) -> None:
    clock.set(visit.starts_at)
    patient, _ = come(server, visit, visit.patient.user, "waiting")
    complete(visit.pk, Outcome.ATTENDED, by=visit.doctor.user)
    with patient:
        assert next_of("ended", patient) == {"type": "ended", "status": "completed"}
        assert patient.closed_with() == socket.CALL_OVER


@pytest.mark.parametrize("ticket", ["", "made up", "a:b:c"])
def test_without_a_ticket_of_ours_nobody_is_there(
    server: Server, visit: Appointment, ticket: str
) -> None:
    with knock(server, visit, ticket) as browser:
        assert browser.closed_with() == socket.PASS_NOT_VALID
    assert not Presence.objects.exists()


def test_a_ticket_is_for_its_own_visit(
    server: Server, visit: Appointment, free_slots: list[Slot], ben: Patient
) -> None:
    other = booked(free_slots[1], ben)
    with knock(server, visit, ticket_for(other, ben.user, session_of(ben.user))) as browser:
        assert browser.closed_with() == socket.PASS_NOT_VALID
    with knock(server, visit, agenda_ticket(visit)) as browser:
        assert browser.closed_with() == socket.PASS_NOT_VALID


def test_a_suspended_account_is_not_there(server: Server, visit: Appointment) -> None:
    User.objects.filter(pk=visit.patient_id).update(is_active=False)
    patient = visit.patient.user
    with knock(server, visit, ticket_for(visit, patient, session_of(patient))) as browser:
        assert browser.closed_with() == socket.PASS_NOT_VALID


def test_a_suspended_doctors_agenda_hears_nothing(server: Server, visit: Appointment) -> None:
    User.objects.filter(pk=visit.doctor_id).update(is_active=False)
    with BrowserSocket(server.port, "/ws/agenda") as agenda:
        agenda.say(type="hello", ticket=agenda_ticket(visit))
        assert agenda.closed_with() == socket.PASS_NOT_VALID


def test_another_site_opens_no_socket(server: Server, visit: Appointment) -> None:
    with pytest.raises(Refused):
        BrowserSocket(server.port, f"/ws/visits/{visit.pk}", "https://elsewhere.example")
    with pytest.raises(Refused):
        BrowserSocket(server.port, "/ws/agenda", "https://elsewhere.example")
