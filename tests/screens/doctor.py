"""The day, the hours and the ways there are to publish them, as doctors see it."""

import re
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from playwright.sync_api import expect

from tests.journeys.test_accessibility import first
from tests.journeys.test_before_the_call import the_visit
from tests.screens.stage import COLOMBO, Scene, Stage


def agenda(stage: Stage) -> None:
    page = stage.signed_in("doctor1")
    stage.look(page, "/agenda/", "agenda, a visit can be joined")
    visit, _ = the_visit(stage.clinic)
    patient = stage.signed_in("patient1")
    patient.goto(f"{visit}room/")
    page.goto("/agenda/")
    expect(page.get_by_text(re.compile("since")).first).to_be_visible()
    stage.take(page, "agenda, the patient is here")
    patient.goto("/appointments/")
    stage.look(page, f"/agenda/?date={_in(2)}", "agenda, full")
    stage.look(page, f"/agenda/?date={_in(100)}", "agenda, empty")
    stage.look(page, "/calendar-feed/", "calendar feed")
    stage.look(page, visit, "appointment")
    stage.look(page, f"{visit}cancel/", "cancel")
    stage.look(page, f"{visit}nic/", "nic")
    page.get_by_role("button", name="Show the number").click()
    expect(page.locator("#error-summary")).to_be_visible()
    stage.take(page, "nic, no purpose")
    page.get_by_label("You need it for").or_(page.get_by_role("textbox")).first.fill("Prescription")
    page.get_by_role("button", name="Show the number").click()
    expect(page.get_by_role("heading", name="The whole NIC", exact=True)).to_be_visible()
    stage.take(page, "nic, shown")


def unmarked(stage: Stage) -> None:
    _, starts_at = the_visit(stage.clinic)
    page = stage.signed_in("doctor1")
    with stage.later(starts_at + timedelta(minutes=46) - datetime.now(starts_at.tzinfo)):
        stage.look(page, "/agenda/", "agenda, did it take place")


def week(stage: Stage) -> None:
    page = stage.signed_in("doctor1")
    stage.look(page, "/schedule/", "week")
    stage.look(page, f"/schedule/?week={_in(7)}", "week after")
    stage.look(page, f"/schedule/?week={_in(60)}", "week, empty")
    stage.look(page, f"/schedule/add/?date={_in(40)}", "add hours")
    page.get_by_label("Start").first.fill("12:00")
    page.get_by_label("End").first.fill("09:00")
    page.get_by_role("button", name="Add hours").click()
    expect(page.locator("#error-summary")).to_be_visible()
    stage.take(page, "add hours, with errors")
    stage.look(page, f"/schedule/{_in(9)}/", "change a day")
    stage.look(page, f"/schedule/{_in(2)}/", "change a day, locked")
    stage.look(page, f"/schedule/{_in(9)}/delete/", "delete a day")
    stage.look(page, f"/schedule/{_in(9)}/copy/", "copy a day")
    page.goto("/schedule/")
    stage.look(page, first(page, "/schedule/repeat/"), "repeat a week")
    page.get_by_role("main").get_by_role("button").last.click()
    stage.take(page, "repeat a week, some have hours")
    page.goto("/schedule/")
    stage.look(page, "/schedule/usual/", "usual week")
    stage.look(page, "/schedule/usual/use/", "use the usual week")
    page.goto("/schedule/")
    stage.look(page, first(page, "/explain/$"), "explain a time")
    stage.look(page, f"{page.url}?date={_in(2)}&time=09:00", "explain a time, explained")


def upload(stage: Stage) -> None:
    page = stage.signed_in("doctor1")
    stage.look(page, "/schedule/upload/", "upload")
    lines = f"date,start,end,minutes\n{_in(50)},09:00,08:00,15\n2020-01-01,9,10,x\n"
    page.locator("input[type=file]").set_input_files(
        {"name": "hours.csv", "mimeType": "text/csv", "buffer": lines.encode()}
    )
    page.get_by_role("button", name="Upload hours").click()
    expect(page.locator("#error-summary")).to_be_visible()
    stage.take(page, "upload, with errors")


def applying(stage: Stage) -> None:
    page = stage.stranger().page
    stage.look(page, "/doctors/apply/", "apply")
    page.get_by_role("button", name="Send me a code").click()
    expect(page.locator("#error-summary")).to_be_visible()
    stage.take(page, "apply, with errors")
    stage.look(stage.signed_in("patient1"), "/doctors/apply/", "apply, signed in")


def _in(days: int) -> date:
    return datetime.now(ZoneInfo(COLOMBO)).date() + timedelta(days=days)


SCENES: list[Scene] = [agenda, week, upload, applying, unmarked]
