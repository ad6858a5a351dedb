"""What goes out, and how handing it over may fail."""

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID


class SenderDown(Exception):
    """Nobody can be reached through it now; the next message could not either. Says what was wrong, and
    names nobody."""


class Undeliverable(Exception):
    """This message will never arrive there, however often it is tried. As above."""


@dataclass(frozen=True)
class Invite:
    """What calendars read (RFC 5545), and its method, which the mail has to repeat (RFC 6047)."""

    method: str
    body: bytes


@dataclass(frozen=True)
class Letter:
    """A mail's words. `slip` is the paragraph of `body` that is the appointment itself."""

    subject: str
    body: str
    slip: str = ""
    invite: Invite | None = None  # where this tells of a time


class TextSender(Protocol):
    def send(self, text: str, *, to: str, message_id: UUID) -> None:
        """Hand it over; `to` is in E.164. The same `message_id` is the same text once more.

        Raises SenderDown and Undeliverable.
        """
        ...
