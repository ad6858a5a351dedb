import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from pytest_django import Settings

from clinicall.people.models import Doctor, Patient
from clinicall.schedule.models import Slot

# Outermost, so that what Django refuses by itself is told as a problem too.
FIRST = ["clinicall.core.requests.RequestIdMiddleware", "clinicall.api.problems.ApiMiddleware"]


@pytest.fixture(autouse=True)
def _middleware(settings: Settings) -> None:
    settings.MIDDLEWARE = FIRST + [one for one in settings.MIDDLEWARE if one not in FIRST]


@dataclass
class Caller:
    """A program with somebody's session, or nobody's."""

    client: Client

    def get(self, path: str, **headers: str) -> HttpResponse:
        return self.client.get(f"/api/v1{path}", headers=headers)

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> HttpResponse:
        """JSON, or nothing at all."""
        sent = {} if body is None else {"data": json.dumps(body), "content_type": "application/json"}
        return self.client.generic(method, f"/api/v1{path}", headers=headers, **sent)

    def post(self, path: str, body: Any = None, **headers: str) -> HttpResponse:
        return self.send("POST", path, body, **headers)

    def raw(self, path: str, body: bytes, content_type: str = "application/json") -> HttpResponse:
        return self.client.post(f"/api/v1{path}", body, content_type=content_type)

    def book(self, slot: Slot, key: str = "one", **changes: Any) -> HttpResponse:
        return self.post("/appointments", form(slot) | changes, **{"Idempotency-Key": key})


def form(slot: Slot) -> dict[str, str]:
    return {
        "slotId": str(slot.pk),
        "firstName": "Ana",
        "lastName": "Perera",
        "phone": "071 234 5678",
        "nic": "199012342937",
        "email": "ana@clinic.example",
        "reason": "Cough for two weeks",
    }


Calling = Callable[[Patient | Doctor | None], Caller]


@pytest.fixture
def calling() -> Calling:
    """`calling(ana)` has Ana's session; `calling(None)` nobody's."""

    def for_person(person: Patient | Doctor | None) -> Caller:
        client = Client()
        if person:
            client.force_login(person.user)
        return Caller(client)

    return for_person


def problem_of(response: HttpResponse) -> dict[str, Any]:
    """The problem that was answered, after checking that it has the shape of all problems."""
    assert response["Content-Type"] == "application/problem+json"
    told: dict[str, Any] = json.loads(response.content)
    assert told["status"] == response.status_code
    assert told["type"] == f"/problems/{told['code']}"
    assert told["requestId"] == response["X-Request-Id"]
    assert told["title"]
    assert told["detail"]
    return told


def refusal(response: HttpResponse) -> tuple[int, str]:
    return response.status_code, problem_of(response)["code"]


def faults(response: HttpResponse) -> set[tuple[str, str]]:
    assert response.status_code == 422, response.content
    return {(fault["pointer"], fault["code"]) for fault in problem_of(response)["errors"]}
