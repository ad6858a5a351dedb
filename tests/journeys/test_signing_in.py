"""Second steps, codes and passkeys in a real browser, by the keyboard."""

import re
import time
from typing import Any

import psycopg
import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from playwright.sync_api import Page, expect

from tests.journeys.conftest import PHONE, RunningClinic, VisitorMaker
from tests.journeys.looking import violations

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

DOCTOR, PATIENT = "dr@clinic.example", "patient2@demo.example"


@pytest.fixture
def clinic_settings() -> dict[str, str]:
    return {"REQUIRE_SECOND_FACTOR": "on"}


@pytest.fixture
def doctor(running_clinic: RunningClinic) -> str:
    """Doctor 1 of the demo, under an address that is not the demo's."""
    # WebAuthn knows no addresses made of numbers.
    running_clinic.url = running_clinic.url.replace("127.0.0.1", "localhost")
    with psycopg.connect(running_clinic.database, autocommit=True) as connection:
        connection.execute(
            "with who as (update people_user set email = %(new)s where email = %(old)s returning id)"
            " update account_emailaddress set email = %(new)s from who where user_id = who.id",
            {"new": DOCTOR, "old": "doctor1@demo.example"},
        )
    return DOCTOR


def press(page: Page, role: Any, name: str) -> None:
    """Reaches it by Tab and presses Enter, as who has no mouse does."""
    wanted = page.get_by_role(role, name=name, exact=True)
    expect(wanted).to_be_visible()
    for _ in range(60):
        if wanted.evaluate("element => element === document.activeElement"):
            break
        page.keyboard.press("Tab")
    else:
        raise AssertionError(f"no Tab leads to {name}")
    page.keyboard.press("Enter")


def app_code(secret: str) -> str:
    """The one that the app shows; who sees that it is about to change waits for the next."""
    left = 30 - time.time() % 30
    if left < 4:
        time.sleep(left)
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30)))


def sign_in(page: Page, email: str) -> None:
    page.goto("/account/login/")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill("clinicall demo")
    page.keyboard.press("Enter")


def sign_out(page: Page) -> None:
    press(page, "button", "Sign out")
    expect(page.get_by_text("You are signed out.")).to_be_visible()


def test_a_doctor_sets_up_an_app_and_signs_in_with_it_and_with_a_recovery_code(
    visitor: VisitorMaker, doctor: str
) -> None:
    dr = visitor("doctor", timezone="Asia/Colombo")
    page = dr.page
    page.goto("/schedule/")
    sign_in(page, doctor)
    expect(page.get_by_role("heading", name="Signing in", exact=True)).to_be_visible()
    page.goto("/schedule/")
    assert violations(page) == []
    dr.look("must enrol", whole_page=True)
    press(page, "link", "Set up an app")
    secret = page.locator(".secret").inner_text()
    assert violations(page) == []
    dr.look("the secret", whole_page=True)
    page.get_by_label("Code from the app").fill(app_code(secret))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    codes = page.locator(".codes code").all_inner_texts()
    assert len(codes) == 10
    assert violations(page) == []
    dr.look("recovery codes", whole_page=True)
    press(page, "link", "I have kept them: go on")
    page.wait_for_url("**/schedule/")

    sign_out(page)
    sign_in(page, doctor)
    expect(page.get_by_role("heading", name="The second step")).to_be_visible()
    assert violations(page) == []
    dr.look("the second step", whole_page=True)
    page.get_by_label("Code").fill("000000")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_focused()
    dr.look("a wrong code", whole_page=True)
    # The one that set it up has not signed anybody in yet.
    page.get_by_label("Code").fill(app_code(secret))
    page.keyboard.press("Enter")
    page.wait_for_url("**/agenda/")

    sign_out(page)
    sign_in(page, doctor)
    page.get_by_label("Code").fill(codes[0])
    page.keyboard.press("Enter")
    page.wait_for_url("**/agenda/")


def test_a_patient_signs_in_by_a_mailed_code(visitor: VisitorMaker, doctor: str) -> None:
    patient = visitor("patient", timezone="Asia/Colombo", viewport=PHONE, dark=True)
    page = patient.page
    page.goto("/account/login/")
    assert violations(page) == []
    patient.look("sign in", whole_page=True)
    press(page, "link", "Send me a code by email")
    page.get_by_label("Email").fill(PATIENT)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Enter the code from your email")).to_be_visible()
    assert violations(page) == []
    patient.look("enter the code", whole_page=True)
    found = re.search(r"Your code to sign in is\s+(\S+)", patient.newest_code())
    assert found
    page.get_by_label("Code").fill(found[1])
    page.keyboard.press("Enter")
    page.wait_for_url("**/appointments/")
    press(page, "link", "Account")
    page.wait_for_url("**/account/")
    for address in (
        "/account/",
        "/account/devices/",
        "/account/email/",
        "/account/password/change/",
    ):
        page.goto(address)
        assert violations(page) == []
        patient.look(address, whole_page=True)


def test_a_doctor_signs_in_by_a_passkey_alone(visitor: VisitorMaker, doctor: str) -> None:
    dr = visitor("doctor", timezone="Asia/Colombo")
    page = dr.page
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    sign_in(page, doctor)
    expect(page.get_by_role("heading", name="Signing in", exact=True)).to_be_visible()
    press(page, "link", "Add a passkey")
    expect(page.get_by_role("heading", name="Add a passkey")).to_be_visible()
    assert violations(page) == []
    dr.look("add a passkey", whole_page=True)
    press(page, "button", "Add a passkey")
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    page.goto("/account/second-step/webauthn/")
    assert violations(page) == []
    dr.look("passkeys", whole_page=True)
    sign_out(page)
    page.goto("/account/login/")
    press(page, "button", "Use a passkey")
    page.wait_for_url("**/agenda/")

    sign_out(page)
    sign_in(page, doctor)  # and as the second step, after the password
    expect(page.get_by_role("heading", name="The second step")).to_be_visible()
    press(page, "button", "Use a passkey")
    page.wait_for_url("**/agenda/")


def test_at_an_address_of_numbers_the_page_says_where_passkeys_work(
    visitor: VisitorMaker, running_clinic: RunningClinic
) -> None:
    page = visitor("stranger", timezone="Asia/Colombo").page
    page.goto("/account/login/")
    expect(page.get_by_text("Open http://localhost:")).to_be_visible()
    expect(page.get_by_role("button", name="Use a passkey")).to_be_hidden()
