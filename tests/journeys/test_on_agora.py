"""The room on Agora: its real Web SDK in our page, before a stand-in for Agora's cloud."""

import base64
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from playwright.sync_api import Page, Route, expect

from clinicall.consultation.room import PASS_FOR
from clinicall.video.agora_token import parse, verify
from clinicall.video.provider import DOCTOR_UID as DOCTOR
from clinicall.video.provider import PATIENT_UID as PATIENT
from tests.journeys.agora_standin import (
    CLOSED,
    EXPIRED,
    INVALID,
    AgoraStandin,
    Entry,
)
from tests.journeys.conftest import (
    PHONE,
    RunningClinic,
    Visitor,
    VisitorMaker,
    a_copy_of,
    a_running_clinic,
)
from tests.journeys.test_in_the_room import joins, opens_the_room, press, room_of
from tests.server.serving import LATEST

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

APP_ID, CERTIFICATE = "a" * 32, "b" * 32
DOORS = {
    "webrtc2-ap-web-1.agora.io",
    "webrtc2-ap-web-3.agora.io",
    "webrtc2-2.ap.sd-rtn.com",
    "webrtc2-4.ap.sd-rtn.com",
}
REMOTE_SETTINGS = {
    "cds-ap-web-1.agora.io",
    "cds-ap-web-3.agora.io",
    "cds-web-2.ap.sd-rtn.com",
    "cds-web-4.ap.sd-rtn.com",
}
GATEWAYS = {"10-0-0-1.edge.agora.io", "10-0-0-1.edge.sd-rtn.com"}
# The SDK gives a video of one pixel a style that our policy refuses; it works as well without.
NO_HARM = "sha256-cPxxYHvCiQ/kT6TlojjBofFPdVQmCg8k/CdPKQDf9zI="


@pytest.fixture(scope="module")
def running_clinic(empty_clinic: Path) -> Iterator[RunningClinic]:
    """One with an account at Agora, for all of these tests: none of them may change its visit."""
    elsewhere = tuple(f"https://{host}/" for host in DOORS | REMOTE_SETTINGS)
    with (
        a_copy_of(empty_clinic) as folder,
        a_running_clinic(
            folder, elsewhere, AGORA_APP_ID=APP_ID, AGORA_APP_CERTIFICATE=CERTIFICATE
        ) as clinic,
    ):
        yield clinic


@dataclass
class Caller(Visitor):
    """A person at the door of the room, and Agora as their browser meets it."""

    agora: AgoraStandin = field(default_factory=AgoraStandin)

    @property
    def appointment(self) -> str:
        return str(room_of(self).get_attribute("appointment"))

    def waits_until(self, comes: Callable[[], Any]) -> None:
        deadline = time.monotonic() + LATEST
        while not comes():
            assert time.monotonic() < deadline, (self.agora.said, self.agora.entries)
            self.page.wait_for_timeout(50)  # in which the stand-in answers


@dataclass
class Book:
    clinic: RunningClinic

    def reads(self, question: str, person: Caller) -> list[Any]:
        """The rows about the visit of this person."""
        with psycopg.connect(self.clinic.database) as connection:
            return connection.execute(question.encode(), [person.appointment]).fetchall()


@pytest.fixture
def book(running_clinic: RunningClinic) -> Book:
    return Book(running_clinic)


CallerMaker = Callable[[str], Caller]


@pytest.fixture
def caller(visitor: VisitorMaker, book: Book) -> Iterator[CallerMaker]:
    """Whatever Agora did, it ended nobody's visit, and the browsers spoke to us and to Agora alone, and
    not to its statistics."""
    callers: list[Caller] = []

    def make(name: str) -> Caller:
        person = Caller(**vars(visitor(name, timezone="Asia/Colombo", viewport=PHONE)))
        person.agora.stand_in(person.page)
        opens_the_room(person, f"{name}1@demo.example")
        callers.append(person)
        return person

    yield make
    for person in callers:
        status = book.reads("select status from booking_appointment where id = %s", person)
        assert status == [("confirmed",)]
        assert person.agora.hosts <= DOORS | REMOTE_SETTINGS | GATEWAYS
        person.faults[:] = [fault for fault in person.faults if NO_HARM not in fault]


@pytest.fixture
def doctor(caller: CallerMaker) -> Caller:
    return caller("doctor")


@pytest.fixture
def patient(caller: CallerMaker) -> Caller:
    return caller("patient")


def is_in(person: Caller, by: str = "Join with camera") -> None:
    """In the call, sending sound and picture."""
    joins(person, by)
    person.waits_until(lambda: sent(person))


def sent(person: Caller) -> list[set[str]]:
    """What was sent each time that something was."""
    return [
        {stream["stream_type"] for stream in message["ortc"]}
        for message in person.agora.heard("publish")
    ]


def test_each_comes_with_a_pass_for_themselves_and_this_visit_alone(
    doctor: Caller, patient: Caller, book: Book
) -> None:
    for person, uid in ((patient, PATIENT), (doctor, DOCTOR)):
        is_in(person)
        channel = f"appt_{person.appointment}"
        (token,) = person.agora.passes()
        assert set(person.agora.entries) == {Entry(APP_ID, channel, uid, token)}
        assert verify(token, CERTIFICATE)
        grant = parse(token)
        assert (grant.app_id, grant.channel, grant.user) == (APP_ID, channel, str(uid))
        ends = datetime.fromtimestamp(grant.issued + grant.lifetime, UTC)
        ((stored,),) = book.reads(
            "select token_expires_at from booking_appointment where id = %s", person
        )
        assert ends == stored
        assert timedelta() < timedelta(seconds=grant.lifetime) <= PASS_FOR

        (joined,) = person.agora.heard("join_v3")
        assert joined["app_id"] == APP_ID
        assert joined["channel_name"] == channel
        assert joined["channel_key"] == token
        assert joined["ap_response"]["uid"] == uid
        assert sent(person) == [{"high", "audio"}]

    salts = set()
    for person in (patient, doctor):
        (joined,) = person.agora.heard("join_v3")
        assert joined["aes_mode"] == "aes-256-gcm2"
        assert joined["aes_secret"]
        salts.add(joined["aes_salt"])
    assert [len(base64.b64decode(salt)) for salt in salts] == [32]


def test_our_own_sockets_say_who_is_there(doctor: Caller, patient: Caller, book: Book) -> None:
    def here() -> list[Any]:
        return book.reads(
            "select side, place from consultation_presence"
            " where appointment_id = %s and not gone order by 1, 2",
            patient,
        )

    doctor.waits_until(lambda: here() == [("doctor", "waiting"), ("patient", "waiting")])
    is_in(patient)
    patient.waits_until(lambda: here() == [("doctor", "waiting"), ("patient", "room")])
    expect(patient.page.get_by_text("and is not in the call yet")).to_be_visible()
    is_in(doctor)
    doctor.waits_until(lambda: here() == [("doctor", "room"), ("patient", "room")])
    press(patient, "Leave")
    patient.waits_until(lambda: here() == [("doctor", "room")])


def test_the_other_comes_and_goes_as_agora_says(patient: Caller) -> None:
    absent = patient.page.locator(".room-absent-text")
    is_in(patient)
    expect(room_of(patient)).to_have_attribute("data-other", "absent")
    patient.agora.tell("on_user_online", uid=DOCTOR)
    expect(room_of(patient)).to_have_attribute("data-other", "present")
    expect(room_of(patient)).to_have_attribute("data-quality", "good")
    patient.look("sees the doctor come")
    patient.agora.tell("on_user_offline", uid=DOCTOR, reason="ServerTimeOut")
    expect(absent).to_contain_text("lost the connection. They may come back")
    patient.agora.tell("on_user_online", uid=DOCTOR)
    expect(room_of(patient)).to_have_attribute("data-other", "present")
    patient.agora.tell("on_user_offline", uid=DOCTOR, reason="Quit")
    expect(absent).to_contain_text("left. They may come back")


def test_a_pass_that_ends_soon_is_renewed_unseen(patient: Caller) -> None:
    is_in(patient)
    patient.agora.tell("on_token_privilege_will_expire")
    patient.waits_until(lambda: patient.agora.heard("renew_token"))
    (renewed,) = (message["token"] for message in patient.agora.heard("renew_token"))
    assert [renewed] != patient.agora.passes()
    assert verify(renewed, CERTIFICATE)
    assert parse(renewed).user == str(PATIENT)
    expect(room_of(patient)).to_have_attribute("data-link", "up")
    assert len(patient.agora.heard("join_v3")) == 1


def test_whose_pass_ran_out_comes_back_by_themselves_and_is_seen_again(patient: Caller) -> None:
    is_in(patient)
    patient.agora.tell("on_user_online", uid=DOCTOR)
    expect(room_of(patient)).to_have_attribute("data-other", "present")
    patient.agora.tell("on_token_privilege_did_expire")
    patient.waits_until(lambda: len(sent(patient)) == 2)
    before, after = sent(patient)
    assert before == after
    first, second = (message["channel_key"] for message in patient.agora.heard("join_v3"))
    assert first != second
    assert verify(second, CERTIFICATE)
    patient.agora.tell("on_user_online", uid=DOCTOR)
    expect(room_of(patient)).to_have_attribute("data-other", "present")
    expect(room_of(patient)).to_have_attribute("data-link", "up")
    expect(room_of(patient)).to_have_attribute("data-camera", "on")


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("on_user_banned", {"error_code": 14}),  # this person, by the clinic's own word to Agora
        ("on_user_banned", {"error_code": 16}),  # everybody in the channel
        ("on_notification", {"code": 2003}),  # the same person came in elsewhere
    ],
)
def test_who_is_put_out_reads_why_and_may_come_back(
    patient: Caller, kind: str, message: dict[str, int]
) -> None:
    is_in(patient)
    patient.agora.tell(kind, **message)
    expect(room_of(patient)).to_have_attribute("data-phase", "removed")
    expect(
        patient.page.get_by_text(
            "Either you joined in another tab or on another device, or the clinic removed you."
        )
    ).to_be_visible()
    patient.look("is put out")
    assert len(patient.agora.heard("join_v3")) == 1  # nobody comes back by themselves
    press(patient, "Use this tab")
    expect(room_of(patient)).to_have_attribute("data-phase", "live")
    patient.waits_until(lambda: len(sent(patient)) == 2)


def test_a_gateway_that_is_lost_is_found_again(patient: Caller) -> None:
    is_in(patient)
    patient.agora.away = True
    patient.agora.hang_up()
    expect(room_of(patient)).to_have_attribute("data-link", "reconnecting")
    notice = patient.page.locator(".room-notice-text")
    expect(notice).to_contain_text("The visit goes on; please stay on this page")
    patient.look("is reconnecting")
    patient.agora.away = False
    expect(room_of(patient)).to_have_attribute("data-link", "up", timeout=30_000)
    patient.waits_until(lambda: len(sent(patient)) == 2)
    before, after = sent(patient)
    assert before == after


def test_media_that_never_get_through_are_told(patient: Caller) -> None:
    is_in(patient)
    patient.agora.tell("on_user_online", uid=DOCTOR)
    expect(room_of(patient)).to_have_attribute("data-other", "present")
    expect(room_of(patient)).to_have_attribute("data-link", "blocked", timeout=60_000)
    notice = patient.page.locator(".room-notice-text")
    expect(notice).to_contain_text("Sound and picture don’t get through")
    patient.look("is behind a firewall")


@pytest.mark.deep
def test_joining_is_given_up_when_agora_does_not_answer(doctor: Caller, patient: Caller) -> None:
    doctor.agora.away = True
    patient.agora.silent = True
    for person in (doctor, patient):
        press(person, "Join with camera")
        expect(room_of(person)).to_have_attribute("data-phase", "joining")
    for person in (doctor, patient):
        expect(room_of(person)).to_have_attribute("data-phase", "failed", timeout=40_000)
        reason = "We could not reach the call. Check that you are online, then try again."
        expect(person.page.get_by_text(reason)).to_be_visible()
        person.look("cannot reach the call")
        assert sent(person) == []
    doctor.agora.away = False
    patient.agora.silent = False
    for person in (doctor, patient):
        is_in(person, by="Try again")


@pytest.mark.parametrize(
    ("refusal", "words", "passes"),
    [
        # A pass may have run out on the way, so that a fresh one is shown first.
        (EXPIRED, "Your pass for this call was not accepted. Try again to get a new one.", 2),
        (INVALID, "The video service is refusing the clinic’s calls.", 1),
    ],
)
def test_a_refusal_is_told_in_words(patient: Caller, refusal: int, words: str, passes: int) -> None:
    patient.agora.refusal = refusal
    press(patient, "Join with camera")
    expect(room_of(patient)).to_have_attribute("data-phase", "failed")
    expect(patient.page.get_by_text(words)).to_be_visible()
    assert len(patient.agora.passes()) == passes
    assert patient.agora.heard("join_v3") == []
    patient.look("is refused")


def test_a_clinic_that_agora_refuses_in_the_call_is_not_kept_waiting(patient: Caller) -> None:
    is_in(patient)
    patient.agora.refusal = CLOSED
    patient.agora.tell("on_token_privilege_did_expire")
    expect(room_of(patient)).to_have_attribute("data-phase", "failed")
    expect(patient.page.get_by_text("please tell the clinic")).to_be_visible()


def the_server_is_ahead(page: Page, *, by: timedelta) -> None:
    """As the clinic is: its clock was set in the database, but the pages read the server's in a header."""

    def answer(route: Route) -> None:
        answered = route.fetch()
        then = datetime.now(UTC) + by
        route.fulfill(
            response=answered,
            headers={**answered.headers, "date": format_datetime(then, usegmt=True)},
        )

    page.route("**/api/v1/appointments/*/call", answer)


@pytest.mark.deep
def test_passes_are_renewed_by_our_own_clock_until_the_room_closes(
    patient: Caller, running_clinic: RunningClinic
) -> None:
    closes_at = datetime.fromisoformat(str(room_of(patient).get_attribute("closes-at")))
    running_clinic.clock_at(closes_at - timedelta(seconds=20))
    the_server_is_ahead(patient.page, by=closes_at - timedelta(seconds=20) - datetime.now(UTC))
    try:
        is_in(patient)
        patient.waits_until(lambda: patient.agora.heard("renew_token"))
        first, renewed = (
            parse(token)
            for token in (*patient.agora.passes(), patient.agora.heard("renew_token")[0]["token"])
        )
        assert renewed.issued > first.issued
        assert renewed.issued + renewed.lifetime == first.issued + first.lifetime
        expect(room_of(patient)).to_have_attribute("data-phase", "ended", timeout=30_000)
        expect(patient.page.get_by_role("heading", name="The room has closed")).to_be_visible()
        patient.waits_until(lambda: patient.agora.heard("leave"))
    finally:
        running_clinic.clock_at(datetime.now(UTC))
