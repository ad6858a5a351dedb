"""A day at the desk: a caller gets a time and pays for it, another is found by phone and cancelled."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import (
    PHONE,
    RunningClinic,
    Visitor,
    VisitorMaker,
    opens_newest_mail,
)
from tests.journeys.looking import violations
from tests.journeys.test_from_hours_to_a_finished_visit import publishes_tomorrow_from_nine_to_ten

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


def opens_the_callers_form(page: Page, doctor: str) -> None:
    page.goto("/staff/")
    page.get_by_role("link", name="Book for a caller").click()
    page.get_by_role("link", name=doctor).click()
    page.wait_for_url(re.compile(r"/staff/book/[0-9a-f-]+/"))
    page.locator("a[data-slot]").first.click()
    expect(page.get_by_role("heading", name="The caller’s details")).to_be_visible()


def writes_down(page: Page, *, phone: str = "077 765 0001") -> None:
    page.get_by_label("First name").fill("Nimali")
    page.get_by_label("Last name").fill("de Silva")
    page.get_by_label("Phone").fill(phone)
    page.get_by_label("NIC").fill("199012345678")
    page.get_by_label("Email").fill("patient1@demo.example")
    page.get_by_label("Why do they want").fill("Cough for two weeks")


def test_a_caller_pays_by_the_mailed_link_while_the_desk_watches(
    visitor: VisitorMaker, running_clinic: RunningClinic
) -> None:
    doctor = visitor("doctor", timezone="Asia/Colombo")
    doctor.sign_in("doctor1@demo.example")
    publishes_tomorrow_from_nine_to_ten(doctor)
    desk = visitor("desk", timezone="Asia/Colombo")
    desk.page.clock.install()
    desk.sign_in("staff@demo.example")
    page = desk.page
    expect(page).to_have_url(re.compile("/staff/$"))
    desk.look("home", whole_page=True)
    found = {"home": violations(page)}

    opens_the_callers_form(page, running_clinic.name_of_doctor("doctor1@demo.example"))
    writes_down(page, phone="12")
    page.get_by_role("button", name="Hold the time").click()
    expect(page.locator("#error-summary")).to_be_focused()
    desk.look("a number that is none", whole_page=True)
    found["form"] = violations(page)
    page.get_by_label("Phone").fill("077 765 0001")
    page.get_by_role("button", name="Hold the time").click()
    expect(page.get_by_text("The way to pay is mailed to the patient.")).to_be_visible()
    expect(page.locator("hold-timer")).to_be_visible()
    desk.look("held", whole_page=True)
    found["held"] = violations(page)
    expect(page.locator("body")).not_to_contain_text("Cough")

    caller = visitor("caller", timezone="Asia/Colombo", viewport=PHONE)
    phone = caller.page
    opens_newest_mail(phone, "Pay until")
    caller.look("the mail", whole_page=True)
    phone.locator('main a[href*="/appointments/"]').first.click()
    phone.get_by_label("Email").fill("patient1@demo.example")
    phone.get_by_label("Password").fill("clinicall demo")
    phone.get_by_role("button", name="Sign in").click()
    phone.get_by_role("link", name=re.compile("Pay")).first.click()
    phone.get_by_role("button", name="Succeed").click()
    expect(phone.get_by_role("heading", name="Appointment confirmed")).to_be_visible()
    # The desk's page follows by itself, twice a minute.
    page.clock.fast_forward(30_000)
    expect(page.get_by_text("Confirmed: the payment arrived")).to_be_visible()
    expect(page.get_by_text("left to pay")).to_have_count(0)
    desk.look("paid", whole_page=True)
    assert {page: faults for page, faults in found.items() if faults} == {}


@pytest.mark.parametrize(
    "dark",
    [pytest.param(False, id="light"), pytest.param(True, id="dark", marks=pytest.mark.deep)],
)
def test_the_desk_finds_a_visit_by_phone_and_cancels_it(
    visitor: VisitorMaker, running_clinic: RunningClinic, dark: bool
) -> None:
    doctor = visitor("doctor", timezone="Asia/Colombo")
    doctor.sign_in("doctor1@demo.example")
    publishes_tomorrow_from_nine_to_ten(doctor)
    wide = visitor("wide", timezone="Asia/Colombo", dark=dark)
    narrow = visitor("narrow", timezone="Asia/Colombo", dark=dark, viewport=PHONE)
    for one in (wide, narrow):
        one.sign_in("staff@demo.example")
    page = narrow.page
    opens_the_callers_form(page, running_clinic.name_of_doctor("doctor1@demo.example"))
    narrow.look("the callers form", whole_page=True)
    writes_down(page)
    page.get_by_role("button", name="Hold the time").click()
    expect(page.get_by_text("The way to pay is mailed to the patient.")).to_be_visible()
    narrow.look("held", whole_page=True)
    found: dict[str, list[str]] = {}

    def looks(one: Visitor, step: str) -> None:
        one.look(step, whole_page=True)
        found[f"{one.name} {step}"] = violations(one.page)

    for one in (wide, narrow):
        desk = one.page
        desk.goto("/staff/")
        looks(one, "home")
        desk.goto("/staff/book/")
        looks(one, "doctors")
        desk.goto("/staff/appointments/")
        looks(one, "all")
        desk.get_by_label("Reference, phone or name").fill("+94 77 765 0001")
        desk.get_by_role("button", name="Search").click()
        expect(desk.get_by_text("1 appointment", exact=True)).to_be_visible()
        assert "0001" not in desk.url
        looks(one, "found by phone")
        desk.locator("tbody a").click()
        expect(desk.get_by_role("heading", name="Nimali de Silva")).to_be_visible()
        looks(one, "visit")
        desk.get_by_role("link", name="Let this time go").click()
        looks(one, "cancel")
    page.get_by_role("button", name="Let this time go").click()
    expect(page.locator("#error-summary")).to_be_focused()
    page.get_by_label("Why?").fill("Asked for it on the phone.")
    page.get_by_role("button", name="Let this time go").click()
    expect(page.get_by_text("Cancelled by the clinic")).to_be_visible()
    looks(narrow, "cancelled")
    # Back to what was found, without sending anything again.
    wide.page.go_back()
    wide.page.go_back()
    expect(wide.page.get_by_text("1 appointment", exact=True)).to_be_visible()
    assert {page: faults for page, faults in found.items() if faults} == {}
