"""What the consultation needs from whoever carries the call, in the consultation's words."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Protocol
from uuid import UUID

# In a channel there are two people, and everyone knows which is which.
DOCTOR_UID: Final = 1
PATIENT_UID: Final = 2
CHANNEL: Final = "appt_"
LONGEST: Final = timedelta(hours=24)  # Agora's ceiling; a pass of either line keeps to it


class NotAPass(Exception):
    """The token was not signed here, or its time is over."""


@dataclass(frozen=True)
class Pass:
    """What a pass of ours says: this person, on this channel, until then (UTC), while the session of
    that name stands. One that was issued to no session opens nothing."""

    channel: str
    uid: int
    session: str
    expires_at: datetime


@dataclass(frozen=True)
class Encryption:
    """What the media of one visit are encrypted with inside the provider's network.

    No end-to-end encryption: Agora's Web SDK hands the secret to the gateway that the browser joins.
    """

    mode: str
    secret: str = field(repr=False)
    salt: bytes = field(repr=False)


@dataclass(frozen=True)
class RoomPass:
    """All a browser needs to enter a room. `token`, `ice_servers` and `encryption` are credentials, so
    a printed pass leaves them out."""

    provider: str
    app_id: str | None
    channel: str
    uid: int
    token: str = field(repr=False)
    expires_at: datetime
    ice_servers: list[dict[str, object]] = field(repr=False)
    encryption: Encryption | None = field(repr=False, default=None)


class ProviderDown(Exception):
    """It could not be asked, or did not say."""


class ProviderRefused(Exception):
    """It answered no: `status` is HTTP's, 401 for a key that it does not know."""

    def __init__(self, status: int) -> None:
        self.status = status
        super().__init__(status)


class NotSigned(Exception):
    """A message that the provider did not sign, or that cannot be read at all."""


@dataclass(frozen=True)
class Notice:
    """The provider's word that somebody came to a channel or left it. `kind` is its own number for such
    an event, `sequence` rises with each event of that person there, and `stayed` is how long they had
    been there, where it says so."""

    notice_id: str
    kind: int
    channel: str
    uid: int
    sequence: int
    at: datetime
    came: bool
    stayed: timedelta | None


class VideoLine(Protocol):
    """One way to carry a call between two people."""

    name: str
    # Whether media pass through a company's machines, and are to be sealed before they do.
    needs_secret: bool

    def issue(
        self,
        *,
        channel: str,
        uid: int,
        now: datetime,
        expires_at: datetime,
        secret: str = "",
        session: str = "",
    ) -> RoomPass:
        """A pass for `uid` on `channel` alone, from `now` until `expires_at` in whole seconds, and
        never longer than 24 hours; its own `expires_at` says when it really ends. Needs no network.

        With `secret`, which both people of a visit share, the pass says how to encrypt the media.
        `session` is the name of the one that asked; our own line admits nobody after its end.
        Raises ValueError when that is less than a second.
        """
        ...


def channel_name(appointment_id: UUID) -> str:
    return f"{CHANNEL}{appointment_id}"


def appointment_of(channel: str) -> UUID | None:
    """Whose channel this is; None for one that is not ours."""
    try:
        found = UUID(channel.removeprefix(CHANNEL))
    except ValueError:
        return None
    return found if channel == channel_name(found) else None


def life_of_a_pass(*, now: datetime, expires_at: datetime) -> tuple[int, int]:
    """When a pass is issued and when it ends, in Unix seconds, cut to 24 hours.

    Raises ValueError when it would be over as soon as it is issued.
    """
    issued = int(now.timestamp())
    expires = int(min(expires_at, now + LONGEST).timestamp())
    if expires <= issued:
        raise ValueError("a room pass must live at least one second")
    return issued, expires
