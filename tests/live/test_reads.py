"""What everybody asks, as the server answers it on its event loop."""

import gzip
import json
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client

from clinicall.people.models import Doctor, DoctorState, Patient
from clinicall.schedule.models import Slot
from tests.conftest import booked
from tests.server.serving import Answer, Server, wait_for

pytestmark = pytest.mark.django_db(transaction=True)

WEEK = "from=2026-11-23&to=2026-11-29"


def of(doctor: Doctor, what: str, query: str = WEEK) -> str:
    return f"/api/v1/doctors/{doctor.pk}/{what}?{query}"


def read(server: Server, path: str) -> Any:
    answer = server.get(path)
    assert answer.status == 200, answer.body
    return answer.json()


def by_django(path: str) -> Any:
    return json.loads(Client().get(path).content)


def is_kept(answer: Answer) -> bool:
    """Only what the event loop answers says that it depends on the encoding alone."""
    return answer.headers.get("vary") == "Accept-Encoding"


def test_both_ways_give_the_same_answers(
    server: Server, slots: list[Slot], free_slots: list[Slot], ana: Patient
) -> None:
    booked(slots[1], ana)
    doctor = slots[0].doctor
    for path in (
        of(doctor, "slots"),
        of(doctor, "slots", f"{WEEK}&timezone=America/New_York"),
        of(doctor, "slots", "from=2026-12-01&to=2026-12-31"),
        of(doctor, "days"),
        of(doctor, "days", f"{WEEK}&timezone=Pacific/Kiritimati"),
        "/api/v1/doctors",
        "/api/v1/doctors?name=OSEI&page=1&pageSize=5",
        f"/api/v1/doctors?specialization={doctor.specialization_id}&name=",
        "/api/v1/doctors?page=7",
        "/api/v1/specializations",
    ):
        answer = server.get(path)
        assert is_kept(answer), path
        assert answer.json() == by_django(path), path
    assert read(server, of(doctor, "days"))["days"] == [{"date": "2026-11-25", "free": 3}]


def test_what_is_not_asked_plainly_is_answered_by_django(
    server: Server, slots: list[Slot], dr_silva: Doctor
) -> None:
    dr_silva.state = DoctorState.SUSPENDED
    dr_silva.save()
    for path, status in (
        (of(slots[0].doctor, "slots", ""), 200),
        (of(slots[0].doctor, "slots", "from=2026-11-23"), 200),
        (of(slots[0].doctor, "slots", "from=2026-11-29&to=2026-11-23"), 422),
        (of(slots[0].doctor, "slots", f"{WEEK}&from=2026-11-24"), 422),
        (of(slots[0].doctor, "slots", f"{WEEK}&timezone=Mars/Base"), 422),
        (of(slots[0].doctor, "days", "from=2026-01-01&to=2026-12-31"), 422),
        (of(slots[0].doctor, "days", "from=2026-02-30&to=2026-03-01"), 422),
        (of(dr_silva, "slots"), 404),
        (f"/api/v1/doctors/{uuid4()}/days?{WEEK}", 404),
        ("/api/v1/doctors?specialization=987654321", 422),
        ("/api/v1/doctors?pageSize=101", 422),
        ("/api/v1/doctors?page=0", 422),
        ("/api/v1/doctors?name=%00", 422),
        ("/api/v1/doctors?name=%ff", 200),
        ("/api/v1/doctors?colour=red", 422),
        ("/api/v1/specializations?page=1", 422),
    ):
        answer = server.get(path)
        assert (answer.status, is_kept(answer)) == (status, False), path
    assert server.ask("POST", "/api/v1/doctors").status == 405
    assert server.ask("HEAD", of(slots[0].doctor, "slots")).body == b""


def test_an_answer_that_is_known_is_not_sent_again(server: Server, slots: list[Slot]) -> None:
    path = of(slots[0].doctor, "slots")
    first = server.get(path)
    again = server.ask("GET", path, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status, again.body, again.headers["etag"]) == (304, b"", first.headers["etag"])
    packed = server.ask("GET", path, headers={"Accept-Encoding": "gzip"})
    assert gzip.decompress(packed.body) == first.body
    assert packed.headers["etag"] == f"W/{first.headers['etag']}"
    known = {"Accept-Encoding": "gzip", "If-None-Match": packed.headers["etag"]}
    assert server.ask("GET", path, headers=known).status == 304


def test_what_is_taken_is_gone_with_the_news_of_it(
    server: Server, slots: list[Slot], ana: Patient
) -> None:
    path = of(slots[0].doctor, "days")
    assert read(server, path)["days"][0]["free"] == 4
    booked(slots[0], ana)
    wait_for(lambda: read(server, path)["days"][0]["free"] == 3)


def test_a_change_that_nobody_hears_of_is_told_all_the_same(
    server: Server, slots: list[Slot]
) -> None:
    """As when a notification is lost. That it takes less than two seconds is for test_kept.py."""
    path = of(slots[0].doctor, "days")
    assert read(server, path)["days"][0]["free"] == 4
    with connection.cursor() as cursor:
        cursor.execute("delete from schedule_slot where id = %s", [slots[0].pk])
    wait_for(lambda: read(server, path)["days"][0]["free"] == 3)
