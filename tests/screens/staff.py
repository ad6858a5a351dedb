"""The desk, the doctors, the money and the clinic, as staff and admins see it."""

import re

from playwright.sync_api import expect

from tests.journeys.test_accessibility import first
from tests.journeys.test_the_front_desk import opens_the_callers_form, writes_down
from tests.screens.stage import Scene, Stage

TO_VISIT = "^/staff/appointments/[^/]{36}/$"


def home(stage: Stage) -> None:
    page = stage.signed_in("staff")
    stage.look(page, "/staff/", "home")
    stage.look(page, "/staff/appointments/", "appointments")
    page.get_by_label("Reference, phone or name").fill("nobody at all")
    page.get_by_role("button", name="Search").click()
    stage.take(page, "appointments, none found")
    page.goto("/staff/appointments/?status=confirmed")
    visit = first(page, TO_VISIT)
    stage.look(page, visit, "appointment")
    stage.look(page, f"{visit}cancel/", "cancel")
    stage.look(page, "/staff/messages/", "messages")
    stage.look(stage.signed_in("patient1"), "/staff/", "not for patients")


def caller(stage: Stage) -> None:
    page = stage.signed_in("staff")
    stage.look(page, "/staff/book/", "book for a caller")
    opens_the_callers_form(page, stage.clinic.name_of_doctor("doctor1@demo.example"))
    stage.take(page, "callers form")
    writes_down(page, phone="12")
    page.get_by_role("button", name="Hold the time").click()
    expect(page.locator("#error-summary")).to_be_visible()
    stage.take(page, "callers form, with errors")
    page.get_by_label("Phone").fill("077 765 0001")
    page.get_by_role("button", name="Hold the time").click()
    expect(page.get_by_text("The way to pay is mailed to the patient.")).to_be_visible()
    stage.take(page, "held for a caller")
    page.goto("/staff/book/")
    stage.look(page, first(page, "^/staff/book/[0-9a-f-]{36}/"), "times for a caller")


def money(stage: Stage) -> None:
    page = stage.signed_in("staff")
    stage.look(page, "/money/", "money, nothing to do")
    stage.clinic.change(
        "update payments_refund set state = 'needs_human', trouble = 'refused', next_try_at = null"
        " where created_at = (select max(created_at) from payments_refund)"
    )
    stage.clinic.change(
        "insert into payments_event (provider, event_id, kind, heard_at, quarantined)"
        " values ('sandbox', 'evt_1', 'charge.dispute.created', clinic_now(), 'disputed')"
    )
    page.goto("/money/")
    page.get_by_text("It was given back by hand").click()
    stage.take(page, "money, things for a person")


def doctors(stage: Stage) -> None:
    page = stage.signed_in("staff")
    stage.look(page, "/staff/doctors/", "doctors")
    one = first(page, "/staff/doctors/[^/]{36}/$")
    stage.look(page, "/staff/doctors/invite/", "invite a doctor")
    page.get_by_role("main").get_by_role("button").last.click()
    expect(page.locator("#error-summary")).to_be_visible()
    stage.take(page, "invite a doctor, with errors")
    stage.look(page, one, "doctor")
    stage.look(page, first(page, "/leave/$"), "a doctor leaves")


def admin(stage: Stage) -> None:
    page = stage.signed_in("admin")
    stage.look(page, "/staff/people/", "people")
    stage.look(page, "/staff/clinic/", "clinic")
    stage.look(page, first(page, "/staff/clinic/[^/]{36}/$"), "change the clinic")
    stage.look(page, "/staff/clinic/add/", "add a clinic")
    page.get_by_role("main").get_by_role("button").last.click()
    expect(page.locator("#error-summary")).to_be_visible()
    stage.take(page, "add a clinic, with errors")
    page.goto("/admin/")
    expect(
        page.get_by_role("heading", name=re.compile("admin", re.IGNORECASE)).first
    ).to_be_visible()
    stage.take(page, "back office")


SCENES: list[Scene] = [home, caller, doctors, admin, money]
