"""Requests that nobody thought of: made from our own description of the API, and held against it.

`make test` sends a few to each operation, always the same; `make fuzz` sends FUZZ of them, and more.
"""

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from hypothesis import HealthCheck, settings
from schemathesis import Case
from schemathesis.checks import positive_data_acceptance

from clinicall.api.fields import LONGEST_ID
from clinicall.api.urls import api
from clinicall.people.models import Doctor, Patient
from clinicall.schedule.models import Slot
from tests.api.test_callers import token_of
from tests.clinic_clock import ClinicClock
from tests.conftest import WEDNESDAY, booked

EACH = int(os.environ.get("FUZZ", "4"))

schema = schemathesis.openapi.from_dict(api.get_openapi_schema())
# A request that breaks a rule may be too large as well.
refused = schema.config.checks.negative_data_rejection
refused.expected_statuses = [*refused.expected_statuses, "413"]


class Counted(WSGIHandler):
    """The application, which tells in the end how often it was asked, and what it answered."""

    def __init__(self) -> None:
        super().__init__()
        self.answered = Counter[int]()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        environ.setdefault("REMOTE_ADDR", "127.0.0.1")  # as every server tells it
        return super().__call__(environ, start_response)

    def get_response(self, request: HttpRequest) -> HttpResponseBase:
        response = super().get_response(request)
        self.answered[response.status_code] += 1
        return response

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        counts = (f"{count:,} × {status}" for status, count in sorted(self.answered.items()))
        terminalreporter.write_line(
            f"{self.answered.total():,} requests made up, answered: {', '.join(counts)}"
        )


schema.app = app = Counted()


@pytest.fixture(scope="module", autouse=True)
def told_in_the_end(pytestconfig: pytest.Config) -> None:
    pytestconfig.pluginmanager.register(app)


@pytest.fixture(autouse=True)
def one_transaction(db: None) -> Iterator[None]:
    """Of the test's, to be undone in the end: a server would take a fresh connection for each request."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@dataclass
class Clinic:
    """What there is to be hit by a request that names something."""

    tokens: dict[str, dict[str, str]]  # by who asks, as a header
    doctor: Doctor
    appointments: list[str]
    slots: list[str]


@pytest.fixture
def here(
    ana: Patient,
    ben: Patient,
    dr_silva: Doctor,
    free_slots: list[Slot],
    slots: list[Slot],
    clock: ClinicClock,
) -> Clinic:
    """Ana's visit is about to begin, and she holds another time; Ben has the next one."""
    visits = [booked(free_slots[0], ana), booked(slots[3], ana), booked(free_slots[1], ben)]
    clock.set(free_slots[0].starts_at - timedelta(minutes=5))
    return Clinic(
        tokens={
            "patient": {"X-Session-Token": token_of(ana)},
            "doctor": {"X-Session-Token": token_of(dr_silva)},
            "nobody": {},
        },
        doctor=dr_silva,
        appointments=[str(visit.pk) for visit in visits],
        slots=[str(slot.pk) for slot in [*free_slots, *slots]],
    )


@schema.parametrize()
@settings(
    max_examples=EACH,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),  # one clinic is meant to live through all of them
)
def test_whatever_is_sent_is_answered_as_documented(case: Case[Any], here: Clinic) -> None:
    aim(case, here)
    for who, token in here.tokens.items():
        try:
            case.call_and_validate(
                headers={"Accept-Encoding": "identity", **token},
                # The document cannot tell all that a member must be, so what looks right may be refused.
                excluded_checks=[positive_data_acceptance],
            )
        except Exception as fault:
            fault.add_note(f"asked by {who}")
            raise


# --- Requests that hit something ---


def aim(case: Case[Any], here: Clinic) -> None:
    """Let most ids and dates that are well-formed name what is there."""
    named = {"doctor_id": [str(here.doctor.pk)], "appointment_id": here.appointments}
    for name, text in case.path_parameters.items():
        if name in named and is_id(text):
            case.path_parameters[name] = perhaps(named[name], text)
        elif name == "day":
            case.path_parameters[name] = soon(text)
    aim_members(case.query, here)
    aim_members(case.body, here)


def aim_members(sent: Any, here: Clinic) -> None:
    if isinstance(sent, list):
        for inner in sent:
            aim_members(inner, here)
    elif isinstance(sent, dict):
        for name, value in sent.items():
            if name == "slotId" and isinstance(value, str) and len(value) <= LONGEST_ID:
                sent[name] = perhaps(here.slots, value)
            elif name in ("date", "from", "to"):
                sent[name] = soon(value)
            else:
                aim_members(value, here)


def is_id(text: Any) -> bool:
    try:
        return isinstance(text, str) and str(UUID(text)) == text
    except ValueError:
        return False


def perhaps(there: list[str], text: str) -> str:
    """One of those or the text as it is; for one text always the same."""
    choices = [*there, text]
    return choices[sum(text.encode(errors="replace")) % len(choices)]


def soon(text: Any) -> Any:
    """A date within a year of the clinic's, if it is one at all."""
    try:
        far = date.fromisoformat(text)
    except (ValueError, TypeError):
        return text
    return str(WEDNESDAY + timedelta(days=far.toordinal() % 400 // 2))
