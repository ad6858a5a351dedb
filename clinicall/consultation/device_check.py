"""The device check: what it found, kept for the doctor of a visit that is near."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from clinicall.consultation.models import ConnectionState, DeviceCheck, DeviceState, SpeakerState
from clinicall.core.clock import now as clinic_now
from clinicall.people.models import User

# What was wrong longer ago says little of the visit to come.
TELLS_FOR = timedelta(days=7)

MICROPHONE_TROUBLES: Mapping[str, Promise] = {
    DeviceState.DISMISSED: _("microphone not allowed yet"),
    DeviceState.DENIED: _("microphone blocked"),
    DeviceState.BLOCKED: _("microphone blocked by the system"),
    DeviceState.IN_USE: _("microphone in use by another app"),
    DeviceState.MISSING: _("microphone not found"),
    DeviceState.SILENT: _("microphone gives no sound"),
    DeviceState.FAILED: _("microphone could not be started"),
    DeviceState.UNSUPPORTED: _("microphone not possible in that browser"),
}
CAMERA_TROUBLES: Mapping[str, Promise] = {
    DeviceState.DISMISSED: _("camera not allowed yet"),
    DeviceState.DENIED: _("camera blocked"),
    DeviceState.BLOCKED: _("camera blocked by the system"),
    DeviceState.IN_USE: _("camera in use by another app"),
    DeviceState.MISSING: _("camera not found"),
    DeviceState.SILENT: _("camera gives no sound"),
    DeviceState.FAILED: _("camera could not be started"),
    DeviceState.UNSUPPORTED: _("camera not possible in that browser"),
}
SPEAKER_TROUBLES: Mapping[str, Promise] = {SpeakerState.NOT_HEARD: _("speaker not heard")}
CONNECTION_TROUBLES: Mapping[str, Promise] = {
    ConnectionState.POOR: _("connection poor"),
    ConnectionState.NONE: _("connection lets no call through"),
}


@dataclass(frozen=True)
class Findings:
    camera: DeviceState
    microphone: DeviceState
    speaker: SpeakerState
    connection: ConnectionState


def keep(person: User, findings: Findings) -> None:
    """In place of what was found before."""
    facts = {"checked_at": clinic_now(), **asdict(findings)}
    DeviceCheck.objects.update_or_create(user=person, defaults=facts)


def troubles_in(check: DeviceCheck) -> list[str]:
    """What was not right, the gravest for a visit first: `microphone blocked`."""
    found = (
        MICROPHONE_TROUBLES.get(check.microphone),
        CAMERA_TROUBLES.get(check.camera),
        SPEAKER_TROUBLES.get(check.speaker),
        CONNECTION_TROUBLES.get(check.connection),
    )
    return [str(trouble) for trouble in found if trouble]


def checks_with_troubles(people: Iterable[UUID], *, now: datetime) -> dict[UUID, DeviceCheck]:
    """The latest checks in which something was not right, by whose they are."""
    recent = DeviceCheck.objects.filter(user_id__in=people, checked_at__gt=now - TELLS_FOR)
    return {check.user_id: check for check in recent if troubles_in(check)}
