"""Pure: may one join now?"""

from datetime import datetime, timedelta
from enum import StrEnum

# Before the start: whoever is there so early is seen to wait, and let in when the door opens.
WAITING_FROM = timedelta(hours=1)


class Door(StrEnum):
    EARLY = "early"
    OPEN = "open"
    CLOSED = "closed"


def door_at(now: datetime, *, opens_at: datetime, closes_at: datetime) -> Door:
    """Open from `opens_at` on, and no longer at `closes_at`."""
    if now < opens_at:
        return Door.EARLY
    return Door.OPEN if now < closes_at else Door.CLOSED
