"""Handing a mail over, and what it is to fail at that."""

import logging
from smtplib import SMTPException, SMTPRecipientsRefused
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.utils.translation import get_language

from clinicall.core.letters import dressed
from clinicall.messages.sender import Invite, Letter, SenderDown, Undeliverable

log = logging.getLogger(__name__)
# By RFC 5321 such an answer stands, and one from 400 on may be another the next time.
FOR_GOOD = 500


def mailed(what: str, *, to: str, subject: str, body: str) -> bool:
    """Whether it was handed over. `what` is said in the log where it was not, so it names nobody."""
    try:
        dressed(EmailMultiAlternatives(subject, body, to=[to])).send()
    except (SMTPException, OSError, SenderDown, Undeliverable) as error:
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
    dressed(made, slip=letter.slip)
    if letter.invite:
        _enclose(letter.invite, made)
    try:
        made.send()
    except SMTPRecipientsRefused as refused:
        codes = [code for code, _text in refused.recipients.values()]
        if all(code >= FOR_GOOD for code in codes):
            raise Undeliverable(f"refused {codes}") from refused
        raise SenderDown(f"refused for now {codes}") from refused
    except (SMTPException, OSError) as error:
        raise SenderDown(type(error).__name__) from error


def _enclose(invite: Invite, mail: EmailMultiAlternatives) -> None:
    """As what the mail says in the words of calendars, and as a file for programs that open files only.

    The last alternative is the one that a program likes best, if it knows it (RFC 2046, 5.1.4): a calendar
    takes the invite, and what knows none shows the page before it. The file is of another type, as
    Google's own are, for some programs would show a second text/calendar as a second invite.
    """
    kind = f"text/calendar; method={invite.method}"  # Django adds the charset
    mail.attach_alternative(invite.body.decode(), kind)
    mail.attach("invite.ics", invite.body, "application/ics")
