"""From the search to after the call, as patients see it."""

import re
from datetime import timedelta

from playwright.sync_api import Page, expect

from tests.journeys.conftest import opens_newest_mail
from tests.journeys.test_a_guest_books import holds as guest_holds
from tests.journeys.test_accessibility import first
from tests.journeys.test_from_hours_to_a_finished_visit import signs_up
from tests.journeys.test_in_the_room import joins, meet, opens_the_room, press, room_of
from tests.screens.stage import Scene, Stage

TO_VISIT = "^/appointments/[^/]+/$"
LATE_MONEY_AT = "update payments_sandboxcheckout set succeeds_at = {} where outcome = 'late'"
GO_ON = re.compile("Continue to payment|Confirm appointment|Hold this time")


def doctor_of(stage: Stage, page: Page, email: str = "doctor1@demo.example") -> str:
    page.goto("/")
    link = page.get_by_role("link", name=stage.clinic.name_of_doctor(email), exact=True)
    return link.get_attribute("href") or ""


def opens_form(page: Page, doctor: str, nth: int = 0) -> None:
    page.goto(doctor)
    page.locator("a[data-slot]").nth(nth).click()
    expect(page.get_by_role("dialog").get_by_label("First name")).to_be_visible()


def sends_form(page: Page) -> None:
    form = page.get_by_role("dialog")
    form.get_by_label("Why do you want to see the doctor?").fill("Cough for two weeks")
    form.get_by_role("button", name=GO_ON).click()


def goes_to_pay(page: Page, doctor: str) -> None:
    opens_form(page, doctor)
    sends_form(page)
    page.wait_for_url(re.compile("/sandbox/"))


def pays(page: Page, doctor: str) -> None:
    goes_to_pay(page, doctor)
    page.get_by_role("button", name="Succeed").click()
    sees(page, "Appointment confirmed")


def sees(page: Page, heading: str) -> None:
    # Longer than a slow bank takes.
    expect(page.get_by_role("heading", name=heading)).to_be_visible(timeout=30_000)


def search(stage: Stage) -> None:
    page = stage.stranger().page
    stage.look(page, "/", "search, many")
    family_name = stage.clinic.name_of_doctor("doctor1@demo.example").rpartition(" ")[2]
    stage.look(page, f"/?name={family_name}", "search, few")
    stage.look(page, "/?name=nobody", "search, no match")
    stage.look(stage.signed_in("patient1"), "/", "search, signed in")


def doctor(stage: Stage) -> None:
    page = stage.stranger().page
    address = doctor_of(stage, page)
    stage.look(page, address, "doctor")
    page.locator("a.day[href]").nth(2).click()
    expect(page).to_have_url(re.compile("date="))
    stage.take(page, "doctor, a day chosen")
    page.get_by_role("link", name="Show as list").click()
    page.get_by_role("link", name="Show as calendar").wait_for()
    stage.take(page, "doctor, as list")
    page.get_by_role("link", name="Show as calendar").click()
    page.get_by_role("link", name="Show as list").wait_for()
    for _ in range(2):
        turned = page.url
        page.get_by_role("link", name=re.compile("^Next month")).click()
        expect(page).not_to_have_url(turned)
    stage.take(page, "doctor, an empty month")
    abroad = stage.stranger("America/New_York").page
    abroad.goto(address)
    stage.look(abroad, address, "doctor, from another time zone")


def form(stage: Stage) -> None:
    page = stage.signed_in("patient10")
    address = doctor_of(stage, page)
    opens_form(page, address)
    stage.take(page, "form")
    page.get_by_role("dialog").get_by_label("Phone").fill("12")
    page.get_by_role("dialog").get_by_role("button", name=GO_ON).click()
    expect(page.locator("#error-summary")).to_be_focused()
    stage.take(page, "form, with errors")
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Keep filling in")).to_be_visible()
    stage.take(page, "form, about to be closed")
    guest = stage.stranger().page
    opens_form(guest, address)
    stage.take(guest, "form of a guest")
    slot = first(guest, "/slots/")
    stage.look(guest, slot, "form on a page of its own")
    opens_form(page, address)
    pays(stage.signed_in("patient12"), address)
    expect(page.get_by_role("dialog")).to_contain_text(re.compile("taken|someone else"))
    stage.take(page, "form, time taken meanwhile")
    stage.look(page, slot, "time that is taken")
    stage.look(stage.signed_in("doctor2"), first(guest, "/slots/"), "form, not a patient")


def guest_code(stage: Stage) -> None:
    guest = stage.stranger()
    page = guest.page
    opens_form(page, doctor_of(stage, page))
    written = page.get_by_role("dialog")
    for label, value in (
        ("First name", "Nimal"),
        ("Last name", "Perera"),
        ("Phone", "011 234 5678"),
        ("NIC", "199012345678"),
        ("Email", "guest@patient.example"),
        ("Why do you want to see the doctor?", "Cough for two weeks"),
    ):
        written.get_by_label(label).fill(value)
    guest_holds(guest)
    stage.take(page, "hold of a guest, code asked for")
    page.get_by_label("Code").fill("AAAA-BBBB")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("This is not the code we sent").first).to_be_visible()
    reader = stage.stranger().page
    opens_newest_mail(reader, "code")
    stage.take(reader, "mail in the outbox")
    stage.take(page, "hold of a guest, code wrong")


def payment(stage: Stage) -> None:
    page = stage.signed_in("patient14")
    address = doctor_of(stage, page)
    goes_to_pay(page, address)
    stage.take(page, "payment sandbox")
    sandbox = page.url
    page.goto("/appointments/")
    stage.take(page, "appointments, one held")
    page.goto(first(page, TO_VISIT))
    stage.take(page, "hold running")
    page.goto(sandbox)
    page.get_by_role("button", name="Decline").click()
    sees(page, "The payment did not go through")
    stage.take(page, "declined")
    page.get_by_role("button", name="Hold this time again").click()
    page.get_by_role("button", name="Cancel").click()
    sees(page, "The payment was cancelled")
    stage.take(page, "payment cancelled")
    page.get_by_role("button", name="Hold this time again").click()
    page.get_by_role("button", name="Slow").click()
    sees(page, "Your bank is still working on your payment")
    stage.take(page, "confirming")
    sees(page, "Appointment confirmed")
    stage.take(page, "confirmed")
    stage.look(page, sandbox, "payment sandbox, done")


def lapsed(stage: Stage) -> None:
    page = stage.signed_in("patient16")
    goes_to_pay(page, doctor_of(stage, page))
    page.goto("/appointments/")
    visit = first(page, TO_VISIT)
    with stage.later(timedelta(minutes=11)):
        stage.look(page, visit, "hold lapsed")


def late_money(stage: Stage) -> None:
    page, other = stage.signed_in("patient18"), stage.signed_in("patient20")
    page.goto(doctor_of(stage, page))
    # A day of which no other scene holds a time: once the hold has lapsed, its first time is the same again.
    day = page.locator("a.day[href]").nth(2).evaluate("one => one.href")
    goes_to_pay(page, day)
    page.get_by_role("button", name="Late").click()
    page.wait_for_url("**/appointments/**")
    # The money comes when another has the time, however long that takes.
    stage.clinic.change(LATE_MONEY_AT.format("succeeds_at + interval '1 day'"))
    with stage.later(timedelta(minutes=11)):
        pays(other, day)
        stage.clinic.change(LATE_MONEY_AT.format("clinic_now()"))
        page.reload()
        sees(page, "Your payment came too late")
        stage.take(page, "late money, refunded")


def appointments(stage: Stage) -> None:
    page = stage.signed_in("patient1")
    stage.look(page, "/appointments/", "appointments, one can be joined")
    visit = first(page, TO_VISIT)
    stage.look(page, visit, "appointment, can be joined")
    stage.look(page, "/appointments/?when=past", "appointments, past")
    stage.look(page, first(page, TO_VISIT), "appointment, past")
    newcomer = stage.stranger()
    signs_up(newcomer)
    newcomer.page.wait_for_url(lambda url: "/account/" not in url)
    stage.look(newcomer.page, "/appointments/", "appointments, none")
    stage.look(newcomer.page, "/appointments/?when=past", "appointments, none past")


def changing(stage: Stage) -> None:
    page = stage.signed_in("patient5")
    page.goto("/appointments/")
    visit = first(page, TO_VISIT)
    stage.look(page, visit, "appointment, ahead")
    stage.look(page, f"{visit}move/", "move")
    page.locator("a.day[href]").first.click()
    page.locator("a[data-slot]").last.click()
    sees(page, "Move to this time?")
    stage.take(page, "move, to this time")
    page.get_by_role("button", name="Move the appointment").click()
    expect(page.get_by_text("Your appointment is moved to")).to_be_visible()
    stage.take(page, "moved")
    stage.look(page, f"{visit}cancel/", "cancel")
    page.get_by_role("button", name=re.compile("Cancel")).click()
    expect(page.get_by_role("heading", name=re.compile("cancelled"))).to_be_visible()
    stage.take(page, "cancelled")


def device_check(stage: Stage) -> None:
    page = stage.signed_in("patient1")
    page.goto("/device-check/")
    allow = page.get_by_role("button", name="Allow camera and microphone")
    expect(allow).to_be_visible()
    stage.take(page, "device check")
    allow.click()
    expect(page.locator("device-check").get_by_text("We can hear you")).to_be_visible()
    stage.take(page, "device check, allowed")
    page.get_by_role("button", name="Play a sound").click()
    page.get_by_role("button", name="Yes").click()
    expect(page.get_by_text("You are ready for a video appointment")).to_be_visible()
    stage.take(page, "device check, ready")
    page.add_init_script(
        "navigator.mediaDevices.getUserMedia = async () => {"
        ' throw new DOMException("Permission denied", "NotAllowedError"); };'
    )
    page.goto("/device-check/")
    allow.click()
    expect(page.get_by_text("Blocked by the system").first).to_be_visible()
    stage.take(page, "device check, blocked by the system")
    del stage.people["patient1"]


def waiting_room(stage: Stage) -> None:
    page = stage.signed_in("patient3")
    page.goto("/appointments/")
    visit = first(page, TO_VISIT)
    stage.look(page, f"{visit}room/", "waiting room")


def call(stage: Stage) -> None:
    patient, physician = stage.stranger("Europe/London"), stage.stranger()
    opens_the_room(patient, "patient1@demo.example")
    stage.take(patient.page, "room, lobby")
    joins(patient)
    stage.take(patient.page, "room, alone")
    opens_the_room(physician, "doctor1@demo.example")
    meet(physician)
    stage.take(patient.page, "room")
    stage.take(physician.page, "room of the doctor")
    press(patient, "Chat")
    stage.take(patient.page, "room, chat")
    press(patient, "Chat")
    press(patient, "Leave")
    expect(room_of(patient)).not_to_have_attribute("data-phase", "live")
    stage.take(patient.page, "after the call")


def record(stage: Stage) -> None:
    page = stage.signed_in("patient7")
    stage.look(page, "/record/", "record")
    stage.look(page, "/record/export/", "export")
    stage.look(page, "/record/erase/", "erase")
    page.get_by_role("button", name="Erase my account").click()
    expect(page.get_by_text("Tick the box").first).to_be_visible()
    stage.take(page, "erase, not understood")
    stage.look(stage.stranger().page, "/record/erased/", "erased")


def other_pages(stage: Stage) -> None:
    page = stage.stranger().page
    stage.look(page, "/time-zone/?next=/", "time zone")
    stage.look(page, "/outbox/", "outbox")
    stage.look(page, "/api/docs", "reference of the API")
    for name in ("privacy", "accessibility", "language", "offline"):
        stage.look(page, f"/{name}/", name)


SCENES: list[Scene] = [
    call,
    search,
    doctor,
    form,
    guest_code,
    payment,
    appointments,
    changing,
    device_check,
    waiting_room,
    record,
    other_pages,
    lapsed,
    late_money,
]
