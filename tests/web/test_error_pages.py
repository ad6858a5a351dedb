"""Pages for what went wrong: what happened, what was not done, and the next step."""

import psycopg
import pytest
from django.db import OperationalError, connection
from django.test import Client
from psycopg.errors import (
    AdminShutdown,
    CrashShutdown,
    DeadlockDetected,
    LockNotAvailable,
    QueryCanceled,
    TooManyConnections,
)
from pytest_django import Settings

from clinicall.core.away import database_is_away
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


def test_a_database_that_restarts_is_no_fault_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> None:
        raise OperationalError from AdminShutdown

    monkeypatch.setattr(connection, "cursor", away)
    client = Client(raise_request_exception=False)
    for address, said in (("/", "Wait a few seconds"), ("/api/v1/doctors", "database_away")):
        answer = client.get(address)
        assert (answer.status_code, answer["Retry-After"]) == (503, "5")
        assert said in answer.content.decode()


@pytest.mark.parametrize(
    ("cause", "away"),
    [
        (CrashShutdown(), True),
        (TooManyConnections(), True),
        (psycopg.OperationalError("connection refused"), True),
        (DeadlockDetected(), False),
        (QueryCanceled(), False),
        (LockNotAvailable(), False),
    ],
)
def test_a_database_that_answers_and_refuses_is_not_away(cause: psycopg.Error, away: bool) -> None:
    error = OperationalError()
    error.__cause__ = cause
    assert database_is_away(error) is away


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
