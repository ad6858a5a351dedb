"""The clinic as an application, and the page it has without a connection."""

import json

import pytest
from django.test import Client
from pytest_django import Settings

from clinicall.people.models import Clinic, Patient
from tests.web.visitor import visitor, words

pytestmark = pytest.mark.django_db


def test_the_application_bears_the_clinics_name_and_its_icons_are_there(
    client: Client, settings: Settings
) -> None:
    settings.CLINIC_NAME = "Lake Road Clinic"
    told = json.loads(client.get("/manifest.webmanifest").content)
    assert told["name"] == "Lake Road Clinic"
    for icon in told["icons"]:
        answer = client.head(icon["src"])
        assert (answer.status_code, answer["Content-Type"]) == (200, icon["type"])
    assert any(icon.get("purpose") == "maskable" for icon in told["icons"])


def test_the_page_without_a_connection_is_the_same_for_everybody(
    clinic: Clinic, ana: Patient
) -> None:
    Clinic.objects.update(phone="+94112345678")
    of_nobody, of_ana = (visitor(who).get("/offline/") for who in (None, ana))
    assert of_nobody.content == of_ana.content
    assert "Nothing has been booked." in words(of_nobody)
    assert "+94112345678" in words(of_nobody)
    assert b"<script" not in of_nobody.content


def test_what_browsers_keep_is_renewed_when_the_page_is_another(
    client: Client, clinic: Clinic
) -> None:
    before = client.get("/service-worker.js").content
    assert client.get("/service-worker.js").content == before
    Clinic.objects.update(phone="+94112345678")
    assert client.get("/service-worker.js").content != before
