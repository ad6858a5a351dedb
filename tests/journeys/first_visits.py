"""The screens whose weight is promised, each opened by a browser that has nothing of ours yet."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from playwright.sync_api import Browser, Page, expect

from tests.journeys.conftest import PHONE, RunningClinic
from tests.journeys.weighing import KB, PARTS, Scales, Weight

PATIENT = "patient1@demo.example"
FIRST_VIEW, LIGHT, DEVICE_CHECK = 95 * KB, 70 * KB, 10 * KB
MOST_REQUESTS = 8


@dataclass(frozen=True)
class Screen:
    name: str
    weight: Weight
    over: list[str]


@contextmanager
def a_new_page(browser: Browser, clinic: RunningClinic, **state: object) -> Iterator[Page]:
    context = browser.new_context(
        base_url=clinic.url,
        viewport=PHONE,  # type: ignore[arg-type]
        timezone_id="Asia/Colombo",
        locale="en-GB",
        permissions=["camera", "microphone"],
        **state,  # type: ignore[arg-type]
    )
    yield context.new_page()
    context.close()


def weighed(browser: Browser, clinic: RunningClinic) -> Iterator[Screen]:
    with a_new_page(browser, clinic) as page:
        scales = Scales(page)
        page.goto("/")
        scales.settle()
        search = scales.weight()
        name = clinic.name_of_doctor("doctor1@demo.example")
        doctor = page.get_by_role("link", name=name, exact=True).get_attribute("href") or ""
    yield Screen("search", search, search.over(LIGHT))

    with a_new_page(browser, clinic) as page:
        scales = Scales(page)
        page.goto(doctor)
        scales.settle()
        view = scales.weight()
        yield Screen("first booking view", view, view.over(FIRST_VIEW, MOST_REQUESTS, PARTS))
        page.locator("a[data-slot]").first.click()
        expect(page.get_by_role("dialog").get_by_label("First name")).to_be_visible()
        scales.settle()
        form = scales.weight()
        yield Screen("booking form open", form, form.over(FIRST_VIEW))

    with a_new_page(browser, clinic) as page:
        page.goto("/account/login/")
        page.get_by_label("Email").fill(PATIENT)
        page.get_by_label("Password").fill("clinicall demo")
        page.get_by_role("button", name="Sign in", exact=True).click()
        page.wait_for_url("**/appointments/")
        state = page.context.storage_state()

    with a_new_page(browser, clinic, storage_state=state) as page:
        scales = Scales(page)
        page.goto("/appointments/")
        scales.settle()
        dashboard = scales.weight()
        room = page.get_by_role("link", name=re.compile("^Join")).first.get_attribute("href")
    yield Screen("dashboard", dashboard, dashboard.over(LIGHT))

    with a_new_page(browser, clinic, storage_state=state) as page:
        scales = Scales(page)
        page.goto("/device-check/")
        expect(page.get_by_role("button", name="Allow camera and microphone")).to_be_visible()
        scales.settle()
        check = scales.weight().beyond(dashboard)
    yield Screen("device check adds", check, check.over(DEVICE_CHECK))

    with a_new_page(browser, clinic, storage_state=state) as page:
        scales = Scales(page)
        page.goto(room or "")
        expect(page.locator("consultation-room")).to_have_attribute("data-phase", "lobby")
        scales.settle()
        lobby = scales.weight()
        agora = [f"{one.url} before the camera" for one in lobby.asked if "Agora" in one.url]
        # Or nothing would be shown by its staying away.
        with page.expect_request(re.compile("/assets/Agora")):
            page.get_by_role("button", name="Join with camera").click()
    yield Screen("room before the click", lobby, agora)
