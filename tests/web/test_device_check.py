from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from clinicall.consultation.models import DeviceCheck
from clinicall.people.models import Doctor, Patient
from tests.clinic_clock import ClinicClock
from tests.web.visitor import visitor, words

pytestmark = pytest.mark.django_db

PAGE = "/device-check/"
ALL_WELL = {"camera": "ok", "microphone": "ok", "speaker": "heard", "connection": "good"}


def test_a_stranger_is_sent_to_sign_in_and_back(client: Client) -> None:
    answer = client.get(PAGE)
    assert answer.status_code == 302
    assert "device-check" in answer["Location"]
    assert client.post(PAGE, ALL_WELL).status_code == 302
    assert not DeviceCheck.objects.exists()


def test_anybody_signed_in_may_check_on_any_day(ana: Patient, dr_silva: Doctor) -> None:
    for person in (ana, dr_silva):
        page = visitor(person).get(PAGE)
        assert "<device-check>" in page.content.decode()
        assert "What a video appointment needs" in words(page)
        assert "The check itself needs JavaScript" in words(page)


def test_the_page_may_use_the_devices_and_reach_nobody_else(ana: Patient) -> None:
    page = visitor(ana).get(PAGE)
    assert "camera=(self), microphone=(self)" in page["Permissions-Policy"]
    assert "https:" not in page["Content-Security-Policy"]
    assert "no-store" in page["Cache-Control"]


def test_the_last_check_is_kept_and_told(ana: Patient, clock: ClinicClock) -> None:
    browser = visitor(ana)
    assert browser.post(PAGE, ALL_WELL).status_code == 204
    assert "Last check: Monday 23 November 2026, midday. Nothing was wrong." in words(
        browser.get(PAGE)
    )
    clock.move(timedelta(hours=1))
    in_trouble = {**ALL_WELL, "microphone": "blocked", "connection": "poor"}
    assert browser.post(PAGE, in_trouble).status_code == 204
    told = words(browser.get(PAGE))
    assert "Not right then: microphone blocked by the system, connection poor." in told
    assert DeviceCheck.objects.get().checked_at == clock.now


def test_each_person_has_their_own(ana: Patient, ben: Patient) -> None:
    visitor(ana).post(PAGE, {**ALL_WELL, "camera": "missing"})
    assert "Last check" not in words(visitor(ben).get(PAGE))
    visitor(ben).post(PAGE, ALL_WELL)
    assert DeviceCheck.objects.get(user=ana.user).camera == "missing"


@pytest.mark.parametrize(
    "told",
    [{}, {**ALL_WELL, "camera": "broken"}, {**ALL_WELL, "speaker": ""}, {"camera": "ok"}],
)
def test_what_no_check_can_find_is_a_bad_request(ana: Patient, told: dict[str, str]) -> None:
    assert visitor(ana).post(PAGE, told).status_code == 400
    assert not DeviceCheck.objects.exists()


def test_another_site_cannot_post_a_result(ana: Patient) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(ana.user)
    assert client.post(PAGE, ALL_WELL).status_code == 403


def test_the_way_there_is_on_the_patients_and_the_doctors_pages(
    ana: Patient, dr_silva: Doctor
) -> None:
    assert f'href="{reverse("device_check")}"' in visitor(dr_silva).get("/agenda/").content.decode()
    assert "device-check" not in visitor(ana).get("/appointments/").content.decode()
