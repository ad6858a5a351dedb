"""The room itself, between two browsers: what drops comes back, and all that one can do there."""

import re
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta

import psutil
import pytest
from playwright.sync_api import APIResponse, Browser, Locator, Response, WebSocket, expect

from tests.journeys.conftest import PHONE, RunningClinic, Visitor, VisitorMaker, launched
from tests.journeys.looking import violations
from tests.journeys.test_before_the_call import the_visit
from tests.journeys.test_from_hours_to_a_finished_visit import (
    frames_decoded,
    sees_the_others_camera,
)

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

CUT = 10_000  # milliseconds
RENEWALS = 10
LONGER_THAN_A_PASS = 11_000  # milliseconds, in a clinic with short ones
with_short_passes = pytest.mark.parametrize(
    "clinic_settings",
    [{"DJANGO_SETTINGS_MODULE": "tests.journeys.short_passes"}],
    ids=["passes of seconds"],
)


def say(finding: str) -> None:
    """For whoever runs this with -s: a number to know, and none to depend on."""
    print(finding)  # noqa: T201


def room_of(person: Visitor) -> Locator:
    return person.page.locator("consultation-room")


def press(person: Visitor, name: str) -> None:
    person.page.get_by_role("button", name=name, exact=True).click()


def opens_the_room(person: Visitor, email: str) -> None:
    """The demo's visit that can be joined now."""
    person.sign_in(email)
    person.page.wait_for_url(re.compile("/(agenda|appointments|home)/"))
    person.page.goto("/appointments/" if "patient" in email else "/agenda/")
    person.page.get_by_role("link", name=re.compile("^Join")).first.click()
    expect(room_of(person)).to_have_attribute("data-phase", "lobby")


def joins(person: Visitor, how: str = "Join with camera") -> None:
    press(person, how)
    expect(room_of(person)).to_have_attribute("data-phase", "live")


def meet(*people: Visitor) -> None:
    for person in people:
        joins(person)
    for person in people:
        sees_the_others_camera(person.page)


@pytest.fixture
def doctor(visitor: VisitorMaker) -> Visitor:
    person = visitor("doctor", timezone="Asia/Colombo")
    opens_the_room(person, "doctor1@demo.example")
    return person


@pytest.fixture
def patient(visitor: VisitorMaker) -> Visitor:
    person = visitor("patient", timezone="Europe/London", viewport=PHONE)
    opens_the_room(person, "patient1@demo.example")
    return person


def test_a_reload_and_a_second_tab_do_not_end_the_visit(doctor: Visitor, patient: Visitor) -> None:
    expect(doctor.page.get_by_text("has been here since")).to_be_visible()
    doctor.look("sees who is here")
    patient.look("sees who is here")
    joins(doctor)
    expect(doctor.page.get_by_text("is not in the call yet")).to_be_visible()
    doctor.look("sees who waits outside")
    joins(patient)
    for person in (doctor, patient):
        sees_the_others_camera(person.page)

    began = time.monotonic()
    patient.page.reload()
    joins(patient)
    live = time.monotonic() - began
    patient.page.wait_for_function(
        "() => document.querySelector('video.remote').getVideoPlaybackQuality().totalVideoFrames"
    )
    say(f"reload to back in the call: {live:.1f} s; first frame: {time.monotonic() - began:.1f} s")
    for person in (doctor, patient):
        sees_the_others_camera(person.page)

    second = Visitor("second tab", patient.page.context.new_page(), patient.folder, patient.faults)
    second.page.goto(patient.page.url)
    meet(second)
    expect(room_of(patient)).to_have_attribute("data-phase", "removed")
    expect(patient.page.get_by_text("in this call in another tab")).to_be_visible()
    patient.look("is in another tab")
    sees_the_others_camera(doctor.page)
    press(patient, "Use this tab")
    expect(room_of(second)).to_have_attribute("data-phase", "removed")
    for person in (doctor, patient):
        sees_the_others_camera(person.page)


@dataclass
class OwnBrowser:
    """A browser that can be stopped as a whole: no packet of it comes or goes, nor is one answered."""

    browser: Browser
    process: psutil.Process

    def all_processes(self) -> list[psutil.Process]:
        return [self.process, *self.process.children(recursive=True)]

    def cut_off(self) -> None:
        for process in self.all_processes():
            process.suspend()

    def let_go_on(self) -> None:
        for process in self.all_processes():
            process.resume()


def browsers_running() -> set[psutil.Process]:
    found = set()
    for process in psutil.Process().children(recursive=True):
        words: list[str] = []
        with suppress(psutil.Error):  # it has ended meanwhile
            words = process.cmdline()
        if any("--user-data-dir" in word for word in words) and not any(
            word.startswith("--type=") for word in words
        ):
            found.add(process)
    return found


@pytest.fixture
def own_browser(browser: Browser) -> Iterator[OwnBrowser]:
    before = browsers_running()
    chromium = launched(browser.browser_type)
    (process,) = browsers_running() - before
    own = OwnBrowser(chromium, process)
    yield own
    own.let_go_on()
    chromium.close()


def test_a_cut_of_ten_seconds_recovers_by_itself(
    doctor: Visitor, visitor: VisitorMaker, own_browser: OwnBrowser
) -> None:
    patient = visitor("patient", timezone="Europe/London", viewport=PHONE, at=own_browser.browser)
    opens_the_room(patient, "patient1@demo.example")
    meet(doctor, patient)

    own_browser.cut_off()
    expect(room_of(doctor)).to_have_attribute("data-link", "reconnecting", timeout=CUT)
    doctor.look("loses the patient")
    frozen = frames_decoded(doctor.page)
    doctor.page.wait_for_timeout(CUT)
    assert frames_decoded(doctor.page) == frozen
    began = time.monotonic()
    own_browser.let_go_on()
    for person in (doctor, patient):
        expect(room_of(person)).to_have_attribute("data-link", "up", timeout=30_000)
        sees_the_others_camera(person.page)
    say(f"after the cut, both seeing each other again: {time.monotonic() - began:.1f} s")

    for person, page in ((doctor, "/agenda/"), (patient, "/appointments/")):
        look = person.page.context.new_page()
        look.goto(page)
        expect(look.get_by_role("link", name=re.compile("^Join")).first).to_be_visible()


@dataclass
class Watch:
    """What becomes of a person's call while they do nothing."""

    person: Visitor
    tokens: list[str] = field(default_factory=list)
    refused: list[int] = field(default_factory=list)
    lines: int = 0

    def __post_init__(self) -> None:
        self.person.page.on("response", self.answered)
        self.person.page.on("websocket", self.opened)

    def answered(self, response: Response) -> None:
        if response.url.endswith("/call"):
            if response.ok:
                self.tokens.append(response.json()["token"])
            else:
                self.refused.append(response.status)

    def opened(self, socket: WebSocket) -> None:
        self.lines += "/ws/calls/" in socket.url

    def notes_all_that_changes(self) -> None:
        """How good the line is may change at any time, and the clock goes on."""
        room_of(self.person).evaluate(
            """room => {
              window.changes = [];
              const note = (what) => window.changes.push(what);
              const observer = new MutationObserver((records) => {
                for (const { type, attributeName: name, oldValue, target } of records) {
                  if (type === "childList") note(`said: ${target.textContent}`);
                  else if (room.getAttribute(name) !== oldValue) note(`${name} was ${oldValue}`);
                }
              });
              const attributeFilter = [
                "data-phase", "data-link", "data-other", "data-mic", "data-camera", "data-screen",
              ];
              observer.observe(room, { attributeFilter, attributeOldValue: true });
              observer.observe(room.querySelector("[role=status]"), { childList: true });
              window.picture = document.querySelector("video.remote").srcObject.getTracks()[0];
            }"""
        )

    def changes(self) -> list[str]:
        found: list[str] = self.person.page.evaluate("() => window.changes")
        return found

    def same_picture(self) -> bool:
        return bool(
            self.person.page.evaluate(
                "() => document.querySelector('video.remote').srcObject.getTracks()"
                ".includes(window.picture)"
            )
        )


def asks(person: Visitor, path: str) -> APIResponse:
    """By the API, as a program with this person's session."""
    cookies = {cookie["name"]: cookie["value"] for cookie in person.page.context.cookies()}
    headers = {"X-CSRFToken": cookies["csrftoken"], "Referer": person.page.url}
    return person.page.context.request.post(path, data={}, headers=headers)


def appointment_of(person: Visitor) -> str:
    return room_of(person).get_attribute("appointment") or ""


@pytest.mark.deep
@with_short_passes
def test_ten_renewals_are_seen_by_nobody_and_none_follows_when_the_visit_is_cancelled(
    doctor: Visitor, patient: Visitor, running_clinic: RunningClinic
) -> None:
    watches = [Watch(person) for person in (doctor, patient)]
    meet(doctor, patient)
    for watch in watches:
        watch.notes_all_that_changes()
    began = time.monotonic()
    while any(len(watch.tokens) <= RENEWALS for watch in watches):
        assert time.monotonic() - began < 150, [watch.tokens for watch in watches]
        for watch in watches:
            sees_the_others_camera(watch.person.page)
        doctor.page.wait_for_timeout(1000)
    say(f"{RENEWALS} renewals each in {time.monotonic() - began:.0f} s")
    for watch in watches:
        assert watch.changes() == []
        assert watch.same_picture()
        assert (watch.lines, watch.refused) == (1, [])
        assert len(set(watch.tokens)) == len(watch.tokens)

    visit = appointment_of(doctor)
    assert asks(doctor, f"/api/v1/appointments/{visit}/cancel").ok
    for watch in watches:
        room = room_of(watch.person)
        expect(room.get_by_role("heading", name="This appointment was cancelled")).to_be_visible()
        watch.person.look("is told that it is cancelled")
        refused = asks(watch.person, f"/api/v1/appointments/{visit}/call")
        assert (refused.status, refused.json()["code"]) == (410, "room_closed")
    so_far = [list(watch.tokens) for watch in watches]
    doctor.page.wait_for_timeout(LONGER_THAN_A_PASS)
    for watch, tokens in zip(watches, so_far, strict=True):
        assert (watch.tokens, watch.refused, watch.lines) == (tokens, [], 1)
        assert watch.person.page.evaluate(
            "() => [...document.querySelectorAll('video, audio')].every(one => !one.srcObject)"
        )
    patient.page.reload()
    expect(patient.page.get_by_text("This appointment is cancelled")).to_be_visible()
    assert running_clinic.status_of(visit) == ("cancelled", "by_doctor")


@with_short_passes
def test_who_sleeps_longer_than_their_pass_is_back_by_themselves(
    doctor: Visitor, visitor: VisitorMaker, own_browser: OwnBrowser
) -> None:
    patient = visitor("patient", timezone="Europe/London", viewport=PHONE, at=own_browser.browser)
    opens_the_room(patient, "patient1@demo.example")
    watch = Watch(patient)
    meet(doctor, patient)
    before = len(watch.tokens)
    own_browser.cut_off()
    doctor.page.wait_for_timeout(LONGER_THAN_A_PASS)
    own_browser.let_go_on()
    for person in (doctor, patient):
        expect(room_of(person)).to_have_attribute("data-link", "up", timeout=30_000)
        sees_the_others_camera(person.page)
    # The line was closed on a pass that had ended, and opened with a fresh one.
    assert watch.lines >= 2
    assert len(watch.tokens) > before
    assert watch.refused == []


def test_a_visit_left_by_mistake_goes_on_until_its_doctor_ends_it(
    doctor: Visitor, patient: Visitor, running_clinic: RunningClinic
) -> None:
    visit = appointment_of(doctor)
    _, starts_at = the_visit(running_clinic)
    running_clinic.clock_at(starts_at + timedelta(minutes=1))
    meet(doctor, patient)

    press(patient, "More")
    press(patient, "Leave")
    expect(room_of(patient).get_by_role("heading", name="You left the call")).to_be_visible()
    address = doctor.page.url
    doctor.page.close()
    assert running_clinic.status_of(visit) == ("confirmed", "")
    press(patient, "Rejoin")
    expect(room_of(patient)).to_have_attribute("data-phase", "live")
    doctor.page = doctor.page.context.new_page()
    doctor.page.goto(address)
    joins(doctor)
    for person in (doctor, patient):
        sees_the_others_camera(person.page)
    assert running_clinic.status_of(visit) == ("confirmed", "")

    press(doctor, "End visit")
    for person in (doctor, patient):
        expect(room_of(person)).to_have_attribute("data-phase", "ended")
        assert asks(person, f"/api/v1/appointments/{visit}/call").status == 410
    assert running_clinic.status_of(visit) == ("completed", "attended")


def test_what_one_can_do_in_the_room(doctor: Visitor, patient: Visitor) -> None:
    faults = {"lobby": violations(patient.page)}
    meet(doctor, patient)
    faults["live"] = violations(doctor.page)
    faults["live on a phone"] = violations(patient.page)

    press(doctor, "Chat")
    doctor.page.get_by_label("Message").fill(
        "Please hold the rash to the camera.\nA little closer."
    )
    press(doctor, "Send")
    expect(patient.page.get_by_role("button", name="Chat, 1 new")).to_be_visible()
    patient.look("has a message")
    patient.page.get_by_role("button", name="Chat, 1 new").click()
    expect(patient.page.get_by_role("log")).to_contain_text("Please hold the rash")
    patient.page.get_by_label("Message").fill("Like this?")
    patient.page.keyboard.press("Enter")
    expect(doctor.page.get_by_role("log")).to_contain_text("Like this?")
    for person in (doctor, patient):
        faults[f"chat of the {person.name}"] = violations(person.page)
        person.look("chats")
    press(patient, "Close chat")
    press(doctor, "Close chat")

    press(doctor, "Stop video")
    expect(patient.page.get_by_text("camera is off")).to_be_visible()
    press(doctor, "Share screen")
    expect(room_of(doctor)).to_have_attribute("data-screen", "shown")
    sees_the_others_camera(patient.page)  # of which nothing is sent but the screen
    for person in (doctor, patient):
        person.look("has the doctor's screen")
    press(doctor, "Stop sharing")
    expect(patient.page.get_by_text("camera is off")).to_be_visible()
    press(doctor, "Start video")
    sees_the_others_camera(patient.page)

    press(doctor, "Devices")
    microphone = doctor.page.get_by_label("Microphone", exact=True)
    microphone.select_option(index=2)
    chosen = microphone.input_value()
    expect(doctor.page.get_by_label("Camera", exact=True)).to_be_enabled()
    expect(doctor.page.get_by_label("Speaker", exact=True)).to_be_enabled()
    faults["devices"] = violations(doctor.page)
    doctor.look("chooses devices")
    press(doctor, "Done")
    press(doctor, "Devices")
    expect(microphone).to_have_value(chosen)
    press(doctor, "Done")
    expect(room_of(doctor)).to_have_attribute("data-mic", "on")

    press(patient, "More")
    patient.look("sees more")
    faults["more"] = violations(patient.page)
    press(patient, "Move your picture")
    expect(room_of(patient)).to_have_attribute("data-corner", "bottom-end")
    press(patient, "Stop video")
    press(patient, "Mute")
    expect(doctor.page.get_by_text("and so is the microphone")).to_be_visible()
    doctor.look("has a patient who listens")

    assert {where: found for where, found in faults.items() if found} == {}


def test_the_whole_room_by_keyboard(doctor: Visitor, patient: Visitor) -> None:
    page, room, keys = doctor.page, room_of(doctor), doctor.page.keyboard

    def walks_to(name: str) -> None:
        """With the Tab key alone, forwards."""
        wanted = page.get_by_role("button", name=name, exact=True)
        for _ in range(30):
            if wanted.evaluate("button => button === document.activeElement"):
                return
            keys.press("Tab")
        pytest.fail(f"the Tab key never reaches {name}")

    expect(patient.page.get_by_text("has been here since")).to_be_visible()
    walks_to("Join with camera")
    keys.press("Enter")
    expect(room).to_have_attribute("data-phase", "live")
    expect(page.get_by_role("button", name="Mute")).to_be_focused()
    keys.press("Space")
    expect(room).to_have_attribute("data-mic", "off")
    walks_to("Stop video")
    keys.press("Enter")
    expect(room).to_have_attribute("data-camera", "off")

    walks_to("Chat")
    keys.press("Enter")
    expect(page.get_by_label("Message")).to_be_focused()
    keys.type("I am here")
    keys.press("Enter")
    expect(page.get_by_role("log")).to_contain_text("I am here")
    keys.press("Escape")
    expect(page.get_by_role("button", name="Chat", exact=True)).to_be_focused()

    walks_to("Share screen")
    keys.press("Enter")
    expect(room).to_have_attribute("data-screen", "shown")
    keys.press("Enter")
    expect(room).to_have_attribute("data-screen", "hidden")
    walks_to("Devices")
    keys.press("Enter")
    expect(page.get_by_role("heading", name="Devices")).to_be_visible()
    keys.press("Escape")
    expect(page.get_by_role("button", name="Devices")).to_be_focused()
    walks_to("Full screen")
    keys.press("Enter")
    page.wait_for_function("() => document.fullscreenElement !== null")
    walks_to("Exit full screen")
    keys.press("Enter")
    page.wait_for_function("() => document.fullscreenElement === null")
    walks_to("Move your picture")
    keys.press("Enter")
    expect(room).to_have_attribute("data-corner", "bottom-start")

    walks_to("Leave for now")
    keys.press("Enter")
    expect(room.get_by_role("heading", name="You left the call")).to_be_focused()
    walks_to("Rejoin")
    keys.press("Enter")
    expect(room).to_have_attribute("data-phase", "live")
