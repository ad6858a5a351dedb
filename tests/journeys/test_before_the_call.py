"""What comes before a call: devices tried out, waiting, and the doctor who sees it live."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.conftest import FLAGS, PHONE, RunningClinic, Visitor, VisitorMaker
from tests.journeys.looking import violations

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

ZONE = "Asia/Colombo"
FAKE_DEVICES = "--use-fake-device-for-media-stream"
FAKE_ANSWERS = "--use-fake-ui-for-media-stream"
IN_USE = """
navigator.mediaDevices.getUserMedia = async ({ video }) => {
  if (video) throw new DOMException("Could not start video source", "NotReadableError");
  throw new DOMException("Could not start audio source", "NotReadableError");
};
"""
INSIDE_AN_APP = """
Object.defineProperty(navigator, "userAgent", { get: () => "Mozilla/5.0 (iPhone) [FBAN/FBIOS]" });
"""
PATIENT, DOCTOR = "patient1@demo.example", "doctor1@demo.example"

BrowserMaker = Callable[..., Browser]


@pytest.fixture
def browser_with(browser: Browser) -> Iterator[BrowserMaker]:
    """Another browser like the usual one, without some of its flags and with others."""
    opened: list[Browser] = []

    def launch(*, without: tuple[str, ...], and_with: tuple[str, ...] = ()) -> Browser:
        flags = [flag for flag in FLAGS if flag not in without]
        kind = browser.browser_type
        path = "/usr/bin/chromium"
        opened.append(kind.launch(executable_path=path, args=[*flags, *and_with]))
        return opened[-1]

    yield launch
    for one in opened:
        one.close()


def the_visit(clinic: RunningClinic) -> tuple[str, datetime]:
    """The page and the start of the visit that the demo's first patient has with its first doctor."""
    with psycopg.connect(clinic.database) as connection:
        row = connection.execute(
            "select a.id, a.starts_at from booking_appointment a"
            " join people_user d on d.id = a.doctor_id join people_user p on p.id = a.patient_id"
            " where a.status = 'confirmed' and d.email = %s and p.email = %s"
            " order by a.starts_at limit 1",
            [DOCTOR, PATIENT],
        ).fetchone()
    assert row
    return f"/appointments/{row[0]}/", row[1].astimezone(UTC)


def checks_devices(person: Visitor) -> Page:
    person.sign_in(PATIENT)
    page = person.page
    page.wait_for_url("**/appointments/")
    page.goto("/device-check/")
    expect(page.get_by_role("heading", name="Camera and microphone", exact=True)).to_be_visible()
    return page


def state_of(page: Page, step: str) -> str:
    return page.locator(f'[data-step="{step}"] .chip').inner_text()


def is_kept(clinic: RunningClinic, page: Page, **facts: str) -> None:
    def kept() -> dict[str, str]:
        with psycopg.connect(clinic.database) as connection:
            row = connection.execute(
                "select camera, microphone, speaker, connection from consultation_devicecheck"
            ).fetchone()
        names = ("camera", "microphone", "speaker", "connection")
        return dict(zip(names, row, strict=True)) if row else {}

    deadline = datetime.now(UTC) + timedelta(seconds=15)
    while not facts.items() <= kept().items():
        assert datetime.now(UTC) < deadline, kept()
        page.wait_for_timeout(100)


def test_a_device_check_with_everything_allowed(
    visitor: VisitorMaker, running_clinic: RunningClinic
) -> None:
    patient = visitor("patient", timezone=ZONE)
    page = checks_devices(patient)
    patient.look("before the press", whole_page=True)
    assert [state_of(page, step) for step in ("camera", "microphone")] == ["Not tried yet"] * 2
    assert page.evaluate("document.querySelector('device-check video').srcObject") is None
    assert violations(page) == []

    page.get_by_role("button", name="Allow camera and microphone").click()
    expect(page.locator("device-check").get_by_text("We can hear you")).to_be_visible()
    page.wait_for_function("() => document.querySelector('device-check video').videoWidth > 0")
    page.get_by_role("button", name="Play a sound").click()
    page.get_by_role("button", name="Yes").click()
    expect(
        page.locator("device-check").get_by_text("You are ready for a video appointment")
    ).to_be_visible()
    is_kept(running_clinic, page, camera="ok", microphone="ok", speaker="heard", connection="good")
    patient.look("granted", whole_page=True)
    assert violations(page) == []

    page.get_by_role("button", name="Turn camera off").click()
    expect(page.locator("device-check").get_by_text("Works, turned off")).to_be_visible()
    assert page.evaluate("document.querySelector('device-check video').srcObject") is None
    page.get_by_role("button", name="Turn camera on").click()
    expect(page.get_by_role("button", name="Turn camera off")).to_be_visible()
    page.reload()
    expect(page.get_by_text("Nothing was wrong")).to_be_visible()

    phone = visitor("phone", timezone=ZONE, viewport=PHONE, dark=True)
    page = checks_devices(phone)
    page.get_by_role("button", name="Allow camera and microphone").click()
    expect(page.locator("device-check").get_by_text("We can hear you")).to_be_visible()
    phone.look("granted", whole_page=True)
    assert violations(page) == []


def test_each_failure_of_a_device_is_told_apart(
    visitor: VisitorMaker, running_clinic: RunningClinic, browser_with: BrowserMaker
) -> None:
    denying = browser_with(without=(FAKE_ANSWERS,), and_with=("--deny-permission-prompts",))
    bare = browser_with(without=(FAKE_DEVICES,))

    denied = visitor("denied", timezone=ZONE, at=denying, permissions=())
    page = checks_devices(denied)
    page.get_by_role("button", name="Allow camera and microphone").click()
    expect(page.get_by_text("Your browser keeps this site from the camera")).to_be_visible()
    expect(page.get_by_text("Select the icon left of the web address").first).to_be_visible()
    expect(page.get_by_role("button", name="Try again")).to_be_visible()
    is_kept(running_clinic, page, camera="denied", microphone="denied")
    denied.look("denied", whole_page=True)
    assert violations(page) == []

    missing = visitor("missing", timezone=ZONE, at=bare, viewport=PHONE)
    missing.page.add_init_script(INSIDE_AN_APP)
    page = checks_devices(missing)
    expect(page.get_by_text("You opened this page inside the Facebook app")).to_be_visible()
    page.get_by_role("button", name="Allow camera and microphone").click()
    expect(page.get_by_text("No camera was found")).to_be_visible()
    expect(page.get_by_text("No microphone was found")).to_be_visible()
    is_kept(running_clinic, page, camera="missing", microphone="missing")
    missing.look("no device", whole_page=True)

    busy = visitor("busy", timezone=ZONE, dark=True)
    busy.page.add_init_script(IN_USE)
    page = checks_devices(busy)
    page.get_by_role("button", name="Allow camera and microphone").click()
    expect(page.get_by_text("Another app is using the camera")).to_be_visible()
    is_kept(running_clinic, page, camera="in_use", microphone="in_use")
    busy.look("in use", whole_page=True)
    assert violations(page) == []

    doctor = visitor("doctor", timezone=ZONE)
    doctor.sign_in(DOCTOR)
    doctor.page.goto("/agenda/")
    warned = doctor.page.get_by_text("Microphone in use by another app, camera in use")
    expect(warned.first).to_be_visible()
    doctor.look("is warned")


def test_the_waiting_room_and_the_agenda_follow_each_other(
    visitor: VisitorMaker, running_clinic: RunningClinic
) -> None:
    visit, starts_at = the_visit(running_clinic)
    running_clinic.clock_at(starts_at - timedelta(minutes=36, seconds=20))
    name = running_clinic.name_of_doctor(DOCTOR)

    doctor = visitor("doctor", timezone=ZONE)
    doctor.sign_in(DOCTOR)
    doctor.page.goto("/agenda/")
    expect(doctor.page.get_by_role("heading", name="Next appointment")).to_be_visible()
    assert "Waiting since" not in doctor.page.locator("main").inner_text()
    details = doctor.page.get_by_role("link", name="Details of the next appointment")
    details.focus()

    patient = visitor("patient", timezone=ZONE)
    patient.sign_in(PATIENT)
    patient.page.wait_for_url("**/appointments/")
    patient.look("dashboard with a waiting room")
    patient.page.goto(f"{visit}room/")
    expect(patient.page.get_by_text(f"{name} knows you are here")).to_be_visible()
    expect(patient.page.get_by_text(", in 36 minutes")).to_be_visible()
    patient.look("waits", whole_page=True)
    assert violations(patient.page) == []

    expect(doctor.page.get_by_text("Waiting since").first).to_be_visible()
    expect(doctor.page.locator("#announcer")).to_contain_text("is waiting")
    expect(details).to_be_focused()
    doctor.look("sees the patient wait", whole_page=True)
    assert violations(doctor.page) == []
    doctor.page.set_viewport_size({"width": 390, "height": 844})
    doctor.look("sees the patient wait on a phone", whole_page=True)

    # One tap, and the page of whoever waits says so by itself.
    doctor.page.get_by_role("button", name="20 minutes late").click()
    expect(doctor.page.get_by_role("heading", name="You are about 20 minutes late")).to_be_visible()
    doctor.look("has said to be late on a phone", whole_page=True)
    said = f"{name} is running about 20 minutes late: expect to begin at about "
    late = patient.page.locator("main").get_by_text(said)
    expect(late).to_be_visible()
    expect(patient.page.locator("#announcer")).to_contain_text(said)
    patient.look("is told that the doctor is late", whole_page=True)
    assert violations(patient.page) == []
    doctor.page.get_by_role("button", name="On time after all").click()
    expect(late).to_have_count(0)

    # A reload is not a departure, and the clock of the server counts.
    running_clinic.clock_at(starts_at - timedelta(minutes=20, seconds=20))
    patient.page.reload()
    expect(patient.page.get_by_text(", in 20 minutes")).to_be_visible()

    doctor.page.goto(f"{visit}room/")
    expect(doctor.page.get_by_text("Here since").first).to_be_visible()
    expect(patient.page.get_by_text("Here since").first).to_be_visible()
    doctor.look("waits too", whole_page=True)

    phone = visitor("phone", timezone=ZONE, viewport=PHONE, dark=True)
    phone.sign_in(PATIENT)
    phone.page.wait_for_url("**/appointments/")
    phone.page.goto(f"{visit}room/")
    expect(phone.page.get_by_text(f"{name} knows you are here")).to_be_visible()
    phone.look("waits", whole_page=True)
    assert violations(phone.page) == []
    phone.page.goto("/appointments/")

    # The door opens by itself: the pages learn the hour with the next word of who is there.
    running_clinic.clock_at(starts_at - timedelta(minutes=10))
    doctor.page.reload()
    expect(doctor.page.locator("consultation-room")).to_be_visible()
    expect(patient.page.locator("consultation-room")).to_be_visible()
    patient.look("is let in")

    phone.page.reload()
    expect(phone.page.get_by_role("link", name=f"{name} is ready – Join").first).to_be_visible()
    phone.look("the doctor is ready", whole_page=True)
    assert violations(phone.page) == []


def test_the_patients_page_says_live_that_the_doctor_is_ready(
    visitor: VisitorMaker, running_clinic: RunningClinic
) -> None:
    visit, starts_at = the_visit(running_clinic)
    running_clinic.clock_at(starts_at - timedelta(minutes=5))
    name = running_clinic.name_of_doctor(DOCTOR)
    patient = visitor("patient", timezone=ZONE)
    patient.sign_in(PATIENT)
    patient.page.goto("/appointments/")
    join = patient.page.get_by_role("link", name="Join video appointment").first
    expect(join).to_be_visible()
    join.focus()

    doctor = visitor("doctor", timezone=ZONE)
    doctor.sign_in(DOCTOR)
    doctor.page.goto(f"{visit}room/")
    expect(doctor.page.get_by_role("button", name="Join with camera")).to_be_visible()

    ready = patient.page.get_by_role("link", name=f"{name} is ready – Join").first
    expect(ready).to_be_visible(timeout=30_000)
    expect(ready).to_be_focused()
    expect(patient.page.locator("#announcer")).to_have_text(f"{name} is ready")
    patient.look("sees that the doctor is ready")

    doctor.page.goto("/agenda/")
    expect(patient.page.get_by_role("link", name="Join video appointment").first).to_be_visible(
        timeout=30_000
    )

    running_clinic.clock_at(starts_at + timedelta(minutes=21))
    patient.page.goto(f"{visit}room/")
    expect(patient.page.get_by_text(f"{name} is running late.")).to_be_visible()
    expect(patient.page.get_by_text("You can keep waiting")).to_be_visible()
    patient.look("the doctor is late", whole_page=True)
    assert violations(patient.page) == []
    patient.page.get_by_role("button", name="Join to listen only").click()
    expect(patient.page.locator(".room-absent-text")).to_have_text(f"{name} is running late.")
    patient.look("the doctor is late in the room")


def test_what_nobody_marked_is_asked_about(
    visitor: VisitorMaker, running_clinic: RunningClinic
) -> None:
    visit, starts_at = the_visit(running_clinic)
    running_clinic.clock_at(starts_at + timedelta(minutes=46))
    doctor = visitor("doctor", timezone=ZONE)
    doctor.sign_in(DOCTOR)
    doctor.page.goto("/agenda/")
    asked = doctor.page.get_by_role("region", name="Did this visit take place?")
    expect(asked.get_by_text("You were not seen; the patient was not seen.")).to_be_visible()
    doctor.look("is asked", whole_page=True)
    assert violations(doctor.page) == []
    doctor.page.set_viewport_size({"width": 390, "height": 844})
    doctor.look("is asked on a phone", whole_page=True)
    doctor.page.goto(f"{visit}room/")
    expect(doctor.page.get_by_role("heading", name="The room is closed")).to_be_visible()
    doctor.look("finds the room closed", whole_page=True)
    assert violations(doctor.page) == []
    doctor.page.goto("/agenda/")
    asked.get_by_role("button", name="Mark completed").click()
    expect(doctor.page.get_by_text("The visit is completed.")).to_be_visible()
    expect(asked).to_be_hidden()
