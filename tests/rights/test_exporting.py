"""A patient asks for a copy of what is kept of them."""

import json
from io import BytesIO
from typing import Any
from zipfile import ZipFile

from django.db import connection
from django.test.utils import CaptureQueriesContext

from clinicall.people.models import Patient
from clinicall.records import audit
from clinicall.records.models import Action
from clinicall.rights.exporting import export
from clinicall.schedule.models import Slot
from tests.booking.test_ending import paid


def exported(patient: Patient) -> tuple[Any, str]:
    with ZipFile(BytesIO(export(patient.user, by=patient.user))) as files:
        return json.loads(files.read("record.json")), files.read("record.html").decode()


def test_it_holds_all_that_they_told_us_and_what_became_of_it(
    slots: list[Slot], ana: Patient, ben: Patient
) -> None:
    visit = paid(slots[0], ana)
    paid(slots[1], ben)
    kept, page = exported(ana)
    (appointment,) = kept["appointments"]
    told = ("reference", "phone", "nic", "reason", "email", "status", "doctor")
    assert [appointment[name] for name in told] == [
        visit.reference,
        "+94112345678",
        "199012345678",
        "Cough for two weeks",
        "ana@clinic.example",
        "confirmed",
        "Dr Kofi Osei",
    ]
    assert appointment["startsAt"] == "2026-11-25T03:30:00Z"
    assert appointment["payment"]["status"] == "succeeded"
    assert [step["to"] for step in appointment["steps"]] == ["pending", "confirmed"]
    assert "199012345678" in page
    assert "ben@clinic.example" not in json.dumps(kept) + page


def test_it_tells_who_opened_the_record(slots: list[Slot], ana: Patient) -> None:
    visit = paid(slots[0], ana)
    audit.note(Action.VIEWED, "appointment", by=visit.doctor.user, of=[ana.pk], seen=[visit.pk])
    kept, _ = exported(ana)
    by_doctor, by_ana = kept["whoOpenedIt"]
    assert (by_doctor["who"], by_doctor["did"]) == ("Dr Kofi Osei", "viewed")
    assert (by_ana["who"], by_ana["did"]) == ("patient", "exported")


def test_there_is_no_credential_in_it(slots: list[Slot], ana: Patient) -> None:
    visit = paid(slots[0], ana)
    kept, page = exported(ana)
    assert visit.token
    assert visit.token not in json.dumps(kept) + page
    assert ana.user.password not in json.dumps(kept) + page


def test_what_they_wrote_is_shown_and_does_nothing(slots: list[Slot], ana: Patient) -> None:
    visit = paid(slots[0], ana)
    visit.reason = "<script>alert(1)</script>"
    visit.save()
    _, page = exported(ana)
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_a_long_record_asks_the_database_no_more_than_a_short_one(
    slots: list[Slot], ana: Patient
) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            exported(ana)
        return len(queries)

    paid(slots[0], ana)
    one = asked()
    for slot in slots[1:]:
        paid(slot, ana)
    assert asked() == one
