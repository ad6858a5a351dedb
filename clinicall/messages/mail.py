"""Handing a mail over, and what it is to fail at that."""

import logging
from smtplib import SMTPException, SMTPRecipientsRefused
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.utils.translation import get_language

from clinicall.core.letters import dressed
from clinicall.messages.sender import Letter, SenderDown, Undeliverable

log = logging.getLogger(__name__)
# By RFC 5321 such an answer stands, and one from 400 on may be another the next time.
FOR_GOOD = 500


def mailed(what: str, *, to: str, subject: str, body: str) -> bool:
    """Whether it was handed over. `what` is said in the log where it was not, so it names nobody."""
    try:
        dressed(EmailMultiAlternatives(subject, body, to=[to])).send()
    except (SMTPException, OSError) as error:
        # Its text may hold the address.
        log.error("%s cannot be mailed: %s", what, type(error).__name__)
        return False
    return True


def mail(letter: Letter, *, to: str, message_id: UUID) -> None:
    """Hand it over, in the present language. The same `message_id` is the same mail once more, and known
    as such by the program that receives it. Raises SenderDown and Undeliverable."""
    headers = {
        "Message-ID": f"<{message_id}@{urlsplit(settings.SITE_URL).hostname}>",
        "Content-Language": get_language(),
        "Auto-Submitted": "auto-generated",  # RFC 3834: nobody's absence note answers it
    }
    made = EmailMultiAlternatives(letter.subject, letter.body, to=[to], headers=headers)
    try:
        dressed(made, slip=letter.slip).send()
    except SMTPRecipientsRefused as refused:
        codes = [code for code, _text in refused.recipients.values()]
        if all(code >= FOR_GOOD for code in codes):
            raise Undeliverable(f"refused {codes}") from refused
        raise SenderDown(f"refused for now {codes}") from refused
    except (SMTPException, OSError) as error:
        raise SenderDown(type(error).__name__) from error
