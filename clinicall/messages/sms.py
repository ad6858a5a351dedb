"""Who takes texts to the phone: a gateway that is asked by HTTP, Twilio, or nobody but ourselves.

No number, word or key of theirs is in a log or in what these raise.
"""

import base64
import json
import logging
import re
import sys
from http import HTTPStatus
from http.client import HTTPException
from typing import Any, Final
from urllib.error import HTTPError
from urllib.parse import quote, urlencode
from urllib.request import HTTPRedirectHandler, Request, build_opener
from uuid import UUID

from clinicall.core.clock import now
from clinicall.messages.models import OutboxKind, OutboxMail
from clinicall.messages.sender import SenderDown, Undeliverable

log = logging.getLogger(__name__)
TIMEOUT: Final = 10  # seconds
PLACE: Final = re.compile(r"\{(\w*)\}")
PLACES: Final = ("to", "digits", "text", "id")
POST: Final = "post+"
# Of Twilio's error codes those that say that this number gets no texts (twilio.com/docs/api/errors):
# no number, not to be reached, not valid, unsubscribed, no mobile phone, a landline.
NOT_FOR_TEXTS: Final = frozenset({21211, 21214, 21217, 21610, 21614, 21635})
LONGEST_ANSWER: Final = 10_000  # bytes of it that are read


class OutboxTexts:
    """For a machine of one's own: kept beside the mails, and shown on their page."""

    def send(self, text: str, *, to: str, message_id: UUID) -> None:  # noqa: ARG002 (no need of it)
        OutboxMail.objects.create(kind=OutboxKind.TEXT, to=to, subject="", body=text, at=now())


class ConsoleTexts:
    """Only says that there was one; `aloud`, on a machine of one's own, which one."""

    def __init__(self, *, aloud: bool) -> None:
        self._aloud = aloud

    def send(self, text: str, *, to: str, message_id: UUID) -> None:
        log.info("text %s was handed over", message_id)
        if self._aloud:
            sys.stdout.write(f"To {to}: {text}\n")
            sys.stdout.flush()


class HttpGateway:
    """One that is asked by an address of its own. In `template` stand `{text}`, `{to}` (+94712345678) or
    `{digits}` (94712345678), and perhaps `{id}`; before it `post+`, where its query is to be sent as a
    form. It cannot tell us whose fault a no is, so every no may be a yes later."""

    def __init__(self, template: str) -> None:
        self._template = template.removeprefix(POST)
        self._posts = template.startswith(POST)

    def send(self, text: str, *, to: str, message_id: UUID) -> None:
        said = {"to": to, "digits": to.removeprefix("+"), "text": text, "id": str(message_id)}
        url = PLACE.sub(lambda place: quote(said[place[1]], safe=""), self._template)
        if self._posts:
            url, _, form = url.partition("?")
            request = Request(url, form.encode())  # noqa: S310 (the clinic chose it)
        else:
            request = Request(url)  # noqa: S310 (the clinic chose it)
        _ask(request)


class Twilio:
    """Its Messages resource (twilio.com/docs/messaging/api/message-resource). `sender` is a number of the
    account's or the id of a messaging service."""

    def __init__(
        self, account: str, token: str, sender: str, *, host: str = "https://api.twilio.com"
    ) -> None:
        self._url = f"{host}/2010-04-01/Accounts/{quote(account, safe='')}/Messages.json"
        self._credentials = base64.b64encode(f"{account}:{token}".encode()).decode()
        self._sender = {"From" if sender.startswith("+") else "MessagingServiceSid": sender}

    def send(self, text: str, *, to: str, message_id: UUID) -> None:  # noqa: ARG002 (it takes none)
        form = urlencode({"To": to, "Body": text, **self._sender})
        request = Request(self._url, form.encode())  # noqa: S310 (a constant)
        request.add_header("Authorization", f"Basic {self._credentials}")
        _ask(request, for_good=NOT_FOR_TEXTS)


class _NoRedirects(HTTPRedirectHandler):
    """Another site is not to be told what this one was."""

    def redirect_request(self, *_: Any) -> None:
        return None


def _ask(request: Request, *, for_good: frozenset[int] = frozenset()) -> None:
    """Raises SenderDown; Undeliverable where the no has one of the codes that stand `for_good`."""
    try:
        build_opener(_NoRedirects).open(request, timeout=TIMEOUT).close()
    except HTTPError as error:
        with error:
            code = _code_in(error)
        if error.code < HTTPStatus.INTERNAL_SERVER_ERROR and code in for_good:
            raise Undeliverable(f"refused {error.code} {code}") from None
        raise SenderDown(f"answered {error.code}") from None
    except (HTTPException, OSError) as error:
        raise SenderDown(type(error).__name__) from None


def _code_in(error: HTTPError) -> int | None:
    """The `code` of an answer in JSON."""
    try:
        told = json.loads(error.read(LONGEST_ANSWER))
    except (ValueError, HTTPException, OSError):
        return None
    code = told.get("code") if isinstance(told, dict) else None
    return code if isinstance(code, int) else None
