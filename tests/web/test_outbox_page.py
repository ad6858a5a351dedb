import pytest
from django.core.mail import EmailMessage
from pytest_django import Settings

from clinicall.messages.outbox import OutboxBackend
from tests.clinic_clock import ClinicClock
from tests.web.visitor import links, visitor, words

pytestmark = pytest.mark.django_db


def test_kept_mail_is_shown_the_newest_first_with_links_to_press(clock: ClinicClock) -> None:
    for subject in ("Earlier", "Later"):
        body = "Open http://127.0.0.1:8000/appointments/\n<b>Bye</b>"
        OutboxBackend().send_messages([EmailMessage(subject, body, to=["ana@clinic.example"])])
    page = visitor().get("/outbox/")
    assert words(page).index("Later") < words(page).index("Earlier")
    assert "To ana@clinic.example" in words(page)
    assert "http://127.0.0.1:8000/appointments/" in links(page)
    assert "&lt;b&gt;Bye" in page.content.decode()


def test_a_clinic_that_sends_its_mail_has_no_outbox(settings: Settings) -> None:
    settings.OUTBOX_PAGE = False
    assert visitor().get("/outbox/").status_code == 404
