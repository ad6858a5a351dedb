"""Signing in, and what an account can do."""

from playwright.sync_api import expect

from tests.journeys.test_signing_in import app_code
from tests.screens.stage import Scene, Stage


def signing_in(stage: Stage) -> None:
    page = stage.stranger().page
    stage.look(page, "/account/login/", "sign in")
    page.get_by_label("Email").fill("nobody@demo.example")
    page.get_by_label("Password").fill("not the password")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.locator("#error-summary, [role=alert]").first).to_be_visible()
    stage.take(page, "sign in, wrong")
    page.goto("/account/login/")
    page.get_by_role("link", name="Send me a code by email").click()
    page.get_by_label("Email").fill("patient20@demo.example")
    stage.take(page, "sign in by code")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Enter the code from your email")).to_be_visible()
    stage.take(page, "sign in by code, asked for it")


def signing_up(stage: Stage) -> None:
    page = stage.stranger().page
    stage.look(page, "/account/signup/", "sign up")
    page.get_by_label("Email").fill("new@patient.example")
    page.get_by_label("Password", exact=True).fill("short")
    page.get_by_role("button", name="Create").click()
    expect(page.locator("#error-summary, [role=alert]").first).to_be_visible()
    stage.take(page, "sign up, with errors")
    page.get_by_label("Password", exact=True).fill("a long enough secret")
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_label("Code")).to_be_visible()
    stage.take(page, "sign up, code asked for")


def reset(stage: Stage) -> None:
    page = stage.stranger().page
    stage.look(page, "/account/password/reset/", "password reset")
    page.get_by_label("Email").fill("patient20@demo.example")
    page.keyboard.press("Enter")
    expect(page).not_to_have_url(f"{stage.clinic.url}/account/password/reset/")
    stage.take(page, "password reset, mailed")


def account(stage: Stage) -> None:
    page = stage.signed_in("patient11")
    stage.look(page, "/account/", "account")
    stage.look(page, "/account/email/", "email")
    stage.look(page, "/account/password/change/", "password")
    stage.look(page, "/account/devices/", "devices")
    stage.look(page, "/account/logout/", "sign out")


def second_step(stage: Stage) -> None:
    """An app, recovery codes, and the page for passkeys where they work: at a name."""
    someone = stage.stranger()
    page = someone.page
    someone.sign_in("patient13@demo.example")
    page.wait_for_url("**/appointments/")
    stage.look(page, "/account/second-step/", "second step, none")
    stage.look(page, "/account/second-step/webauthn/add/", "passkey, add")
    stage.look(page, "/account/second-step/webauthn/", "passkeys")
    stage.look(page, "/account/second-step/totp/activate/", "app, set up")
    secret = page.locator(".secret").inner_text()
    page.get_by_label("Code from the app").fill(app_code(secret))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    stage.take(page, "recovery codes")
    stage.look(page, "/account/second-step/", "second step, set up")
    stage.look(page, "/account/second-step/totp/deactivate/", "app, remove")
    again = stage.stranger()
    again.sign_in("patient13@demo.example")
    expect(again.page.get_by_role("heading", name="The second step")).to_be_visible()
    stage.take(again.page, "second step, asked for")


SCENES: list[Scene] = [signing_in, signing_up, reset, account, second_step]
