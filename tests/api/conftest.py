import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest
from django.http import HttpResponse
from django.test import Client

from clinicall.people.models import Doctor, Patient
from clinicall.schedule.models import Slot

if TYPE_CHECKING:  # the stubs' name for what Django's test client answers
    from django.test.client import _MonkeyPatchedWSGIResponse

    Answer: TypeAlias = _MonkeyPatchedWSGIResponse
else:
    Answer = HttpResponse


@dataclass
class Caller:
    """A program with somebody's session, or nobody's."""

    client: Client

    def get(self, path: str, **headers: str) -> Answer:
        return self.client.get(f"/api/v1{path}", headers=headers)

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """JSON, or nothing at all."""
        sent, kind = ("", "") if body is None else (json.dumps(body), "application/json")
        return self.client.generic(method, f"/api/v1{path}", sent, kind, headers=headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Answer:
        return self.send("POST", path, body, **headers)

    def raw(self, path: str, body: bytes, content_type: str = "application/json") -> Answer:
        return self.client.post(f"/api/v1{path}", body, content_type=content_type)

    def book(self, slot: Slot, key: str = "one", **changes: Any) -> Answer:
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


def problem_of(response: Answer) -> dict[str, Any]:
    """The problem that was answered, after checking that it has the shape of all problems."""
    assert response["Content-Type"] == "application/problem+json"
    told: dict[str, Any] = json.loads(response.content)
    assert told["status"] == response.status_code
    assert told["type"] == f"/problems/{told['code']}"
    assert told["requestId"] == response["X-Request-Id"]
    assert told["title"]
    assert told["detail"]
    return told


def refusal(response: Answer) -> tuple[int, str]:
    return response.status_code, problem_of(response)["code"]


def faults(response: Answer) -> set[tuple[str, str]]:
    assert response.status_code == 422, response.content
    return {(fault["pointer"], fault["code"]) for fault in problem_of(response)["errors"]}
