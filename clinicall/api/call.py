"""The call of one appointment: the way in, and leaving."""

from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest
from ninja import Router, Status

from clinicall import wiring
from clinicall.api.callers import ApiRequest, linked, may, session_of
from clinicall.api.reading import READING
from clinicall.api.schemas import CallOut
from clinicall.booking.models import Appointment
from clinicall.consultation import room
from clinicall.consultation.room import NotConfirmed, RoomClosed, TooEarly
from clinicall.core.limits import JOINS
from clinicall.core.refusals import SlowDown

router = Router(tags=["Call"])


@router.post(
    "/appointments/{appointment_id}/call",
    response=CallOut,
    **may(linked, *READING, NotConfirmed, TooEarly, RoomClosed, SlowDown),
)
def call(request: ApiRequest, appointment_id: UUID) -> CallOut:
    """A fresh room pass; ask again before `tokenExpiresAt` to renew it."""
    JOINS.count(request.person.pk)
    room_pass = room.enter(
        appointment_id, request.person, line_for=wiring.video_line, session=session_of(request)
    )
    appointment = Appointment.objects.get(pk=appointment_id)
    return CallOut.of(room_pass, appointment, socket_url=_socket_url(request, appointment_id))


def _socket_url(request: HttpRequest, appointment_id: UUID) -> str:
    """On the host that was asked, which the browser's page comes from too."""
    scheme = "wss" if urlsplit(settings.SITE_URL).scheme == "https" else "ws"
    return f"{scheme}://{request.get_host()}/ws/calls/{appointment_id}"


@router.post(
    "/appointments/{appointment_id}/call/leave",
    response={204: None},
    **may(linked, *READING),
)
def leave(request: ApiRequest, appointment_id: UUID) -> Status[None]:
    """The other side is told at once. Leaving ends nothing; one may come back."""
    room.leave(Appointment.objects.get(pk=appointment_id), request.person)
    return Status(204, None)
