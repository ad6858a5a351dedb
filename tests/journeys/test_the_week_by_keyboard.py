"""A doctor's week, written, repeated, changed and deleted by somebody who has no mouse."""

from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.journeys.conftest import PHONE, RunningClinic, Visitor, VisitorMaker

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

COLOMBO = ZoneInfo("Asia/Colombo")
A_DAY, A_WEEK = timedelta(days=1), timedelta(days=7)
LEFT = "7 minutes at the end are too short for a 15-minute appointment and are not offered."
MOST_STEPS = 120  # of the Tab key, to whatever there is on a page


def in_words(day: date) -> str:
    return f"{day:%A} {day.day} {day:%B %Y}"


def tabs_to(page: Page, target: Locator) -> None:
    """Reach it with the Tab key alone, from wherever the focus is."""
    expect(target).to_be_visible()
    for _ in range(MOST_STEPS):
        if target.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"the Tab key does not lead to {target}")


def activates(page: Page, name: str, role: Literal["link", "button"] = "link") -> None:
    """Enter on what has this name. What it leads to is for the caller to wait for."""
    tabs_to(page, page.get_by_role(role, name=name, exact=True))
    page.keyboard.press("Enter")


def types_time(page: Page, field: Locator, text: str) -> None:
    tabs_to(page, field)
    # A browser that counts to twenty-four lets the letters fall.
    page.keyboard.type(text.replace(":", "") + ("AM" if text < "12" else "PM"))
    expect(field).to_have_value(text)


def types_date(page: Page, field: Locator, day: date) -> None:
    """In the order of this browser's language, whichever that is."""
    tabs_to(page, field)
    for order in ("%m%d%Y", "%d%m%Y"):
        page.keyboard.press("ArrowLeft")
        page.keyboard.press("ArrowLeft")
        page.keyboard.type(f"{day:{order}}")
        if field.input_value() == f"{day}":
            return
    raise AssertionError(f"{field.input_value()} is not {day}")


def types_number(page: Page, field: Locator, number: int) -> None:
    tabs_to(page, field)
    page.keyboard.press("Control+A")
    page.keyboard.type(f"{number}")


def stands_on_the_card_of(page: Page, day: date) -> None:
    expect(page.locator(f"#day-{day}")).to_be_focused()


def said(page: Page, words: str) -> None:
    expect(page.locator("#announcer")).to_have_text(words)


def publishes(doctor: Visitor, day: date) -> None:
    page = doctor.page
    page.goto(f"/schedule/?week={day}")
    activates(page, "Add hours")
    types_date(page, page.get_by_label("Date", exact=True), day)
    types_time(page, page.get_by_label("Start").first, "09:00")
    types_time(page, page.get_by_label("End").first, "12:07")
    expect(page.locator("hours-preview").first).to_contain_text("7 minutes at the end")
    types_number(page, page.get_by_label("For how many weeks"), 2)
    expect(page.locator("hours-total")).to_have_text(f"24 slots on 2 {day:%A}s.")
    doctor.look("writes hours for two weeks")
    activates(page, "Add hours", "button")
    stands_on_the_card_of(page, day)
    said(page, f"24 slots added on 2 {day:%A}s. {LEFT}")
    doctor.look("stands on the new day")


def repeats_the_week(doctor: Visitor, day: date) -> None:
    """For three weeks; the first of them has hours already."""
    page = doctor.page
    activates(page, "Repeat this week")
    types_number(page, page.get_by_label("For how many weeks after this one"), 3)
    expect(page.locator("hours-total")).to_have_text(f"36 slots on 3 {day:%A}s.")
    activates(page, "Repeat this week", "button")
    expect(page.locator("#error-summary")).to_be_focused()
    in_the_way = page.get_by_label(f"{in_words(day + A_WEEK)}: It already has hours.")
    expect(in_the_way).not_to_be_checked()
    tabs_to(page, in_the_way)
    doctor.look("is told what is in the way")
    page.keyboard.press("Space")
    activates(page, "Repeat this week", "button")
    stands_on_the_card_of(page, day + 2 * A_WEEK)
    said(page, f"24 slots added on 2 {day:%A}s. {LEFT}")


def changes(doctor: Visitor, day: date) -> None:
    page = doctor.page
    activates(page, f"Change the hours of {day:%A} {day.day} {day:%B}")
    types_time(page, page.get_by_label("End").first, "10:30")
    activates(page, "See what changes", "button")
    expect(page.get_by_text("Removes 6 slots. 6 stay as they are.")).to_be_visible()
    doctor.look("sees what changes")
    activates(page, "Change the hours", "button")
    stands_on_the_card_of(page, day)
    said(page, f"The hours of {in_words(day)} are changed.")


def copies(doctor: Visitor, day: date, to: date) -> None:
    page = doctor.page
    activates(page, f"Copy to… other dates the hours of {day:%A} {day.day} {day:%B}")
    tabs_to(page, page.get_by_role("checkbox", name=f"{to:%a} {to.day} {to:%B %Y}"))
    page.keyboard.press("Space")
    doctor.look("chooses dates")
    activates(page, "Copy the hours", "button")
    stands_on_the_card_of(page, to)
    said(page, f"6 slots added on {in_words(to)}.")


def deletes(doctor: Visitor, day: date) -> None:
    page = doctor.page
    activates(page, f"Delete the hours of {day:%A} {day.day} {day:%B}")
    expect(page.get_by_text("6 open slots will be removed.")).to_be_visible()
    activates(page, "Delete hours", "button")
    stands_on_the_card_of(page, day)
    said(page, f"The hours of {in_words(day)} are deleted.")


def test_a_week_is_written_repeated_changed_and_deleted_by_keyboard(
    visitor: VisitorMaker, running_clinic: RunningClinic
) -> None:
    doctor = visitor("doctor", timezone="Asia/Colombo")
    doctor.sign_in("doctor1@demo.example")
    today = datetime.now(COLOMBO).date()
    wednesday = today + timedelta(days=9 - today.weekday())  # next week's

    publishes(doctor, wednesday)
    repeats_the_week(doctor, wednesday)
    third = wednesday + 2 * A_WEEK
    changes(doctor, third)
    copies(doctor, third, to=third + A_DAY)
    deletes(doctor, third + A_DAY)
    doctor.look("has deleted the day")

    on_a_phone = visitor("on-a-phone", timezone="Asia/Colombo", viewport=PHONE)
    on_a_phone.page.emulate_media(color_scheme="dark")
    on_a_phone.sign_in("doctor1@demo.example")
    page = on_a_phone.page
    page.goto(f"/schedule/?week={third}#day-{third}")
    stands_on_the_card_of(page, third)
    on_a_phone.look("sees the week")
    activates(page, "Make this week my usual week")
    expect(page.get_by_text("These are the hours of the week of")).to_be_visible()
    on_a_phone.look("makes it the usual one")
    activates(page, "Save my usual week", "button")
    expect(page.get_by_text("Your usual week is written.")).to_be_visible()
    page.goto(f"/schedule/?week={third + 3 * A_WEEK}")
    on_a_phone.look("has an empty week")
    activates(page, "Use my usual week", "button")
    stands_on_the_card_of(page, third + 3 * A_WEEK)
    for one in (page, doctor.page):
        assert one.evaluate("document.documentElement.scrollWidth <= innerWidth")
