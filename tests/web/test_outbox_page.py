import re

import pytest
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.test import Client
from pytest_django import Settings

from clinicall.core.letters import dressed
from clinicall.messages.models import OutboxKind, OutboxMail
from clinicall.messages.outbox import OutboxBackend
from tests.clinic_clock import NOON, ClinicClock
from tests.web.visitor import Answer, links, visitor, words

pytestmark = pytest.mark.django_db

INVITE = "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nEND:VCALENDAR\r\n"


@pytest.fixture
def browser(clock: ClinicClock) -> Client:
    return visitor()


def kept(subject: str, body: str = "Hello") -> None:
    mail = dressed(EmailMultiAlternatives(subject, body, to=["ana@clinic.example"]))
    mail.attach("invite.ics", INVITE, "text/calendar")
    OutboxBackend().send_messages([mail])


def opened(browser: Client, *, part: str = "") -> Answer:
    """The newest, or a part of it."""
    [first, *_] = [link for link in links(browser.get("/outbox/")) if re.match(r"/outbox/\d", link)]
    return browser.get(first + part)


def test_kept_mail_is_listed_the_newest_first(browser: Client) -> None:
    kept("Earlier")
    kept("Later")
    page = words(browser.get("/outbox/"))
    assert page.index("Later") < page.index("Earlier")
    assert "To ana@clinic.example, Monday 23 November 2026, midday" in page


def test_a_mail_has_a_page_with_links_to_press_and_what_calendars_read(browser: Client) -> None:
    kept("Hello", "Open http://127.0.0.1:8000/appointments/\n<b>Bye</b>")
    page = opened(browser)
    assert "http://127.0.0.1:8000/appointments/" in links(page)
    assert "&lt;b&gt;Bye" in page.content.decode()
    assert "METHOD:REQUEST" in words(page)
    assert "frame-src 'self'" in page["Content-Security-Policy"]


def test_the_sheet_of_a_mail_is_shown_in_a_frame_of_ours_and_runs_nothing(browser: Client) -> None:
    kept("Hello", "<script>alert(1)</script>")
    sheet = opened(browser, part="sheet/")
    assert "&lt;script&gt;alert" in sheet.content.decode()
    assert '<base target="_top">' in sheet.content.decode()
    assert sheet["X-Frame-Options"] == "SAMEORIGIN"
    policy = sheet["Content-Security-Policy"].split("; ")
    assert {"default-src 'none'", "frame-ancestors 'self'"} < set(policy)
    assert "sandbox allow-top-navigation-by-user-activation" in policy
    assert not [rule for rule in policy if rule.startswith("script-src")]


def test_a_mail_without_a_sheet_shows_its_text_alone(browser: Client) -> None:
    OutboxBackend().send_messages([EmailMessage("Plain", "Words", to=["ana@clinic.example"])])
    page = opened(browser)
    assert "As plain text Words" in words(page)
    assert "<iframe" not in page.content.decode()
    assert opened(browser, part="sheet/").status_code == 404


def test_a_text_to_the_phone_is_kept_beside_the_mails(browser: Client) -> None:
    text = "Lakeside: video appt Wed 25 Nov 9:00am (Colombo)."
    OutboxMail.objects.create(
        kind=OutboxKind.TEXT, to="+94112345678", subject="", body=text, at=NOON
    )
    assert f"{text} Text to +94112345678" in words(browser.get("/outbox/"))
    assert f"As plain text {text}" in words(opened(browser))


def test_a_clinic_that_sends_its_mail_has_no_outbox(browser: Client, settings: Settings) -> None:
    kept("Hello")
    pk = OutboxMail.objects.get().pk
    settings.OUTBOX_PAGE = False
    for page in ("", f"{pk}/", f"{pk}/sheet/"):
        assert browser.get(f"/outbox/{page}").status_code == 404
