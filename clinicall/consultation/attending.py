"""Being there: what lets a page of ours say that its person waits, or is in the room."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.core import signing

from clinicall.booking.models import Appointment
from clinicall.consultation.models import Side
from clinicall.people.models import User

# Who left their page open overnight opens it anew.
TICKET_FOR = timedelta(hours=12)
_SALT = "clinicall.consultation.attending.in_session"
_AGENDA_SALT = f"{_SALT}.agenda"


class NotATicket(Exception):
    """It was not signed here, or its time is over."""


@dataclass(frozen=True)
class Ticket:
    """This side of this appointment, while the session of that name stands. It opens no room: for that
    there are passes."""

    appointment: UUID
    side: Side
    session: str


@dataclass(frozen=True)
class AgendaTicket:
    """This doctor's agenda, while the session of that name stands."""

    doctor: UUID
    session: str


def side_of(appointment: Appointment, person: User) -> Side:
    return Side.DOCTOR if appointment.doctor_id == person.pk else Side.PATIENT


def ticket_for(appointment: Appointment, person: User, session: str) -> str:
    """For the appointment's doctor or patient; a credential, so it is for their page alone."""
    facts = {
        "appointment": str(appointment.pk),
        "side": side_of(appointment, person),
        "session": session,
    }
    return signing.dumps(facts, salt=_SALT)


def read_ticket(text: str) -> Ticket:
    """Raises NotATicket."""
    facts = _signed(text, _SALT)
    return Ticket(UUID(facts["appointment"]), Side(facts["side"]), facts["session"])


def agenda_ticket_for(doctor_id: UUID, session: str) -> str:
    """Lets the doctor's own page hear that somebody has come or gone."""
    return signing.dumps({"doctor": str(doctor_id), "session": session}, salt=_AGENDA_SALT)


def read_agenda_ticket(text: str) -> AgendaTicket:
    """Raises NotATicket."""
    facts = _signed(text, _AGENDA_SALT)
    return AgendaTicket(UUID(facts["doctor"]), facts["session"])


def _signed(text: str, salt: str) -> Any:
    try:
        return signing.loads(text, salt=salt, max_age=TICKET_FOR)
    except (signing.BadSignature, UnicodeEncodeError):  # JSON may hold half of a surrogate pair
        raise NotATicket from None
