"""Mail by a company's own interface, through anymail: imported only where EMAIL_URL names one."""

from collections.abc import Sequence
from typing import Any

from anymail.exceptions import (
    AnymailAPIError,
    AnymailError,
    AnymailRecipientsRefused,
)
from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend

from clinicall.messages.sender import SenderDown, Undeliverable


class ProviderBackend(BaseEmailBackend):
    """Raises SenderDown and Undeliverable; what anymail says may hold an address, and is kept nowhere."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__()
        self.backend = get_connection(
            f"anymail.backends.{settings.MAIL_PROVIDER}.EmailBackend", **kwargs
        )

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        try:
            return self.backend.send_messages(email_messages) or 0
        except AnymailRecipientsRefused as error:
            raise Undeliverable("refused by the provider") from error
        except AnymailAPIError as error:
            # A wrong key, a full account and a bad day of theirs hit every mail alike.
            raise SenderDown(f"the provider answers {error.status_code or 'nothing'}") from error
        except AnymailError as error:
            raise Undeliverable(type(error).__name__) from error
