"""Handing a mail over, and what it is to fail at that."""

import logging
from smtplib import SMTPException

from django.core.mail import EmailMultiAlternatives

from clinicall.core.letters import dressed

log = logging.getLogger(__name__)


def mailed(what: str, *, to: str, subject: str, body: str) -> bool:
    """Whether it was handed over. `what` is said in the log where it was not, so it names nobody."""
    try:
        dressed(EmailMultiAlternatives(subject, body, to=[to])).send()
    except (SMTPException, OSError) as error:
        # Its text may hold the address.
        log.error("%s cannot be mailed: %s", what, type(error).__name__)
        return False
    return True
