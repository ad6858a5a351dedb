import re
from datetime import timedelta

import pytest
from django.test import Client
from pytest_django import Settings

from clinicall.people.models import Patient
from clinicall.schedule.models import Slot
from tests.clinic_clock import ClinicClock
from tests.conftest import booked


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path", ["/", "/account/login/", "/nowhere/", "/api/v1/doctors", "/admin/"]
)
def test_no_page_may_load_from_elsewhere_or_use_a_camera(client: Client, path: str) -> None:
    answer = client.get(path)
    policy = answer["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert "https:" not in policy
    assert "camera=()" in answer["Permissions-Policy"]


@pytest.mark.parametrize("app_id", ["", "970CA35de60c44645bbae8a215061b33"])
def test_only_the_call_may_use_the_camera_and_reach_agora_when_it_is_used(
    free_slots: list[Slot], ana: Patient, clock: ClinicClock, settings: Settings, app_id: str
) -> None:
    visit = booked(free_slots[0], ana)
    settings.AGORA_APP_ID = app_id
    client = Client()
    client.force_login(ana.user)
    early = client.get(f"/appointments/{visit.pk}/room/")
    assert "camera=()" in early["Permissions-Policy"]
    clock.set(visit.starts_at - timedelta(minutes=1))
    call = client.get(f"/appointments/{visit.pk}/room/")
    assert "camera=(self)" in call["Permissions-Policy"]
    assert ("agora.io" in call["Content-Security-Policy"]) is bool(app_id)


@pytest.mark.django_db
def test_every_script_of_a_page_carries_the_nonce_of_its_answer_and_no_other(
    client: Client,
) -> None:
    nonces = set()
    for _ in range(2):
        answer = client.get("/")
        page = answer.content.decode()
        loads = re.findall(r"<(?:script|link)[^>]*(?:type=.module.|modulepreload)[^>]*>", page)
        (nonce,) = {found for tag in loads for found in re.findall(r'nonce="([^"]*)"', tag)}
        assert len(loads) == len(re.findall(f'nonce="{nonce}"', "".join(loads)))
        assert f"script-src 'nonce-{nonce}' 'strict-dynamic'" in answer["Content-Security-Policy"]
        nonces.add(nonce)
    assert len(nonces) == 2
