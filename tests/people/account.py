"""Signing in as a person does, and their authenticator app."""

import re
import time
from typing import Any

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core import mail
from django.test import Client

from tests.cast import PASSWORD
from tests.web.visitor import words


def code_for(secret: str) -> str:
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30)))


def signed_in(email: str, where: str = "/account/login/") -> Client:
    client = Client()
    client.post(where, {"login": email, "password": PASSWORD})
    return client


def secret_on(page: Any) -> str:
    found = re.search(r'class="secret">(\w+)<', page.content.decode())
    assert found
    return found[1]


def with_app(client: Client) -> str:
    """Sets up an authenticator app, and says its secret."""
    secret = secret_on(client.get("/account/second-step/totp/activate/"))
    answer = client.post("/account/second-step/totp/activate/", {"code": code_for(secret)})
    assert answer.status_code == 302, words(answer)
    return secret


def mailed_code() -> str:
    found = re.search(r"^ {4}(\S+)$", str(mail.outbox[-1].body), re.MULTILINE)
    assert found
    return found[1]
