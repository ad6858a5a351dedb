"""The whole journey, as two people live it: from a doctor's hours to a finished video visit."""

import re
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import PHONE, RunningClinic, Visitor, VisitorMaker

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

COLOMBO = ZoneInfo("Asia/Colombo")
LONDON = ZoneInfo("Europe/London")


def in_words(instant: datetime) -> str:
    return f"{instant:%-I:%M%p}".replace("AM", "am").replace("PM", "pm")


def frames_decoded(page: Page) -> int:
    """How many frames of the other's camera this browser has decoded."""
    return int(
        page.locator("video.remote").evaluate("v => v.getVideoPlaybackQuality().totalVideoFrames")
    )


def sees_the_others_camera(page: Page) -> None:
    """More frames arrive while we look; the picture is not black or frozen."""
    expect(page.locator("consultation-room")).to_have_attribute("data-other", "present")
    page.wait_for_function(
        """() => {
          const video = document.querySelector("video.remote");
          return video.videoWidth > 0 && video.getVideoPlaybackQuality().totalVideoFrames > 10;
        }"""
    )
    before = frames_decoded(page)
    page.wait_for_function(
        """before => document.querySelector("video.remote")
             .getVideoPlaybackQuality().totalVideoFrames > before + 5""",
        arg=before,
    )


def publishes_tomorrow_from_nine_to_ten(doctor: Visitor) -> datetime:
    """The doctor's tomorrow; answers when it begins to be nine there."""
    tomorrow = datetime.now(COLOMBO).date() + timedelta(days=3)
    page = doctor.page
    page.goto(f"/schedule/add/?date={tomorrow}")
    page.get_by_label("Date").fill(f"{tomorrow}")
    page.get_by_label("Start").first.fill("09:00")
    page.get_by_label("End").first.fill("10:00")
    page.get_by_label("Minutes for each appointment").first.fill("15")
    doctor.look("adds hours")
    page.get_by_role("button", name="Add hours").click()
    expect(page.get_by_text("4 slots").first).to_be_visible()
    doctor.look("has hours")
    return datetime.combine(tomorrow, time(9), COLOMBO)


def signs_up(patient: Visitor) -> None:
    page = patient.page
    page.goto("/account/signup/")
    page.get_by_label("Email").fill("nimal@patient.example")
    page.get_by_label("Password", exact=True).fill("a long enough secret")
    page.get_by_role("button", name="Create").click()
    mail = patient.newest_code()
    code = re.search(r"^\s*([A-Z0-9]{3,4}-?[A-Z0-9]{3,4})\s*$", mail, re.MULTILINE)
    assert code, mail
    page.get_by_label("Code").fill(code.group(1))
    patient.look("confirms the address")
    page.get_by_role("button", name="Confirm my email").click()


def books_and_pays(patient: Visitor, doctor: str, starts_at: datetime) -> str:
    """Finds the doctor, takes the first time, pays; answers the appointment's path."""
    page = patient.page
    local = starts_at.astimezone(LONDON)
    page.goto("/")
    patient.look("searches")
    page.get_by_label("Name").fill(doctor.split()[-1])
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name=doctor, exact=True).click()
    page.wait_for_url(re.compile("/doctors/"))
    if local.month != datetime.now(LONDON).month:
        page.get_by_role("link", name=re.compile("^Next month")).click()
    page.get_by_role("link", name=re.compile(f"{local:%A} {local.day} {local:%B %Y}")).click()
    patient.look("chooses a date")
    page.get_by_role("link", name=re.compile(f"^{in_words(local)}")).click()
    form = page.get_by_role("dialog")
    form.get_by_label("First name").fill("Nimal")
    form.get_by_label("Last name").fill("Perera")
    form.get_by_label("Phone").fill("011 234 5678")
    form.get_by_label("NIC").fill("199012345678")
    form.get_by_label("Email").fill("nimal@patient.example")
    form.get_by_label("Why do you want to see the doctor?").fill("Cough for two weeks")
    patient.look("fills in the form")
    form.get_by_role("button", name="Continue to payment").click()
    page.wait_for_url(re.compile("/sandbox/"))
    patient.look("pays")
    page.get_by_role("button", name="Succeed").click()
    expect(page.get_by_role("heading", name="Appointment confirmed")).to_be_visible()
    patient.look("is confirmed")
    return page.url


def joins(person: Visitor, appointment: str) -> None:
    page = person.page
    page.goto(f"{appointment}room/")
    page.get_by_role("button", name="Join with camera").click()
    expect(page.locator("consultation-room")).to_have_attribute("data-phase", "live")


def test_from_a_doctors_hours_to_a_finished_visit(
    visitor: VisitorMaker, running_clinic: RunningClinic, clinic_folder: Path
) -> None:
    doctor = visitor("doctor", timezone="Asia/Colombo")
    patient = visitor("patient", timezone="Europe/London", viewport=PHONE)

    doctor.sign_in("doctor1@demo.example")
    starts_at = publishes_tomorrow_from_nine_to_ten(doctor)
    signs_up(patient)
    name = running_clinic.name_of_doctor("doctor1@demo.example")
    appointment = books_and_pays(patient, name, starts_at)

    patient.page.goto(f"{appointment}room/")
    expect(patient.page.get_by_text("You can join from")).to_be_visible()
    patient.look("is too early")

    running_clinic.clock_at((starts_at + timedelta(seconds=10)).astimezone(UTC))
    doctor.page.goto("/agenda/")
    doctor.look("sees the visit")
    patient.page.goto("/appointments/")
    expect(patient.page.get_by_role("link", name="Join video appointment").first).to_be_visible()
    patient.look("may join")
    joins(patient, appointment)
    patient.look("waits")
    joins(doctor, appointment)
    for person in (doctor, patient):
        sees_the_others_camera(person.page)
        person.look("sees the other")

    room = patient.page.locator("consultation-room")
    patient.page.get_by_role("button", name="Mute").click()
    expect(room).to_have_attribute("data-mic", "off")
    expect(doctor.page.get_by_text("Microphone off").first).to_be_visible()
    patient.page.get_by_role("button", name="Stop video").click()
    expect(room).to_have_attribute("data-camera", "off")
    expect(doctor.page.get_by_text("camera is off, and so is the microphone").first).to_be_visible()
    doctor.look("sees that the camera is off")
    patient.page.get_by_role("button", name="Start video").click()
    expect(room).to_have_attribute("data-camera", "on")
    sees_the_others_camera(doctor.page)

    doctor.page.get_by_role("button", name="Full screen").click()
    doctor.page.wait_for_function("() => document.fullscreenElement !== null")
    doctor.look("fills the screen")
    doctor.page.get_by_role("button", name="Exit full screen").click()

    patient.page.reload()  # a dropped line does not end the visit
    patient.page.get_by_role("button", name="Join with camera").click()
    for person in (doctor, patient):
        sees_the_others_camera(person.page)

    doctor.page.get_by_role("button", name="End visit").click()
    for person in (doctor, patient):
        ended = person.page.locator("consultation-room")
        expect(ended).to_have_attribute("data-phase", "ended")
        expect(ended.get_by_role("link", name="Go to my appointments")).to_be_visible()
        person.look("has ended")

    patient.page.goto("/appointments/?when=past")
    expect(patient.page.get_by_text("Completed").first).to_be_visible()
    patient.look("sees it completed")
    doctor.page.goto("/agenda/")
    expect(doctor.page.get_by_text("Completed").first).to_be_visible()
    doctor.look("sees it completed")
    assert running_clinic.commands_say_all_is_well(clinic_folder)
