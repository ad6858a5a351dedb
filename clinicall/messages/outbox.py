"""Mail for a machine of one's own: kept in the database and shown on a page, never sent."""

from collections.abc import Sequence

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from clinicall.core.clock import now
from clinicall.messages.models import OutboxMail


class OutboxBackend(BaseEmailBackend):
    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        kept = [
            OutboxMail(to=to, subject=str(mail.subject), body=str(mail.body), at=now())
            for mail in email_messages
            for to in mail.recipients()
        ]
        OutboxMail.objects.bulk_create(kept)
        return len(email_messages)
