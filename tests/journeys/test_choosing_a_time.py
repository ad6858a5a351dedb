"""Choosing a time: with the keys alone, without script, and while others choose too."""

import re
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from tests.journeys.conftest import RunningClinic, Visitor, VisitorMaker

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]


def tabs_to(page: Page, wanted: Locator) -> None:
    """As far as one would go before giving up."""
    for _ in range(40):
        if wanted.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"the Tab key does not lead to {wanted}")


def is_at_their_times(person: Visitor, doctor: str) -> None:
    """On the first day after today that has some: of today there may be one left, or it may begin."""
    page = person.page
    page.goto("/")
    page.get_by_role("link", name=doctor, exact=True).click()
    expect(page.get_by_role("grid")).to_be_visible()
    today = datetime.now(ZoneInfo("Asia/Colombo")).date()
    week = f"from={today + timedelta(1)}&to={today + timedelta(7)}"
    address = urlsplit(page.url)
    days = page.request.get(f"/api/v1{address.path}days?{week}").json()["days"]
    page.goto(f"{address.path}?date={days[0]['date']}")


def test_a_time_is_booked_and_paid_by_the_keys_alone(
    visitor: VisitorMaker, running_clinic: RunningClinic
) -> None:
    patient = visitor("patient", timezone="Asia/Colombo")
    patient.sign_in("patient1@demo.example")
    page = patient.page
    page.goto("/")
    name = running_clinic.name_of_doctor("doctor1@demo.example")
    tabs_to(page, page.get_by_role("link", name=name, exact=True))
    page.keyboard.press("Enter")

    chosen = page.locator("[role=grid] .is-chosen")
    tabs_to(page, chosen)
    month = page.locator("#month-name").inner_text()
    page.keyboard.press("PageDown")
    expect(page.locator("#announcer")).not_to_be_empty()
    expect(page.locator("#month-name")).not_to_have_text(month)
    # Also a day without times can be gone to; it is said to have none.
    here = page.locator(".day:focus")
    expect(here).to_have_attribute("aria-disabled", "true")
    expect(here).to_contain_text("no times")
    page.keyboard.press("PageUp")
    expect(page.locator("#month-name")).to_have_text(month)
    expect(page.locator(".day:focus")).to_contain_text(month)
    while "free" not in page.locator(".day:focus").inner_text():
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    expect(page.locator("#announcer")).to_contain_text("chosen")
    expect(chosen).to_be_focused()

    tabs_to(page, page.locator("a[data-slot]").last)
    page.keyboard.press("Enter")
    form = page.get_by_role("dialog")
    expect(form.get_by_role("heading", name="Your details")).to_be_focused()
    tabs_to(page, form.get_by_label("Why do you want to see the doctor?"))
    page.keyboard.type("Cough")
    tabs_to(page, form.get_by_role("button", name="Continue to payment"))
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/sandbox/"))
    tabs_to(page, page.get_by_role("button", name="Succeed"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Appointment confirmed")).to_be_visible()


def test_a_time_is_booked_up_to_payment_without_script(
    browser: Browser, running_clinic: RunningClinic
) -> None:
    context = browser.new_context(base_url=running_clinic.url, java_script_enabled=False)
    page = context.new_page()
    page.goto("/account/login/")
    page.get_by_label("Email").fill("patient1@demo.example")
    page.get_by_label("Password").fill("clinicall demo")
    page.get_by_role("button", name="Sign in").click()
    page.goto("/")
    name = running_clinic.name_of_doctor("doctor1@demo.example")
    page.get_by_role("link", name=name, exact=True).click()
    page.get_by_role("link", name=re.compile("^Next month")).click()
    page.get_by_role("link", name=re.compile("^Next free")).click()
    page.get_by_role("link", name="Show as list").click()
    page.get_by_role("link", name=re.compile("times? free")).last.click()
    page.locator("a[data-slot]").last.click()
    page.get_by_label("Why do you want to see the doctor?").fill("Cough")
    page.get_by_role("button", name="Continue to payment").click()
    page.wait_for_url(re.compile("/sandbox/"))
    context.close()


def test_a_time_that_another_takes_is_said_to_be_taken_and_leaves(
    visitor: VisitorMaker, running_clinic: RunningClinic
) -> None:
    one, other = (visitor(name, timezone="Asia/Colombo") for name in ("one", "other"))
    other.sign_in("patient2@demo.example")
    doctor = running_clinic.name_of_doctor("doctor1@demo.example")
    for person in (one, other):
        is_at_their_times(person, doctor)
    wanted, following = (one.page.locator("a[data-slot]").nth(which) for which in (-2, -1))
    following = one.page.locator(f"#{following.get_attribute('id')}")
    wanted = one.page.locator(f"#{wanted.get_attribute('id')}")
    wanted.focus()

    other.page.locator(f"#{wanted.get_attribute('id')}").click()
    form = other.page.get_by_role("dialog")
    form.get_by_label("Why do you want to see the doctor?").fill("Cough")
    form.get_by_role("button", name="Continue to payment").click()
    expect(wanted).to_contain_text("Just taken")
    expect(wanted).to_be_focused()
    expect(one.page.locator("#announcer")).to_contain_text("has just been taken")
    expect(wanted).to_have_count(0)
    expect(following).to_be_focused()

    kept: list[Route] = []
    one.page.route("**/doctors/*/?month=*", lambda route: kept.append(route))
    one.page.get_by_role("link", name=re.compile("^Next month")).click()
    expect(one.page.locator(".waiting")).to_have_text("Loading times…")
    kept.pop().continue_()
    one.page.unroute("**/doctors/*/?month=*")
    expect(one.page.locator(".waiting")).to_have_count(0)
    one.page.context.set_offline(True)
    expect(one.page.locator(".waiting")).to_contain_text("You're offline. Nothing has been booked.")
    one.page.context.set_offline(False)
    expect(one.page.locator(".waiting")).to_have_count(0)
