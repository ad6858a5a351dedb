"""What the consultation needs from whoever carries the call, in the consultation's words."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Protocol
from uuid import UUID

# In a channel there are two people, and everyone knows which is which.
DOCTOR_UID: Final = 1
PATIENT_UID: Final = 2
LONGEST: Final = timedelta(hours=24)  # Agora's ceiling; a pass of either line keeps to it


class NotAPass(Exception):
    """The token was not signed here, or its time is over."""


@dataclass(frozen=True)
class Pass:
    """What a pass of ours says: this person, on this channel, until then (UTC)."""

    channel: str
    uid: int
    expires_at: datetime


@dataclass(frozen=True)
class RoomPass:
    """All a browser needs to enter a room. `token` and `ice_servers` are credentials, so a
    printed pass leaves them out."""

    provider: str
    app_id: str | None
    channel: str
    uid: int
    token: str = field(repr=False)
    expires_at: datetime
    ice_servers: list[dict[str, object]] = field(repr=False)


class VideoLine(Protocol):
    """One way to carry a call between two people."""

    name: str

    def issue(self, *, channel: str, uid: int, now: datetime, expires_at: datetime) -> RoomPass:
        """A pass for `uid` on `channel` alone, from `now` until `expires_at` in whole seconds, and
        never longer than 24 hours; its own `expires_at` says when it really ends. Needs no network.

        Raises ValueError when that is less than a second.
        """
        ...


def channel_name(appointment_id: UUID) -> str:
    return f"appt_{appointment_id}"


def life_of_a_pass(*, now: datetime, expires_at: datetime) -> tuple[int, int]:
    """When a pass is issued and when it ends, in Unix seconds, cut to 24 hours.

    Raises ValueError when it would be over as soon as it is issued.
    """
    issued = int(now.timestamp())
    expires = int(min(expires_at, now + LONGEST).timestamp())
    if expires <= issued:
        raise ValueError("a room pass must live at least one second")
    return issued, expires
