import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from uuid import uuid4

import pytest

from clinicall.booking.holds import ANYWHERE, lapse
from clinicall.core.announce import announce
from clinicall.people.models import Doctor, DoctorState, Patient
from clinicall.schedule.models import Slot
from tests.booking.test_ending import cancel
from tests.clinic_clock import ClinicClock
from tests.conftest import booked
from tests.server.serving import Server

pytestmark = pytest.mark.django_db(transaction=True)


class Onlooker:
    """A browser's EventSource."""

    def __init__(self, connection: socket.socket) -> None:
        self.lines = connection.makefile("rb")

    def head(self) -> str:
        return "".join(iter(self.line, "")).lower()

    def hear(self) -> tuple[str, str]:
        """The next event and its data; comments and ids are none."""
        event = data = ""
        while not data:
            name, _, value = self.line().partition(": ")
            event = value if name == "event" else event
            data = value if name == "data" else data
        return event, data

    def line(self) -> str:
        line = self.lines.readline()
        assert line, "the stream ended"
        text = line.decode().rstrip("\r\n")
        return text if not text or set(text) - set("0123456789abcdef") else self.line()


@contextmanager
def looking_on(server: Server, doctor: Doctor, *headers: str) -> Iterator[Onlooker]:
    request = f"GET /api/v1/doctors/{doctor.pk}/slots/stream HTTP/1.1\r\nHost: clinic\r\n"
    with server.open("\r\n".join([request + "Accept: */*", *headers, "", ""]).encode()) as stream:
        onlooker = Onlooker(stream)
        try:
            head = onlooker.head()
            assert "200 ok" in head
            assert "text/event-stream" in head
            # Its first words are there, so it is subscribed.
            while not onlooker.line().startswith("retry"):
                pass
            yield onlooker
        finally:
            onlooker.lines.close()


def is_up_to_date(onlooker: Onlooker, doctor: Doctor) -> None:
    """The news of what happened before may still be on its way when somebody begins to look."""
    announce(f"doctor:{doctor.pk}", {"event": "taken", "slotId": "0"})
    while onlooker.hear() != ("taken", '{"slotId": "0"}'):
        pass


def test_a_slot_that_is_taken_goes_and_comes_back_when_its_hold_lapses(
    server: Server, dr_osei: Doctor, slots: list[Slot], ana: Patient, clock: ClinicClock
) -> None:
    with looking_on(server, dr_osei) as onlooker:
        is_up_to_date(onlooker, dr_osei)
        appointment = booked(slots[0], ana)
        assert onlooker.hear() == ("taken", f'{{"slotId": "{slots[0].pk}"}}')
        clock.move(appointment.held_until - clock.now)
        lapse(ANYWHERE)
        assert onlooker.hear() == ("released", f'{{"slotId": "{slots[0].pk}"}}')


def test_a_visit_that_its_doctor_cancels_gives_its_time_back_only_if_it_is_offered_again(
    server: Server, free_slots: list[Slot], ana: Patient
) -> None:
    visits = [booked(slot, ana) for slot in free_slots[:2]]
    doctor = visits[0].doctor
    with looking_on(server, doctor) as onlooker:
        is_up_to_date(onlooker, doctor)
        cancel(visits[0], doctor.user)
        cancel(visits[1], doctor.user, offer_again=True)
        assert onlooker.hear() == ("released", f'{{"slotId": "{free_slots[1].pk}"}}')


def test_onlookers_of_another_doctor_hear_nothing_of_it(
    server: Server, dr_osei: Doctor, dr_silva: Doctor, slots: list[Slot], ana: Patient
) -> None:
    with looking_on(server, dr_silva) as onlooker:
        booked(slots[0], ana)
        announce(f"doctor:{dr_silva.pk}", {"event": "taken", "slotId": "7"})
        assert onlooker.hear() == ("taken", '{"slotId": "7"}')


def test_one_who_comes_back_is_told_to_look_again(server: Server, dr_osei: Doctor) -> None:
    with looking_on(server, dr_osei, "Last-Event-ID: 1") as onlooker:
        assert onlooker.hear() == ("resync", "{}")


def test_all_who_look_on_are_told(server: Server, dr_osei: Doctor) -> None:
    # Two worker processes, so both kinds of way are among twenty.
    with ExitStack() as stack:
        onlookers = [stack.enter_context(looking_on(server, dr_osei)) for _ in range(20)]
        announce(f"doctor:{dr_osei.pk}", {"event": "taken", "slotId": "1"})
        assert {onlooker.hear() for onlooker in onlookers} == {("taken", '{"slotId": "1"}')}


def test_a_doctor_who_does_not_exist_or_has_stopped_is_not_found(
    server: Server, dr_osei: Doctor
) -> None:
    dr_osei.state = DoctorState.SUSPENDED
    dr_osei.save()
    for doctor in (uuid4(), dr_osei.pk):
        answer = server.get(f"/api/v1/doctors/{doctor}/slots/stream")
        assert answer.status == 404
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["code"] == "not_found"


def test_the_head_of_a_stream_ends(server: Server, dr_osei: Doctor) -> None:
    answer = server.ask("HEAD", f"/api/v1/doctors/{dr_osei.pk}/slots/stream")
    assert (answer.status, answer.headers["content-type"]) == (
        200,
        "text/event-stream; charset=utf-8",
    )
