"""The room itself, between two browsers: what drops comes back, and all that one can do there."""

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass

import psutil
import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.journeys.conftest import PHONE, Visitor, VisitorMaker, launched
from tests.journeys.test_accessibility import violations
from tests.journeys.test_from_hours_to_a_finished_visit import (
    frames_decoded,
    sees_the_others_camera,
)

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

CUT = 10_000  # milliseconds


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
