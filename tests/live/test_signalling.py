from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from clinicall import wiring
from clinicall.booking.models import Appointment
from clinicall.core.announce import announce
from clinicall.live import socket
from clinicall.people.models import Doctor, Patient
from clinicall.schedule.models import Slot
from clinicall.video.provider import DOCTOR_UID, PATIENT_UID
from tests.booking.test_ending import cancel
from tests.clinic_clock import NOON
from tests.conftest import booked
from tests.live.browser_socket import BrowserSocket, Closed, Refused
from tests.live.signed_in import session_of
from tests.server.serving import Server

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def visit(free_slots: list[Slot], ana: Patient) -> Appointment:
    return booked(free_slots[0], ana)


def token(visit: Appointment, uid: int, seconds: int = 600, *, session: str | None = None) -> str:
    """A pass of the doctor's or the patient's; without `session` for one that stands."""
    person = visit.doctor.user if uid == DOCTOR_UID else visit.patient.user
    return (
        wiring.peer_line()
        .issue(
            channel=visit.channel_name,
            uid=uid,
            now=NOON,
            expires_at=NOON + timedelta(seconds=seconds),
            session=session_of(person) if session is None else session,
        )
        .token
    )


def knock(server: Server, visit: Appointment, origin: str | None = None) -> BrowserSocket:
    return BrowserSocket(server.port, f"/ws/calls/{visit.pk}", origin)


def enter(server: Server, visit: Appointment, uid: int) -> tuple[BrowserSocket, dict[str, Any]]:
    """The socket, and the server's welcome."""
    browser = knock(server, visit)
    browser.say(type="hello", token=token(visit, uid))
    return browser, browser.hear()


def meet(server: Server, visit: Appointment) -> tuple[BrowserSocket, BrowserSocket]:
    """Doctor and patient, who know of each other."""
    doctor, _ = enter(server, visit, DOCTOR_UID)
    patient, _ = enter(server, visit, PATIENT_UID)
    assert doctor.hear()["type"] == patient.hear()["type"] == "peer-joined"
    return doctor, patient


def test_doctor_and_patient_are_told_of_each_other(server: Server, visit: Appointment) -> None:
    doctor, doctors = enter(server, visit, DOCTOR_UID)
    patient, patients = enter(server, visit, PATIENT_UID)
    with doctor, patient:
        assert (doctors["type"], doctors["uid"], doctors["polite"]) == ("welcome", 1, False)
        assert (patients["type"], patients["uid"], patients["polite"]) == ("welcome", 2, True)
        assert doctor.hear() == {"type": "peer-joined", "session": patients["session"]}
        assert patient.hear() == {"type": "peer-joined", "session": doctors["session"]}


def test_what_one_says_the_other_hears_and_nobody_else(
    server: Server, visit: Appointment, free_slots: list[Slot], ben: Patient
) -> None:
    another, _ = enter(server, booked(free_slots[1], ben), PATIENT_UID)
    doctor, patient = meet(server, visit)
    with doctor, patient, another:
        doctor.say(type="signal", data={"description": "offer"})
        heard = patient.hear()
        assert (heard["type"], heard["data"]) == ("signal", {"description": "offer"})
        patient.say(type="signal", data={"description": "answer"})
        assert doctor.hear()["data"] == {"description": "answer"}
        another.say(type="leave")
        with pytest.raises(Closed):
            another.hear()


def test_an_offer_longer_than_a_notification_arrives_whole(
    server: Server, visit: Appointment
) -> None:
    offer = {"sdp": "a=candidate:1 ශ්‍රී “quotes” \\ \n" * 800, "label": "half: \ud800"}
    doctor, patient = meet(server, visit)
    with doctor, patient:
        doctor.say(type="signal", data=offer)
        assert patient.hear()["data"] == offer


def test_leaving_is_told_apart_from_a_line_that_drops(server: Server, visit: Appointment) -> None:
    doctor, patient = meet(server, visit)
    with doctor:
        patient.say(type="leave")
        assert patient.closed_with() == socket.DONE
        patient.hang_up()
        assert doctor.hear() == {"type": "peer-left", "why": "left"}
        patient, _ = enter(server, visit, PATIENT_UID)
        assert doctor.hear()["type"] == patient.hear()["type"] == "peer-joined"
        patient.hang_up()
        assert doctor.hear() == {"type": "peer-left", "why": "lost"}


def test_leaving_by_the_api_is_told_to_the_other(server: Server, visit: Appointment) -> None:
    doctor, patient = meet(server, visit)
    with doctor, patient:
        announce(f"call:{visit.pk}", {"event": "left", "uid": PATIENT_UID})
        assert doctor.hear() == {"type": "peer-left", "why": "left"}


def test_the_newest_of_two_tabs_stays(server: Server, visit: Appointment) -> None:
    doctor, patient = meet(server, visit)
    with doctor, patient:
        second, welcome = enter(server, visit, PATIENT_UID)
        with second:
            assert patient.hear() == {"type": "replaced"}
            assert patient.closed_with() == socket.REPLACED
            assert doctor.hear() == {"type": "peer-joined", "session": welcome["session"]}
            assert second.hear()["type"] == "peer-joined"
            second.say(type="signal", data="here")
            assert doctor.hear()["data"] == "here"


def test_after_a_lost_database_the_two_meet_again(server: Server, visit: Appointment) -> None:
    doctor, patient = meet(server, visit)
    with doctor, patient:
        with connection.cursor() as cursor:
            cursor.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where datname = current_database() and query ilike 'listen%'"
            )
        for browser in (doctor, patient):
            assert browser.hear() == {"type": "peer-left", "why": "lost"}
            assert browser.hear()["type"] == "peer-joined"
        doctor.say(type="signal", data="again")
        assert patient.hear()["data"] == "again"


def test_the_end_of_the_visit_ends_the_call(server: Server, visit: Appointment) -> None:
    doctor, patient = meet(server, visit)
    with doctor, patient:
        with transaction.atomic():
            announce(f"call:{visit.pk}", {"event": "ended", "status": "completed"})
        for browser in (doctor, patient):
            assert browser.hear() == {"type": "ended", "status": "completed"}
            assert browser.closed_with() == socket.CALL_OVER


def test_nobody_enters_a_call_that_is_over(
    server: Server, visit: Appointment, dr_silva: Doctor
) -> None:
    cancel(visit, dr_silva.user)
    browser, answer = enter(server, visit, PATIENT_UID)
    with browser:
        assert answer == {"type": "ended", "status": "cancelled"}
        assert browser.closed_with() == socket.CALL_OVER


def test_a_pass_for_another_visit_or_a_forged_one_does_not_open(
    server: Server, visit: Appointment, free_slots: list[Slot], ben: Patient
) -> None:
    other = booked(free_slots[1], ben)
    for wrong in (token(other, PATIENT_UID), token(visit, PATIENT_UID) + "x", ""):
        with knock(server, visit) as browser:
            browser.say(type="hello", token=wrong)
            assert browser.closed_with() == socket.PASS_NOT_VALID


def test_a_pass_ends_unless_it_is_renewed(server: Server, visit: Appointment) -> None:
    with knock(server, visit) as stays, knock(server, visit) as goes:
        session = session_of(visit.doctor.user)
        stays.say(type="hello", token=token(visit, DOCTOR_UID, seconds=2, session=session))
        goes.say(type="hello", token=token(visit, PATIENT_UID, seconds=2))
        stays.say(type="renew", token=token(visit, DOCTOR_UID, session=session))
        assert goes.closed_with() == socket.PASS_NOT_VALID
        heard = [stays.hear()["type"] for _ in range(3)]
        assert heard == ["welcome", "peer-joined", "peer-left"]


def test_a_renewal_cannot_change_who_one_is(server: Server, visit: Appointment) -> None:
    patient, _ = enter(server, visit, PATIENT_UID)
    with patient:
        patient.say(type="renew", token=token(visit, DOCTOR_UID))
        assert patient.closed_with() == socket.PASS_NOT_VALID


def test_a_page_of_somebody_else_cannot_open_the_socket(server: Server, visit: Appointment) -> None:
    ours = f"http://127.0.0.1:{server.port}"
    for origin in (ours, f"http://localhost:{server.port}", None):
        knock(server, visit, origin).hang_up()
    for origin in ("https://evil.example", "http://127.0.0.1:1", ours.replace("http", "https")):
        with pytest.raises(Refused) as refused:
            knock(server, visit, origin)
        assert refused.value.status == 403


def test_other_addresses_have_no_socket(server: Server) -> None:
    with pytest.raises(Refused):
        BrowserSocket(server.port, "/ws/somewhere")


def test_in_production_only_the_public_address_counts(settings: Any) -> None:
    settings.PRODUCTION = True
    assert socket.origins("https://clinic.lk") == ["https://clinic.lk"]
    assert socket.origins("https://clinic.lk:443") == ["https://clinic.lk"]
    assert socket.origins("https://clinic.lk:8443") == ["https://clinic.lk:8443"]
