"""Who came to a visit and who is there now, for pages: read from the rows of presence."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from clinicall.consultation.evidence import GRACE, Span, joined_up
from clinicall.consultation.models import Place, Presence, Side


@dataclass(frozen=True)
class Being:
    """Somebody is there: where, and since when without a break that counts."""

    place: Place
    since: datetime


@dataclass(frozen=True)
class WhoCame:
    """What is known of the two at one visit, as of `now`."""

    rows: tuple[Presence, ...]
    now: datetime

    def spans(self, side: Side) -> list[Span]:
        """When this side was there, in order."""
        return joined_up(Span(row.since, row.until) for row in self._of(side))

    def was_in_room(self, side: Side) -> bool:
        return any(row.place == Place.ROOM for row in self._of(side))

    def being(self, side: Side) -> Being | None:
        """None when this side is not there now. Who is in the room on one page waits on no other."""
        open_rows = [row for row in self._of(side) if not row.gone and row.until > self.now - GRACE]
        if not open_rows:
            return None
        places = {row.place for row in open_rows}
        place = Place.WAITING_ROOM if places == {Place.WAITING_ROOM} else Place.ROOM
        return Being(place, self.spans(side)[-1].since)

    def _of(self, side: Side) -> list[Presence]:
        return [row for row in self.rows if row.side == side]


def who_came(appointments: Iterable[UUID], *, now: datetime) -> dict[UUID, WhoCame]:
    """Of each of these visits, with one query."""
    rows: dict[UUID, list[Presence]] = defaultdict(list)
    ids = list(appointments)
    for row in Presence.objects.filter(appointment_id__in=ids):
        rows[row.appointment_id].append(row)
    return {pk: WhoCame(tuple(rows[pk]), now) for pk in ids}
