"""Booking without an account: the form, the code from the mail, the payment; and what may go wrong."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import PHONE, RunningClinic, Visitor, VisitorMaker
from tests.journeys.test_from_hours_to_a_finished_visit import publishes_tomorrow_from_nine_to_ten
from tests.journeys.test_paying_by_card import chooses, mailed_code, sees

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


@pytest.fixture
def nine(visitor: VisitorMaker) -> datetime:
    """When the doctor's first time begins."""
    doctor = visitor("doctor", timezone="Asia/Colombo")
    doctor.sign_in("doctor1@demo.example")
    return publishes_tomorrow_from_nine_to_ten(doctor)


def holds(guest: Visitor) -> None:
    guest.look("has filled in the form")
    guest.page.get_by_role("button", name="Hold this time").click()
    sees(guest, "Enter the code from your email")
    expect(guest.page.locator("hold-timer")).to_be_visible()


def enters(guest: Visitor, code: str) -> None:
    guest.page.get_by_label("Code").fill(code)
    guest.page.get_by_role("button", name="Continue").click()


def pays(guest: Visitor) -> None:
    guest.page.wait_for_url(re.compile("/sandbox/"))
    guest.look("pays")
    guest.page.get_by_role("button", name="Succeed").click()
    sees(guest, "Appointment confirmed")
    guest.look("is confirmed", whole_page=True)


@pytest.mark.parametrize(
    "dark",
    [pytest.param(False, id="light"), pytest.param(True, id="dark", marks=pytest.mark.deep)],
)
def test_a_guest_books_with_a_phone(
    visitor: VisitorMaker,
    running_clinic: RunningClinic,
    clinic_folder: Path,
    nine: datetime,
    *,
    dark: bool,
) -> None:
    guest = visitor("guest", timezone="Asia/Colombo", viewport=PHONE, dark=dark)
    chooses(guest, running_clinic, nine)
    holds(guest)
    guest.look("is asked for the code", whole_page=True)
    enters(guest, mailed_code(guest))
    pays(guest)
    assert running_clinic.commands_say_all_is_well(clinic_folder)


@pytest.mark.parametrize(
    "dark",
    [pytest.param(False, id="light", marks=pytest.mark.deep), pytest.param(True, id="dark")],
)
def test_a_guest_mistypes_their_address_and_the_code_leaves_and_comes_back(
    visitor: VisitorMaker, running_clinic: RunningClinic, nine: datetime, *, dark: bool
) -> None:
    guest = visitor("guest", timezone="Asia/Colombo", dark=dark)
    page = guest.page
    chooses(guest, running_clinic, nine)
    page.get_by_label("Email").fill("mistyped@patient.example")
    holds(guest)
    form = page.url
    page.get_by_text("The code did not come").click()
    guest.look("sees what to do without a code", whole_page=True)
    page.get_by_role("button", name="Change my email or other details").click()
    sees(guest, "Your details")
    expect(page.get_by_label("NIC")).to_have_value("199012345678")
    page.get_by_label("Email").fill("nimal@patient.example")
    guest.look("finds the form filled in", whole_page=True)
    holds(guest)

    enters(guest, "AAAA-BBBB")
    expect(page.get_by_text("This is not the code we sent").first).to_be_visible()
    expect(page.locator("hold-timer")).to_be_visible()
    guest.look("has mistyped the code", whole_page=True)

    guest.page = page.context.new_page()
    page.close()
    guest.page.goto(form)
    sees(guest, "Enter the code from your email")
    enters(guest, mailed_code(guest))
    pays(guest)


def test_a_guest_whose_time_has_lapsed_holds_it_again_in_one_press(
    visitor: VisitorMaker, running_clinic: RunningClinic, nine: datetime
) -> None:
    guest = visitor("guest", timezone="Asia/Colombo", viewport=PHONE)
    chooses(guest, running_clinic, nine)
    holds(guest)
    running_clinic.clock_at(datetime.now(UTC) + timedelta(minutes=9, seconds=50))
    guest.page.reload()
    guest.page.get_by_label("Code").fill("HALF")
    expect(guest.page.locator(".notice")).to_contain_text("This time is no longer held for you")
    expect(guest.page.locator("#announcer")).to_have_text("This time is no longer held for you.")
    expect(guest.page.get_by_label("Code")).to_have_value("HALF")
    guest.look("has taken too long", whole_page=True)
    guest.page.get_by_role("button", name="Hold this time again").click()
    expect(guest.page.locator("hold-timer")).to_be_visible()
    enters(guest, mailed_code(guest))
    pays(guest)
