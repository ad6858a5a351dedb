"""kill -9 while a patient pays: what was held lapses on time, and nothing else has changed."""

import json
import tempfile
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from clinicall.server.postgres import Embedded
from tests.clinic_clock import REPLACE
from tests.server.serving import Server, clinicall, family, serving, wait_for, wait_until_all_ended

JSON = {"Content-Type": "application/json"}


@pytest.fixture
def data() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="clinicall-tests-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        for words in (["migrate"], ["demo", "--doctors", "1", "--days", "3", "--patients", "2"]):
            command = clinicall(*words, data=folder)
            output = command.said()
            assert command.returncode == 0, output
        yield folder


def asks(server: Server, method: str, path: str, body: object = None, **headers: str) -> Any:
    sent = json.dumps(body).encode() if body is not None else None
    return server.ask(method, path, sent, {**JSON, **headers}).json()


def signed_in(server: Server) -> Mapping[str, str]:
    login = {"email": "patient2@demo.example", "password": "clinicall demo"}
    answer = asks(server, "POST", "/_allauth/app/v1/auth/login", login)
    return {"X-Session-Token": answer["meta"]["session_token"]}


def holds_the_first_open_slot(server: Server, patient: Mapping[str, str]) -> str:
    (doctor,) = asks(server, "GET", "/api/v1/doctors")["items"]
    days = asks(server, "GET", f"/api/v1/doctors/{doctor['id']}/slots")["days"]
    wish = {
        "slotId": days[-1]["slots"][0]["id"],
        "firstName": "Ben",
        "lastName": "Perera",
        "phone": "071 234 5678",
        "nic": "199012345678",
        "email": "ben@clinic.example",
        "reason": "Cough",
    }
    headers = {**patient, "Idempotency-Key": "one"}
    answer = asks(server, "POST", "/api/v1/appointments", wish, **headers)
    assert answer["status"] == "pending"
    return str(answer["id"])


def test_a_hold_survives_a_crash_and_lapses_on_time(data: Path) -> None:
    with serving(data) as server:
        patient = signed_in(server)
        hold = holds_the_first_open_slot(server, patient)
        before = asks(server, "GET", f"/api/v1/appointments/{hold}", **patient)
        everyone = family(server.process, data)
        server.process.kill()
        wait_until_all_ended(everyone)
    with serving(data) as server, Embedded(data) as database:
        assert asks(server, "GET", f"/api/v1/appointments/{hold}", **patient) == before
        with psycopg.connect(database.url, autocommit=True) as connection:
            later = timedelta(minutes=10).total_seconds()
            connection.execute(REPLACE.format(f"select clock_timestamp() + interval '{later} s'"))

            def stored() -> tuple[str, str] | None:
                return connection.execute(
                    "select status, cancel_reason from booking_appointment where id = %s", [hold]
                ).fetchone()

            wait_for(lambda: stored() == ("cancelled", "hold_expired"))
        after = asks(server, "GET", f"/api/v1/appointments/{hold}", **patient)
        assert (after["status"], after["cancelReason"]) == ("cancelled", "hold_expired")
        book = clinicall("check-invariants", data=data)
        assert "rules hold" in book.said()
