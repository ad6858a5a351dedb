"""What a developer reads first."""

import json
import re
from typing import Any

from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver


def document() -> dict[str, Any]:
    told: dict[str, Any] = json.loads(Client().get("/api/v1/openapi.json").content)
    return told


def test_the_document_is_openapi_3_1_and_all_its_references_lead_somewhere(db: None) -> None:
    told = document()
    assert told["openapi"].startswith("3.1")
    text = json.dumps(told)
    for name in re.findall(r'"\$ref": "#/components/schemas/(\w+)"', text):
        assert name in told["components"]["schemas"], name
    names = [op["operationId"] for path in told["paths"].values() for op in path.values()]
    assert len(set(names)) == len(names)


def test_every_address_of_the_api_is_documented(db: None) -> None:
    known = {re.sub(r"{\w+}", "{}", path) for path in document()["paths"]}

    def addresses(patterns: list[URLPattern | URLResolver], above: str) -> list[str]:
        found = []
        for one in patterns:
            here = above + str(one.pattern)
            if isinstance(one, URLResolver):
                found += addresses(one.url_patterns, here)
            else:
                found.append(re.sub(r"<\w+>", "{}", here))
        return found

    ours = {path for path in addresses(get_resolver().url_patterns, "/") if "/api/v1/" in path}
    assert ours - known == {"/api/v1/", "/api/v1/openapi.json"}
    assert known <= ours


def test_every_operation_says_how_it_refuses(db: None) -> None:
    for path, methods in document()["paths"].items():
        for method, operation in methods.items():
            answers = operation["responses"]
            assert "422" in answers
            assert ("401" in answers) == ("security" in operation), (method, path)
            for status, answer in answers.items():
                if int(status) >= 400:
                    assert "application/problem+json" in answer["content"]


def test_the_contracts_members_are_all_there(db: None) -> None:
    appointment = document()["components"]["schemas"]["AppointmentOut"]
    assert sorted(appointment["required"]) == sorted(appointment["properties"])
    assert {"agoraToken", "slotId", "holdExpiresAt"} <= set(appointment["properties"])


def test_people_can_read_it_on_one_page_without_any_script(db: None) -> None:
    page = Client().get("/api/docs")
    assert page.status_code == 200
    text = page.content.decode()
    assert "<script" not in text
    assert "http://" not in text
    assert "https://" not in text
    for words in ("/api/v1/appointments/{appointment_id}/cancel", "slot_taken", "idempotency_key"):
        assert words in text
