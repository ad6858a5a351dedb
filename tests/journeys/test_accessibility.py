"""What axe can tell of the main pages, and what it cannot: where the keyboard stands."""

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.conftest import (
    RunningClinic,
    VisitorMaker,
    a_copy_of,
    a_running_clinic,
)
from tests.journeys.looking import (
    misshapen,
    small_buttons,
    too_wide,
    unseen_focus,
    violations,
)

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]


@pytest.fixture(scope="module")
def running_clinic(empty_clinic: Path) -> Iterator[RunningClinic]:
    """One for all of these tests: each looks at pages, and what it books is in nobody's way."""
    with a_copy_of(empty_clinic) as folder, a_running_clinic(folder) as clinic:
        yield clinic


A_BAD_PAGE = """
<!doctype html>
<html lang="en"><title>Nothing</title>
<style>
  button { block-size: 50px }
  :focus-visible { outline: 3px solid blue }
  .bare { outline: none }
  .low { block-size: 20px }
  .cut { inline-size: 60px; overflow: hidden; white-space: nowrap }
</style>
<header>Clinic</header>
<main>
  <h1>One</h1><h1>Two</h1>
  <button class="bare">Bare</button><button class="low">Low</button><button>Good</button>
  <p class="cut">More than there is room for</p><p style="color: #bbb">Faint</p>
</main>
"""


def test_what_is_wrong_with_a_page_is_found(browser: Browser) -> None:
    page = browser.new_page()
    page.set_content(A_BAD_PAGE)
    [faint] = violations(page)
    assert faint.startswith("color-contrast: ")
    assert misshapen(page) == ["shape: 2 of h1", "shape: title Nothing"]
    [low] = small_buttons(page)
    assert "Low" in low
    [bare] = unseen_focus(page)
    assert "Bare" in bare
    [cut] = too_wide(page)
    assert "More than there is room for" in cut
    page.close()


def first(page: Page, href: str) -> str:
    """The address of the first link whose own address looks so."""
    addresses = [link.get_attribute("href") or "" for link in page.locator("main a").all()]
    return next(address for address in addresses if re.search(href, address))


def opens_the_form_of_a_time(page: Page, doctor: str) -> None:
    page.goto("/")
    page.get_by_role("link", name=doctor, exact=True).click()
    page.locator("a[data-slot]").first.click()
    expect(page.get_by_role("dialog").get_by_label("First name")).to_be_visible()


def faults_at(page: Page, address: str) -> list[str]:
    page.goto(address)
    # A dashboard of nothing and a missing page would pass as well.
    expect(page.locator("h1").first).to_be_visible()
    return violations(page)


def test_axe_finds_no_fault_in_what_strangers_see(visitor: VisitorMaker) -> None:
    page = visitor("stranger", timezone="Europe/London").page
    page.goto("/")
    doctor = first(page, "^/doctors/[^/]+/$")
    found = {
        address: faults_at(page, address)
        for address in (
            *("/", "/?name=nobody", doctor, f"{doctor}?view=list"),
            *("/account/login/", "/account/signup/", "/account/password/reset/"),
            *("/time-zone/", "/outbox/", "/nowhere/", "/api/docs"),
            *("/privacy/", "/accessibility/", "/language/", "/offline/"),
        )
    }
    assert {page: faults for page, faults in found.items() if faults} == {}


def test_axe_finds_no_fault_in_the_main_pages(
    visitor: VisitorMaker, running_clinic: RunningClinic
) -> None:
    patient = visitor("patient", timezone="Asia/Colombo")
    doctor = visitor("doctor", timezone="Asia/Colombo")
    patient.sign_in("patient1@demo.example")
    doctor.sign_in("doctor1@demo.example")
    found: dict[str, list[str]] = {}

    def look(page: Page, address: str) -> None:
        found[address] = faults_at(page, address)

    look(patient.page, "/appointments/?when=past")
    look(patient.page, "/appointments/")
    visit = first(patient.page, "^/appointments/[^/]+/$")
    for address in (
        *(visit, f"{visit}cancel/", f"{visit}room/"),
        *("/record/", "/record/export/", "/record/erase/", "/staff/", "/schedule/"),
    ):
        look(patient.page, address)
    opens_the_form_of_a_time(patient.page, running_clinic.name_of_doctor("doctor1@demo.example"))
    found["the form of a time"] = violations(patient.page)
    form = patient.page.get_by_role("dialog")
    form.get_by_label("Why do you want to see the doctor?").fill("Cough")
    form.get_by_role("button", name="Continue to payment").click()
    patient.page.wait_for_url(re.compile("/sandbox/"))
    found["the payment page"] = violations(patient.page)

    look(doctor.page, "/schedule/add/")
    look(doctor.page, "/schedule/usual/")
    look(doctor.page, "/schedule/")
    look(doctor.page, first(doctor.page, "/copy/$"))
    doctor.page.goto("/schedule/")
    look(doctor.page, first(doctor.page, "/schedule/repeat/"))
    doctor.page.goto("/schedule/")
    look(doctor.page, "/schedule/upload/")
    look(doctor.page, "/schedule/")
    explain = first(doctor.page, "/explain/$")
    doctor.page.get_by_role("link", name="Week after").click()
    found["the week after"] = violations(doctor.page)
    look(doctor.page, f"{explain}?date=2026-11-25&time=09:00")
    look(doctor.page, "/agenda/")
    look(doctor.page, "/calendar-feed/")
    look(doctor.page, f"{visit}nic/")
    look(doctor.page, f"{visit}room/")

    assert {page: faults for page, faults in found.items() if faults} == {}


def test_axe_finds_no_fault_where_money_is_told_of_and_visits_are_moved(
    visitor: VisitorMaker, running_clinic: RunningClinic
) -> None:
    patient = visitor("patient", timezone="Asia/Colombo")
    doctor = visitor("doctor", timezone="Asia/Colombo")
    staff = visitor("staff", timezone="Asia/Colombo")
    patient.sign_in("patient1@demo.example")
    doctor.sign_in("doctor1@demo.example")
    staff.sign_in("staff@demo.example")
    page = patient.page
    found: dict[str, list[str]] = {}

    def look(page: Page, heading: str) -> None:
        # Longer than a slow bank takes.
        expect(page.get_by_role("heading", name=heading)).to_be_visible(timeout=30_000)
        found.setdefault(heading, []).extend(violations(page))

    day = publishes_in_three_days(doctor.page)
    holds_a_time_of(day, page, running_clinic.name_of_doctor("doctor1@demo.example"))
    page.get_by_role("button", name="Decline").click()
    look(page, "The payment did not go through")
    page.get_by_role("button", name="Hold this time again").click()
    page.get_by_role("button", name="Slow").click()
    look(page, "Your bank is still working on your payment")
    look(page, "Appointment confirmed")

    page.get_by_role("link", name="Move this appointment").click()
    look(page, "Move this appointment")
    page.locator(f'a[href="?date={day}#times"]').click()
    times = page.locator("a[data-slot]")
    expect(times).to_have_count(3)
    times.last.click()
    look(page, "Move to this time?")
    taken = page.url
    page.get_by_role("button", name="Move the appointment").click()
    expect(page.get_by_text("Your appointment is moved to")).to_be_visible()
    found["what was moved"] = violations(page)
    visit = page.url
    page.get_by_role("link", name="Cancel this appointment").click()
    look(page, "Cancel this appointment?")

    staff.page.goto("/money/")
    look(staff.page, "Nothing needs a person")
    doctor.page.goto(f"{visit}cancel/")
    doctor.page.get_by_label("A note for the patient").fill("I am ill until Friday.")
    doctor.page.get_by_role("button", name="Cancel the appointment").click()
    look(doctor.page, "You cancelled this appointment")
    running_clinic.change(
        "update payments_refund set state = 'needs_human', trouble = 'refused', next_try_at = null"
        " where created_at = (select max(created_at) from payments_refund)"
    )
    running_clinic.change(
        "insert into payments_event (provider, event_id, kind, heard_at, quarantined)"
        " values ('sandbox', 'evt_1', 'charge.dispute.created', clinic_now(), 'disputed')"
    )
    staff.page.goto("/money/")
    staff.page.get_by_text("It was given back by hand").click()
    look(staff.page, "2 things for a person")
    page.goto(visit)
    expect(page.get_by_text("“I am ill until Friday.”")).to_be_visible()
    found["a cancelled visit"] = violations(page)
    page.goto(taken)
    look(page, "Move this appointment")

    assert {page: faults for page, faults in found.items() if faults} == {}


def test_axe_finds_no_fault_where_doctors_come_and_go(visitor: VisitorMaker) -> None:
    stranger = visitor("stranger", timezone="Asia/Colombo").page
    staff = visitor("staff", timezone="Asia/Colombo")
    admin = visitor("admin", timezone="Asia/Colombo")
    staff.sign_in("staff@demo.example")
    admin.sign_in("admin@demo.example")
    found: dict[str, list[str]] = {}

    def look(page: Page, heading: str) -> None:
        expect(page.get_by_role("heading", name=heading, exact=True)).to_be_visible()
        found[f"{heading} of {page.url}"] = violations(page)

    stranger.goto("/doctors/apply/")
    stranger.get_by_role("button", name="Send me a code").click()
    look(stranger, "There is a problem")
    staff.page.goto("/staff/doctors/invite/")
    look(staff.page, "Invite a doctor")
    staff.page.goto("/staff/doctors/")
    look(staff.page, "Doctors")
    staff.page.goto(first(staff.page, "/staff/doctors/[^/]{36}/$"))
    look(staff.page, "The account")
    staff.page.goto(first(staff.page, "/leave/$"))
    expect(staff.page.get_by_role("button", name=re.compile("^Let .* leave$"))).to_be_visible()
    found["leaving"] = violations(staff.page)
    for address, heading in (
        ("/staff/people/", "Staff"),
        ("/staff/clinic/", "Clinic"),
        ("/staff/clinic/add/", "Add a clinic"),
    ):
        admin.page.goto(address)
        look(admin.page, heading)

    assert {page: faults for page, faults in found.items() if faults} == {}


def faults_of_the_style_guide(page: Page) -> dict[str, list[str]]:
    found = {}
    for address in ("/styleguide/", "/styleguide/?form=refused&texts=long"):
        page.goto(address)
        expect(page.get_by_role("heading", name="Style guide")).to_be_visible()
        found[address] = violations(page)
    return {address: faults for address, faults in found.items() if faults}


def test_axe_finds_no_fault_in_any_component(visitor: VisitorMaker) -> None:
    assert faults_of_the_style_guide(visitor("stranger", timezone="Asia/Colombo").page) == {}


@pytest.mark.deep
def test_axe_finds_no_fault_in_any_component_in_the_dark(visitor: VisitorMaker) -> None:
    page = visitor("stranger", timezone="Asia/Colombo").page
    page.goto("/")
    page.get_by_role("button", name="Dark").click()
    expect(page.locator("html[data-theme=dark]")).to_be_visible()
    assert faults_of_the_style_guide(page) == {}


@pytest.mark.deep
def test_axe_finds_no_fault_in_any_component_in_forced_colours(visitor: VisitorMaker) -> None:
    page = visitor("stranger", timezone="Asia/Colombo").page
    page.emulate_media(forced_colors="active")
    assert faults_of_the_style_guide(page) == {}


@pytest.mark.deep
def test_axe_finds_no_fault_in_any_component_from_right_to_left_and_no_line_is_too_long(
    visitor: VisitorMaker,
) -> None:
    page = visitor("stranger", timezone="Asia/Colombo").page
    page.set_viewport_size({"width": 320, "height": 700})
    page.goto("/styleguide/?dir=rtl&texts=long")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def publishes_in_three_days(page: Page) -> date:
    """One hour of four times; so much later that each may still be moved."""
    day = datetime.now(ZoneInfo("Asia/Colombo")).date() + timedelta(days=3)
    page.goto(f"/schedule/add/?date={day}")
    page.get_by_label("Start").first.fill("09:00")
    page.get_by_label("End").first.fill("10:00")
    page.get_by_label("Minutes for each appointment").first.fill("15")
    page.get_by_role("button", name="Add hours").click()
    expect(page.get_by_text("4 slots").first).to_be_visible()
    return day


def holds_a_time_of(day: date, page: Page, doctor: str) -> None:
    page.goto("/")
    page.get_by_role("link", name=doctor, exact=True).click()
    page.wait_for_url(re.compile("/doctors/"))
    page.goto(f"{page.url.partition('?')[0]}?date={day}")
    page.locator("a[data-slot]").first.click()
    form = page.get_by_role("dialog")
    form.get_by_label("Why do you want to see the doctor?").fill("Cough")
    form.get_by_role("button", name="Continue to payment").click()
    page.wait_for_url(re.compile("/sandbox/"))


def test_the_keyboard_keeps_its_place_in_the_booking_form(
    visitor: VisitorMaker, running_clinic: RunningClinic
) -> None:
    patient = visitor("patient", timezone="Asia/Colombo")
    patient.sign_in("patient1@demo.example")
    page = patient.page
    opens_the_form_of_a_time(page, running_clinic.name_of_doctor("doctor1@demo.example"))
    form = page.get_by_role("dialog")
    expect(form.get_by_role("heading", name="Your details")).to_be_focused()

    reason = form.get_by_label("Why do you want to see the doctor?")
    reason.fill("Cough")
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Keep filling in")).to_be_focused()
    page.keyboard.press("Enter")
    expect(reason).to_be_focused()
    expect(reason).to_have_value("Cough")

    form.get_by_label("Phone").fill("12")
    form.get_by_role("button", name="Continue to payment").press("Enter")
    expect(form.locator("#error-summary")).to_be_focused()
