"""Mail by a company's own interface. Anymail need not be installed: here stands one company, which answers
as it is told, in the words of anymail's errors."""

import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from types import ModuleType
from uuid import uuid4

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from pytest_django import Settings

from clinicall.config import checks
from clinicall.config.env import Env
from clinicall.messages.mail import mail, mailed
from clinicall.messages.sender import Letter, SenderDown, Undeliverable

LETTER = Letter(subject="Hello", body="Words")


class AnymailError(Exception):
    status_code: int | None = None


class AnymailAPIError(AnymailError):
    pass


class AnymailRecipientsRefused(AnymailError):
    pass


class AnymailInvalidAddress(AnymailError):
    pass


class Company(BaseEmailBackend):
    sent: list[EmailMessage] = []
    answers: list[Exception] = []

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        for answer in self.answers:
            raise answer
        self.sent.extend(email_messages)
        return len(email_messages)


class WithoutItsKey(BaseEmailBackend):
    def __init__(self, **_: object) -> None:
        raise ImproperlyConfigured("You must set ANYMAIL_KEYLESS_API_KEY")


@pytest.fixture
def company(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> type[Company]:
    known = {
        "anymail.exceptions": (AnymailError, AnymailAPIError, AnymailRecipientsRefused),
        "anymail.backends.acme": (Company,),
        "anymail.backends.keyless": (WithoutItsKey,),
    }
    for name, classes in known.items():
        module = ModuleType(name)
        for one in classes:
            setattr(module, one.__name__, one)
        module.EmailBackend = classes[0]  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.setitem(sys.modules, "anymail", ModuleType("anymail"))
    ours = "clinicall.messages.by_provider"
    monkeypatch.setitem(sys.modules, ours, import_module(ours))
    settings.MAIL_PROVIDER = "acme"
    settings.EMAIL_BACKEND = f"{ours}.ProviderBackend"
    Company.sent, Company.answers = [], []
    return Company


def handed_over() -> None:
    mail(LETTER, to="ana@clinic.example", message_id=uuid4())


def test_a_mail_goes_to_the_company_that_is_named(company: type[Company]) -> None:
    handed_over()
    [sent] = company.sent
    assert (sent.to, sent.subject) == (["ana@clinic.example"], "Hello")


def test_who_is_refused_is_not_tried_again(company: type[Company]) -> None:
    for answer in (AnymailRecipientsRefused("ana@clinic.example"), AnymailInvalidAddress()):
        company.answers = [answer]
        with pytest.raises(Undeliverable) as refused:
            handed_over()
        assert "ana" not in str(refused.value)


@pytest.mark.parametrize("status", [401, 429, 503, None])
def test_whatever_else_they_answer_keeps_mail_waiting(
    company: type[Company], status: int | None
) -> None:
    error = AnymailAPIError("ana@clinic.example")
    error.status_code = status
    company.answers = [error]
    with pytest.raises(SenderDown) as down:
        handed_over()
    assert str(down.value) == f"the provider answers {status or 'nothing'}"
    assert not mailed("a letter", to="ana@clinic.example", subject="Hello", body="Words")


def test_a_check_says_what_the_company_lacks(company: type[Company], settings: Settings) -> None:
    assert checks.the_mail_provider_is_known() == []
    settings.MAIL_PROVIDER = "keyless"
    [error] = checks.the_mail_provider_is_known()
    assert error.id == "clinicall.E014"
    assert "ANYMAIL_KEYLESS_API_KEY" in error.msg
    settings.MAIL_PROVIDER = "unheard_of"
    [error] = checks.the_mail_provider_is_known()
    assert error.id == "clinicall.E013"


def test_a_check_asks_nothing_of_a_clinic_with_a_mail_server() -> None:
    assert checks.the_mail_provider_is_known() == []


def test_the_companys_settings_are_read_from_the_environment_and_from_files(
    tmp_path: Path,
) -> None:
    key = tmp_path / "key"
    key.write_text("secret\n")
    env = Env({"ANYMAIL_ACME_DOMAIN": "clinic.lk", "ANYMAIL_ACME_KEY_FILE": str(key), "PORT": "80"})
    assert env.all_of("ANYMAIL_") == {"ACME_DOMAIN": "clinic.lk", "ACME_KEY": "secret"}
