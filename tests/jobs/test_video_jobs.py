"""Calls on Agora that are over, and trying its account."""

from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from clinicall import wiring
from clinicall.booking.models import Appointment
from clinicall.jobs.channels import empty_channels
from clinicall.people.models import Patient
from clinicall.schedule.models import Slot
from clinicall.video.provider import ProviderDown, ProviderRefused
from tests.booking.test_ending import cancel
from tests.clinic_clock import ClinicClock
from tests.conftest import booked


@dataclass
class Agora:
    """Remembers which channels it was to empty."""

    emptied: list[str] = field(default_factory=list)
    fails: Exception | None = None
    is_ours: bool = True

    def empty(self, channel: str) -> None:
        self.emptied.append(channel)
        if self.fails:
            raise self.fails

    def knows_project(self) -> bool:
        if self.fails:
            raise self.fails
        return self.is_ours

    def people_in(self, _channel: str) -> list[int]:
        return []


@pytest.fixture
def agora(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Agora:
    agora = Agora()
    monkeypatch.setattr(wiring, "agora_rest", lambda: agora)
    settings.AGORA_APP_ID = settings.AGORA_APP_CERTIFICATE = "a" * 32
    return agora


@pytest.fixture
def visit(free_slots: list[Slot], ana: Patient) -> Appointment:
    visit = booked(free_slots[0], ana)
    Appointment.objects.update(line="agora")
    return visit


def test_a_call_that_was_just_cancelled_is_emptied(
    visit: Appointment, agora: Agora, clock: ClinicClock
) -> None:
    empty_channels()
    assert agora.emptied == []
    cancel(visit, visit.doctor.user)
    empty_channels()
    assert agora.emptied == [visit.channel_name]
    clock.move(timedelta(minutes=2))
    empty_channels()
    assert len(agora.emptied) == 1


@pytest.mark.parametrize("fails", [ProviderDown(), ProviderRefused(401)])
def test_agoras_absence_troubles_nobody(visit: Appointment, agora: Agora, fails: Exception) -> None:
    agora.fails = fails
    cancel(visit, visit.doctor.user)
    empty_channels()


def test_an_account_that_works_is_said_to(
    agora: Agora, clock: ClinicClock, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("test_video")
    said = capsys.readouterr().out
    assert "'agora'" in said
    assert "Agora knows the project" in said


@pytest.mark.parametrize(
    ("fails", "is_ours", "said"),
    [
        (ProviderRefused(401), True, "HTTP 401"),
        (ProviderDown(), True, "could not be reached"),
        (None, False, "no project with AGORA_APP_ID"),
    ],
)
def test_one_that_does_not_is_said_to_by_name(
    agora: Agora, clock: ClinicClock, fails: Exception | None, is_ours: bool, said: str
) -> None:
    agora.fails, agora.is_ours = fails, is_ours
    with pytest.raises(CommandError, match=said):
        call_command("test_video")


def test_a_key_without_its_secret_or_an_app_without_certificate_is_refused(
    settings: Settings, clock: ClinicClock
) -> None:
    settings.AGORA_APP_ID = "a" * 32
    with pytest.raises(CommandError, match="AGORA_APP_CERTIFICATE"):
        call_command("test_video")
    settings.AGORA_APP_CERTIFICATE = "a" * 32
    settings.AGORA_CUSTOMER_KEY = "key"
    with pytest.raises(CommandError, match="AGORA_CUSTOMER_SECRET"):
        call_command("test_video")


def test_the_peer_line_says_what_it_lacks(
    clock: ClinicClock, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("test_video")
    assert "TURN_URL is not set" in capsys.readouterr().out
