"""Pages for what went wrong: what happened, what was not done, and the next step."""

import pytest
from django.test import Client
from pytest_django import Settings

from clinicall.people.models import Clinic
from tests.web.visitor import visitor, words


def test_a_fault_of_ours_tells_its_reference_without_the_database(
    settings: Settings,
) -> None:
    settings.CLINIC_NAME = "Lake Road Clinic"
    # The fault is that there is no database, for this test has not asked for one.
    answer = Client(raise_request_exception=False).get("/")
    assert answer.status_code == 500
    assert answer["X-Request-Id"] in words(answer)
    assert "Lake Road Clinic" in answer.content.decode()
    assert "fault.css" in answer.content.decode()


@pytest.mark.django_db
def test_each_says_what_was_not_done_and_where_to_go() -> None:
    for status, answer, said in (
        (404, visitor().get("/nowhere/"), "Nothing was changed."),
        (403, Client(enforce_csrf_checks=True).post("/time-zone/"), "Nothing was sent or changed."),
        (
            400,
            Client().post("/time-zone/", dict.fromkeys(map(str, range(2000)), "")),
            "Nothing was saved.",
        ),
    ):
        assert answer.status_code == status
        assert said in words(answer)
        assert 'class="button" href="/' in answer.content.decode()


@pytest.mark.django_db
def test_every_page_ends_with_the_same_help(clinic: Clinic) -> None:
    assert "Help:" not in visitor().get("/").content.decode()
    Clinic.objects.update(phone="+94112345678")
    for address in ("/", "/nowhere/", "/account/login/", "/accessibility/"):
        footer = visitor().get(address).content.decode().partition("<footer")[2]
        assert 'href="tel:+94112345678"' in footer
        assert 'href="/accessibility/"' in footer
        assert 'href="/privacy/"' in footer
