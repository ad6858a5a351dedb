"""The device check: what it found, kept for the doctor of a visit that is near."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from uuid import UUID

from clinicall.consultation.models import ConnectionState, DeviceCheck, DeviceState, SpeakerState
from clinicall.core.clock import now as clinic_now
from clinicall.people.models import User

# What was wrong longer ago says little of the visit to come.
TELLS_FOR = timedelta(days=7)

DEVICE_TROUBLES: Mapping[str, str] = {
    DeviceState.DISMISSED: "not allowed yet",
    DeviceState.DENIED: "blocked",
    DeviceState.BLOCKED: "blocked by the system",
    DeviceState.IN_USE: "in use by another app",
    DeviceState.MISSING: "not found",
    DeviceState.SILENT: "gives no sound",
    DeviceState.FAILED: "could not be started",
    DeviceState.UNSUPPORTED: "not possible in that browser",
}
SPEAKER_TROUBLES: Mapping[str, str] = {SpeakerState.NOT_HEARD: "not heard"}
CONNECTION_TROUBLES: Mapping[str, str] = {
    ConnectionState.POOR: "poor",
    ConnectionState.NONE: "lets no call through",
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
        ("microphone", DEVICE_TROUBLES.get(check.microphone)),
        ("camera", DEVICE_TROUBLES.get(check.camera)),
        ("speaker", SPEAKER_TROUBLES.get(check.speaker)),
        ("connection", CONNECTION_TROUBLES.get(check.connection)),
    )
    return [f"{part} {trouble}" for part, trouble in found if trouble]


def checks_with_troubles(people: Iterable[UUID], *, now: datetime) -> dict[UUID, DeviceCheck]:
    """The latest checks in which something was not right, by whose they are."""
    recent = DeviceCheck.objects.filter(user_id__in=people, checked_at__gt=now - TELLS_FOR)
    return {check.user_id: check for check in recent if troubles_in(check)}
