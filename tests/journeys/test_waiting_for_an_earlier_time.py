"""Somebody does not come, and their time goes to a patient who waits for an earlier one."""

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import PHONE, RunningClinic, VisitorMaker
from tests.journeys.looking import violations
from tests.journeys.test_from_hours_to_a_finished_visit import (
    books_and_pays,
    publishes_tomorrow_from_nine_to_ten,
)

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


def test_who_waits_is_offered_what_becomes_free_and_takes_it(
    visitor: VisitorMaker, running_clinic: RunningClinic
) -> None:
    doctor = visitor("doctor", timezone="Asia/Colombo")
    other = visitor("other", timezone="Europe/London")
    patient = visitor("patient", timezone="Europe/London", viewport=PHONE)
    doctor.sign_in("doctor1@demo.example")
    starts_at = publishes_tomorrow_from_nine_to_ten(doctor)
    # On the day before, and by day in both cities.
    running_clinic.clock_at(starts_at - timedelta(hours=18))
    name = running_clinic.name_of_doctor("doctor1@demo.example")
    other.sign_in("patient1@demo.example")
    first = books_and_pays(other, name, starts_at)
    patient.sign_in("patient2@demo.example")
    second = books_and_pays(patient, name, starts_at + timedelta(minutes=15))

    page = patient.page
    page.goto(second)
    page.get_by_role("button", name="Wait for an earlier time").click()
    expect(page.get_by_role("heading", name="You are waiting")).to_be_visible()
    patient.look("waits", whole_page=True)
    other.page.goto(f"{first}cancel/")
    other.page.get_by_role("button", name="Cancel the appointment").click()
    expect(other.page).to_have_url(re.compile("/appointments/[0-9a-f-]+/$"))

    def is_offered() -> None:
        page.reload()
        expect(page.get_by_role("button", name="Take it")).to_be_visible(timeout=2_000)

    until(is_offered)
    patient.look("is offered a time", whole_page=True)
    assert violations(page) == []
    page.get_by_role("button", name="Take it").click()
    expect(page.get_by_text("Your appointment is moved to")).to_be_visible()
    patient.look("has it", whole_page=True)


def until(seen: Callable[[], None]) -> None:
    """The page is loaded again and again, as the clinic's worker comes by every few seconds."""
    for _ in range(15):
        with suppress(AssertionError):
            seen()
            return
    seen()
