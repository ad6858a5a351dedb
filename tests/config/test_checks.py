"""What a clinic must not be without, and what `clinicall check` says of it."""

from pathlib import Path
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from pytest_django.fixtures import Settings

from clinicall.config import checks
from clinicall.config.env import Env
from clinicall.people.models import Clinic, Role, User


@pytest.fixture
def production(settings: Settings) -> Settings:
    settings.PRODUCTION = True
    settings.SITE_URL = "https://clinic.example"
    return settings


def said(messages: list[Any]) -> list[str]:
    return [message.id for message in messages]


def test_a_key_that_can_be_guessed_is_refused(production: Settings) -> None:
    production.SECRET_KEY = "s" * 43
    production.FIELD_KEYS = ["f" * 43, "old"]
    (error,) = checks.keys_are_keys()
    assert error.id == "clinicall.E012"
    assert error.msg.startswith("FIELD_KEY")
    production.FIELD_KEYS = ["f" * 43]
    assert checks.keys_are_keys() == []


def test_a_key_that_others_can_read_is_refused(settings: Settings, tmp_path: Path) -> None:
    settings.DATA = tmp_path
    assert checks.keys_are_ours_alone() == []
    key = tmp_path / "field_key"
    key.write_text("a key")
    key.chmod(0o640)
    assert said(checks.keys_are_ours_alone()) == ["clinicall.E011"]
    key.chmod(0o600)
    assert checks.keys_are_ours_alone() == []


def test_somebody_has_to_run_the_clinic(production: Settings, clinic: Clinic) -> None:
    assert said(checks.somebody_runs_the_clinic(databases=["default"])) == ["clinicall.W004"]
    assert checks.somebody_runs_the_clinic() == []  # no database to read
    admin = User.objects.create_user("admin@clinic.example", role=Role.ADMIN)
    assert checks.somebody_runs_the_clinic(databases=["default"]) == []
    admin.is_active = False
    admin.save()
    assert said(checks.somebody_runs_the_clinic(databases=["default"])) == ["clinicall.W004"]


def test_an_address_of_the_demo_in_somebodys_form_keeps_no_clinic_from_starting(
    production: Settings, clinic: Clinic
) -> None:
    demo = User.objects.create_user("stranger@demo.example")
    address = EmailAddress.objects.create(user=demo, email=demo.email, verified=False)
    assert checks.no_demo_accounts(databases=["default"]) == []
    address.verified = True
    address.save()
    assert said(checks.no_demo_accounts(databases=["default"])) == ["clinicall.E005"]


def test_a_clinic_whose_calls_may_not_get_through_is_told(production: Settings) -> None:
    assert said(checks.calls_get_through()) == ["clinicall.W002"]
    production.TURN_URL = "turn:turn.clinic.example"
    assert checks.calls_get_through() == []


@pytest.mark.parametrize(
    ("host", "sslmode", "told"),
    [
        ("db.clinic.example", None, ["clinicall.W003"]),
        ("db.clinic.example", "prefer", ["clinicall.W003"]),
        ("db.clinic.example", "verify-full", []),
        ("/run/postgresql", None, []),
        ("127.0.0.1", None, []),
    ],
)
def test_patients_data_do_not_travel_readable(
    production: Settings,
    monkeypatch: pytest.MonkeyPatch,
    host: str,
    sslmode: str | None,
    told: list[str],
) -> None:
    database = production.DATABASES["default"]
    monkeypatch.setitem(database, "HOST", host)
    monkeypatch.setitem(database, "OPTIONS", {"sslmode": sslmode} if sslmode else {})
    assert said(checks.the_way_to_the_database_is_encrypted()) == told


def test_on_loopback_none_of_it_matters(settings: Settings) -> None:
    settings.SECRET_KEY = "short"
    for check in (checks.keys_are_keys, checks.calls_get_through):
        assert check() == []


@pytest.mark.django_db
def test_a_replica_that_cannot_be_used_is_told_and_keeps_no_clinic_from_starting(
    settings: Settings,
) -> None:
    assert checks.the_replica_can_be_used(databases=["default"]) == []
    here = connection.get_connection_params()
    its_primary = {name: str(here[name]) for name in ("host", "port", "user", "dbname")}
    for replica, why in (
        ({**its_primary, "port": "1"}, "cannot be read"),
        (its_primary, "is no replica"),
    ):
        settings.REPLICA = replica
        (warning,) = checks.the_replica_can_be_used(databases=["default"])
        assert (warning.id, warning.is_serious()) == ("clinicall.W005", False)
        assert why in warning.msg
    assert checks.the_replica_can_be_used() == []  # no database to read


def test_the_ways_to_both_databases_are_encrypted(production: Settings) -> None:
    production.REPLICA = {"host": "10.0.0.22", "password": "not to be told"}
    (warning,) = checks.the_way_to_the_database_is_encrypted()
    assert (warning.id, warning.msg.split()[0]) == ("clinicall.W003", "REPLICA_URL")
    production.REPLICA = {"host": "10.0.0.22", "sslmode": "verify-full"}
    assert checks.the_way_to_the_database_is_encrypted() == []


def test_an_address_of_a_database_that_cannot_be_read_is_refused_and_not_told() -> None:
    env = Env({"REPLICA_URL": "postgresql://clinic:secret@[/clinicall"})
    with pytest.raises(ImproperlyConfigured, match="REPLICA_URL: use an address") as refused:
        env.database("REPLICA_URL")
    assert "secret" not in str(refused.value)
    assert env.database("DATABASE_URL") == {}
