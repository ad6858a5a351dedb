import hashlib
import hmac
import json

import pytest
from django.test import Client
from pytest_django import Settings

from clinicall.booking.models import Appointment
from clinicall.consultation.models import ChannelNotice
from clinicall.people.models import Patient
from clinicall.schedule.models import Slot
from tests.clinic_clock import ClinicClock
from tests.conftest import booked

SECRET = "a secret of the console's"


@pytest.fixture
def visit(free_slots: list[Slot], ana: Patient) -> Appointment:
    return booked(free_slots[0], ana)


def posted(body: bytes, signature: str) -> int:
    headers = {"Agora-Signature-V2": signature}
    answer = Client().post("/webhooks/agora", body, "application/json", headers=headers)
    if answer.status_code == 200:
        assert answer.json() == {}
    return answer.status_code


def came(visit: Appointment, clock: ClinicClock) -> bytes:
    seconds = int(clock.now.timestamp())
    payload = {"channelName": visit.channel_name, "uid": 2, "clientSeq": 1, "ts": seconds}
    message = {
        "noticeId": "n1",
        "productId": 1,
        "eventType": 103,
        "notifyMs": seconds * 1_000,
        "payload": payload,
    }
    return json.dumps(message).encode()


def signed(body: bytes) -> str:
    return hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()


def test_word_of_a_call_is_kept_once(
    visit: Appointment, clock: ClinicClock, settings: Settings
) -> None:
    settings.AGORA_NOTIFICATION_SECRET = SECRET
    body = came(visit, clock)
    assert posted(body, signed(body)) == posted(body, signed(body)) == 200
    notice = ChannelNotice.objects.get()
    assert (notice.appointment, notice.side, notice.came) == (visit, "patient", True)


def test_what_agora_did_not_sign_is_refused(
    visit: Appointment, clock: ClinicClock, settings: Settings
) -> None:
    settings.AGORA_NOTIFICATION_SECRET = SECRET
    body = came(visit, clock)
    assert posted(body + b" ", signed(body)) == 400
    assert posted(b"\xff", "") == 400
    assert not ChannelNotice.objects.exists()


def test_a_trial_of_the_console_is_answered(clock: ClinicClock, settings: Settings) -> None:
    settings.AGORA_NOTIFICATION_SECRET = SECRET
    body = b'{"productId":1,"notifyMs":1,"payload":{"channelName":"test_webhook","uid":12121212}}'
    assert posted(body, signed(body)) == 200


def test_a_clinic_without_agora_has_no_such_address(visit: Appointment, clock: ClinicClock) -> None:
    body = came(visit, clock)
    assert posted(body, signed(body)) == 404
