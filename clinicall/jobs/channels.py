"""Calls that are over: whoever is left on the provider's line is put out of it.

They get no new pass and their page leaves by itself; this is for a page that does not.
"""

import logging
from datetime import timedelta
from uuid import UUID

from clinicall import wiring
from clinicall.booking.models import Appointment
from clinicall.booking.states import Status
from clinicall.core.clock import now as clinic_now
from clinicall.video.provider import ProviderDown, ProviderRefused, channel_name

log = logging.getLogger(__name__)
# More than a minute, which is how often this is done: once more is no harm.
JUST_OVER = timedelta(seconds=90)


def empty_channels() -> None:
    rest = wiring.agora_rest()
    if rest is None:
        return
    for appointment_id in _just_over():
        try:
            rest.empty(channel_name(appointment_id))
        except (ProviderDown, ProviderRefused) as error:
            log.warning(
                "the channel of %s was not emptied (%s)", appointment_id, type(error).__name__
            )
            return  # nor would the next be, and passes end soon


def _just_over() -> list[UUID]:
    over = Appointment.objects.filter(
        line="agora",
        status__in=(Status.CANCELLED, Status.COMPLETED),
        ended_at__gte=clinic_now() - JUST_OVER,
    )
    return list(over.values_list("pk", flat=True))
