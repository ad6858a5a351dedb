"""Mail for a machine of one's own: kept in the database and shown on a page, never sent."""

from collections.abc import Sequence
from email.message import Message

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from clinicall.core.clock import now
from clinicall.messages.models import OutboxMail


class OutboxBackend(BaseEmailBackend):
    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        kept = [row for mail in email_messages for row in _rows(mail)]
        OutboxMail.objects.bulk_create(kept)
        return len(email_messages)


def _rows(mail: EmailMessage) -> list[OutboxMail]:
    """One for each of whom it is to."""
    whole = mail.message()
    return [
        OutboxMail(
            to=to,
            subject=str(mail.subject),
            body=str(mail.body),
            sheet=_part(whole, "text/html"),
            calendar=_part(whole, "text/calendar"),
            at=now(),
        )
        for to in mail.recipients()
    ]


def _part(whole: Message, kind: str) -> str:
    """The first of this kind; empty where there is none."""
    for part in whole.walk():
        if part.get_content_type() == kind:
            content = part.get_payload(decode=True)
            assert isinstance(content, bytes)  # no part of parts
            return content.decode()
    return ""
