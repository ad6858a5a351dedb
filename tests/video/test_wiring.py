"""Which line and which gateway a clinic's settings ask for, and what wrong settings answer."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings

from clinicall import wiring
from clinicall.payments.sandbox import SandboxGateway
from clinicall.video.agora import AgoraLine
from clinicall.video.peer import PeerLine

APP_ID = "0123456789abcdef0123456789abcdef"
CERTIFICATE = "fedcba9876543210fedcba9876543210"


@pytest.fixture(autouse=True)
def clinic(settings: Settings) -> Settings:
    """A clinic that set nothing."""
    settings.AGORA_APP_ID = settings.AGORA_APP_CERTIFICATE = ""
    settings.TURN_URL = settings.TURN_SECRET = ""
    settings.PAYMENT_PROVIDER = "sandbox"
    return settings


def test_with_nothing_set_calls_go_from_browser_to_browser() -> None:
    assert wiring.configuration_errors() == []
    assert isinstance(wiring.video_line(), PeerLine)


def test_with_an_agora_account_new_visits_go_over_agora(clinic: Settings) -> None:
    clinic.AGORA_APP_ID, clinic.AGORA_APP_CERTIFICATE = APP_ID, CERTIFICATE
    assert wiring.configuration_errors() == []
    assert isinstance(wiring.video_line(), AgoraLine)


def test_a_visit_keeps_its_line_when_the_clinic_moves_to_agora(clinic: Settings) -> None:
    clinic.AGORA_APP_ID, clinic.AGORA_APP_CERTIFICATE = APP_ID, CERTIFICATE
    assert isinstance(wiring.video_line("peer"), PeerLine)


def test_a_visit_on_agora_needs_the_account_it_began_with() -> None:
    with pytest.raises(ImproperlyConfigured, match="AGORA_APP_ID and AGORA_APP_CERTIFICATE"):
        wiring.video_line("agora")


@pytest.mark.parametrize(
    ("app_id", "certificate", "says"),
    [
        (APP_ID, "", "AGORA_APP_ID is set, but AGORA_APP_CERTIFICATE is not."),
        ("", CERTIFICATE, "AGORA_APP_CERTIFICATE is set, but AGORA_APP_ID is not."),
        (APP_ID[1:], CERTIFICATE, "AGORA_APP_ID is not 32 hexadecimal characters."),
        (APP_ID, "z" * 32, "AGORA_APP_CERTIFICATE is not 32 hexadecimal characters."),
    ],
)
@pytest.mark.parametrize("asked", [None, "agora"])
def test_a_wrong_agora_setting_says_its_name(
    clinic: Settings, asked: str | None, app_id: str, certificate: str, says: str
) -> None:
    clinic.AGORA_APP_ID, clinic.AGORA_APP_CERTIFICATE = app_id, certificate
    assert wiring.configuration_errors() == [says]
    with pytest.raises(ImproperlyConfigured) as refusal:
        wiring.video_line(asked)
    assert str(refusal.value) == says


def test_a_relay_without_its_secret_is_refused(clinic: Settings) -> None:
    clinic.TURN_URL = "turn:turn.clinic.example:3478"
    says = "TURN_URL is set, but TURN_SECRET is not."
    assert wiring.configuration_errors() == [says]
    with pytest.raises(ImproperlyConfigured, match=says):
        wiring.video_line()


def test_the_relay_of_the_settings_reaches_the_pass(clinic: Settings) -> None:
    clinic.TURN_URL, clinic.TURN_SECRET = "turn:turn.clinic.example:3478", "north"
    assert wiring.configuration_errors() == []
    now = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
    room_pass = wiring.video_line().issue(
        channel="appt_1", uid=1, now=now, expires_at=now + timedelta(minutes=30)
    )
    assert [relay["urls"] for relay in room_pass.ice_servers] == [["turn:turn.clinic.example:3478"]]


def test_a_pass_of_one_process_is_read_by_another() -> None:
    now = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
    room_pass = wiring.video_line().issue(
        channel="appt_1", uid=2, now=now, expires_at=now + timedelta(minutes=30)
    )
    assert wiring.peer_line().read(room_pass.token, now).uid == 2


def test_a_line_nobody_built_is_a_fault_of_ours() -> None:
    with pytest.raises(ValueError, match="carrier pigeon"):
        wiring.video_line("carrier pigeon")


def test_payments_go_to_the_sandbox_by_default() -> None:
    assert isinstance(wiring.payment_gateway(), SandboxGateway)


def test_a_clinic_without_payments_has_no_gateway(clinic: Settings) -> None:
    clinic.PAYMENT_PROVIDER = "none"
    assert wiring.payment_gateway() is None


def test_a_payment_finds_its_own_gateway_after_the_clinic_changed_it(
    clinic: Settings,
) -> None:
    clinic.PAYMENT_PROVIDER = "none"
    assert isinstance(wiring.payment_gateway("sandbox"), SandboxGateway)


def test_a_gateway_nobody_built_is_refused_by_name(clinic: Settings) -> None:
    clinic.PAYMENT_PROVIDER = "barter"
    with pytest.raises(ImproperlyConfigured, match="PAYMENT_PROVIDER='barter'"):
        wiring.payment_gateway()
