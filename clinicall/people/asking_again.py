"""Asking again who somebody is, before what matters, where the last answer is older than ten minutes.

A view asks by `allauth.account.decorators.reauthentication_required`. A sign-in is an answer too. Who
has neither a password nor a second factor, because a mailed code has always been enough for them, is
mailed another.
"""

import time
from typing import Self

from allauth.account import app_settings
from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.code_verification import AbstractCodeVerificationProcess
from allauth.account.internal.flows.login import (
    get_authentication_records,
    record_authentication,
)
from allauth.account.internal.flows.reauthentication import get_reauthentication_flows
from django.http import HttpRequest

from clinicall.people.models import User

STATE = "code_to_ask_again"


def answered_lately(request: HttpRequest) -> bool:
    """Whether this session's person showed who they are in the last ACCOUNT_REAUTHENTICATION_TIMEOUT."""
    since = time.time() - app_settings.REAUTHENTICATION_TIMEOUT
    records = get_authentication_records(request, request.user)
    return any(record["at"] > since for record in records)


def has_only_mail(person: User) -> bool:
    return not get_reauthentication_flows(person)


class MailedCode(AbstractCodeVerificationProcess):  # type: ignore[misc]
    """A code on its way to a person who is signed in; kept in their session."""

    def __init__(self, request: HttpRequest, state: dict[str, object]) -> None:
        self.request = request
        super().__init__(
            max_attempts=app_settings.LOGIN_BY_CODE_MAX_ATTEMPTS,
            timeout=app_settings.LOGIN_BY_CODE_TIMEOUT,
            state=state,
            user=request.user,
        )

    @classmethod
    def pending(cls, request: HttpRequest) -> Self | None:
        state = request.session.get(STATE)
        return cls(request, state).abort_if_invalid() if state else None

    @classmethod
    def begin(cls, request: HttpRequest, person: User) -> None:
        process = cls(request, cls.initial_state(user=person, email=person.email))
        process.send()
        process.persist()

    def send(self) -> None:
        self.state["code"] = get_adapter().generate_login_code()
        context = {"request": self.request, "code": self.code}
        get_adapter().send_mail("account/email/code_again", self.state["email"], context)

    def persist(self) -> None:
        self.request.session[STATE] = self.state

    def abort(self) -> None:
        self.request.session.pop(STATE, None)

    def finish(self) -> None:
        self.abort()
        record_authentication(self.request, self.user, "code", reauthenticated=True)
