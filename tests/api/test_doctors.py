"""Anyone may look up who has time."""

import json
from datetime import date, time
from typing import Any
from uuid import uuid4

import pytest

from clinicall.people.models import Clinic, Doctor, DoctorState, Patient
from clinicall.schedule.models import Slot
from clinicall.schedule.publish import publish
from clinicall.schedule.slotting import Window
from tests import cast
from tests.api.conftest import Answer, Calling, faults, refusal
from tests.clinic_clock import NOON, ClinicClock


def told(response: Answer) -> Any:
    assert response.status_code == 200, response.content
    return json.loads(response.content)


def slots_path(doctor: Doctor, query: str = "") -> str:
    return f"/doctors/{doctor.pk}/slots{query}"


def test_the_directory_tells_who_has_time_and_from_when(
    calling: Calling, slots: list[Slot], dr_osei: Doctor, dr_silva: Doctor
) -> None:
    assert told(calling(None).get("/doctors")) == {
        "items": [
            {
                "id": str(dr_osei.pk),
                "name": "Dr Kofi Osei",
                "specialization": {"id": str(dr_osei.specialization_id), "name": "Cardiology"},
                "clinic": {"id": str(dr_osei.clinic_id), "name": "Lakeside"},
                "timezone": "Asia/Colombo",
                "fee": {"amount": 250_000, "currency": "LKR"},
                "nextOpening": "2026-11-25T03:30:00Z",
            }
        ],
        "page": 1,
        "pageSize": 20,
        "total": 1,
    }


def test_doctors_are_found_by_name_and_by_specialization(
    calling: Calling, slots: list[Slot], free_slots: list[Slot], dr_osei: Doctor
) -> None:
    def names(query: str) -> list[str]:
        return [one["name"] for one in told(calling(None).get(f"/doctors{query}"))["items"]]

    assert names("") == ["Dr Kofi Osei", "Dr Nimal Silva"]
    assert names("?name=osei kofi") == ["Dr Kofi Osei"]
    assert names(f"?specialization={dr_osei.specialization_id}") == ["Dr Kofi Osei"]
    assert names(f"?name=silva&specialization={dr_osei.specialization_id}") == []
    assert names("?name=&specialization=") == ["Dr Kofi Osei", "Dr Nimal Silva"]
    assert names("?name=%25") == []
    assert names("?name=' OR 1=1--") == []


def test_the_directory_comes_in_pages_and_a_page_past_the_end_is_empty(
    calling: Calling, slots: list[Slot], free_slots: list[Slot]
) -> None:
    page = told(calling(None).get("/doctors?page=2&pageSize=1"))
    assert [one["name"] for one in page["items"]] == ["Dr Nimal Silva"]
    assert (page["page"], page["pageSize"], page["total"]) == (2, 1, 2)
    past = told(calling(None).get(f"/doctors?page={10**17}"))
    assert (past["items"], past["total"]) == ([], 2)


@pytest.mark.parametrize(
    ("query", "fault"),
    [
        ("page=0", ("#/page", "out_of_range")),
        ("page=-1", ("#/page", "not_a_number")),
        ("page=1e9", ("#/page", "not_a_number")),
        ("page=١", ("#/page", "not_a_number")),
        ("page=", ("#/page", "not_a_number")),
        ("page=9999999999999999999", ("#/page", "not_a_number")),
        ("pageSize=101", ("#/pageSize", "out_of_range")),
        ("page_size=5", ("#/page_size", "unknown_parameter")),
        ("sort=fee", ("#/sort", "unknown_parameter")),
        ("name=a&name=b", ("#/name", "repeated")),
        ("name=a%00b", ("#/name", "characters")),
        (f"name={'x' * 101}", ("#/name", "too_long")),
        ("specialization=999999", ("#/specialization", "unknown")),
        ("specialization=heart", ("#/specialization", "unknown")),
        (f"specialization={10**30}", ("#/specialization", "unknown")),
    ],
)
def test_a_question_that_is_not_understood_is_refused(
    calling: Calling, slots: list[Slot], query: str, fault: tuple[str, str]
) -> None:
    assert faults(calling(None).get(f"/doctors?{query}")) == {fault}


def test_specializations_are_counted_by_doctors_who_have_time(
    calling: Calling, slots: list[Slot], clinic: Clinic, dr_silva: Doctor, dr_osei: Doctor
) -> None:
    other = cast.a_doctor(clinic, "Dr Amara Perera", "Cardiology")
    publish(other, [Window(date(2026, 11, 26), time(9), time(9, 30), 15)], now=NOON)
    items = told(calling(None).get("/specializations"))["items"]
    assert items == [{"id": str(dr_osei.specialization_id), "name": "Cardiology", "doctors": 2}]


def test_a_doctor_is_shown_with_what_patients_want_to_know_even_without_time(
    calling: Calling, dr_silva: Doctor
) -> None:
    shown = told(calling(None).get(f"/doctors/{dr_silva.pk}"))
    assert (shown["languages"], shown["about"]) == (["English", "Sinhala"], "")
    assert shown["fee"] == {"amount": 0, "currency": "LKR"}
    assert shown["nextOpening"] is None


def test_what_is_no_doctor_is_not_there(
    calling: Calling, dr_osei: Doctor, dr_silva: Doctor, ana: Patient
) -> None:
    dr_silva.state = DoctorState.SUSPENDED
    dr_silva.save()
    nobody = calling(None)
    for named in (
        *(dr_silva.pk, ana.pk, uuid4(), str(dr_osei.pk).upper(), "{" + str(dr_osei.pk) + "}"),
        *(dr_osei.pk.hex, dr_osei.pk.urn, "0", "-1", 10**30, "%00", "%2e%2e", "١"),
    ):
        assert refusal(nobody.get(f"/doctors/{named}")) == (404, "not_found"), named
        assert refusal(nobody.get(f"/doctors/{named}/slots?nonsense=1")) == (404, "not_found")


def test_open_slots_are_grouped_by_the_viewers_own_dates(calling: Calling, dr_osei: Doctor) -> None:
    publish(dr_osei, [Window(date(2026, 11, 25), time(9), time(10), 30)], now=NOON)
    here = told(calling(None).get(slots_path(dr_osei)))
    assert here["timezone"] == "Asia/Colombo"
    assert [day["date"] for day in here["days"]] == ["2026-11-25"]
    assert [slot["startsAt"] for slot in here["days"][0]["slots"]] == [
        "2026-11-25T03:30:00Z",
        "2026-11-25T04:00:00Z",
    ]
    far = told(calling(None).get(slots_path(dr_osei, "?timezone=America/Los_Angeles")))
    assert [day["date"] for day in far["days"]] == ["2026-11-24"]
    none = told(
        calling(None).get(
            slots_path(dr_osei, "?timezone=America/Los_Angeles&from=2026-11-25&to=2026-11-25")
        )
    )
    assert none == {"timezone": "America/Los_Angeles", "days": []}


def test_a_held_slot_is_not_shown_until_its_hold_lapses(
    calling: Calling, slots: list[Slot], dr_osei: Doctor, ana: Patient, clock: ClinicClock
) -> None:
    def shown() -> list[str]:
        days = told(calling(None).get(slots_path(dr_osei)))["days"]
        return [slot["id"] for day in days for slot in day["slots"]]

    everything = [str(slot.pk) for slot in slots]
    held = json.loads(calling(ana).book(slots[0]).content)
    assert shown() == everything[1:]
    clock.set(NOON.replace(minute=40))
    assert held["holdExpiresAt"] == "2026-11-23T06:40:00Z"
    assert shown() == everything


def test_who_has_seen_the_slots_already_is_told_so(
    calling: Calling, slots: list[Slot], dr_osei: Doctor, ana: Patient
) -> None:
    first = calling(None).get(slots_path(dr_osei))
    again = calling(None).get(slots_path(dr_osei), **{"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    calling(ana).book(slots[0])
    changed = calling(None).get(slots_path(dr_osei), **{"If-None-Match": first["ETag"]})
    assert changed.status_code == 200
    assert changed["ETag"] != first["ETag"]


@pytest.mark.parametrize(
    ("query", "fault"),
    [
        ("from=2026-11-26&to=2026-11-25", ("#/to", "before_from")),
        ("from=2026-11-01&to=2027-02-01", ("#/to", "too_far")),
        ("from=2026-02-30", ("#/from", "not_a_date")),
        ("from=26-11-25", ("#/from", "not_a_date")),
        ("from=20261125", ("#/from", "not_a_date")),
        ("from=2026-W48-3", ("#/from", "not_a_date")),
        ("from=0001-01-01", ("#/from", "not_a_date")),
        ("from=9999-12-31", ("#/from", "not_a_date")),
        ("to=٢٠٢٦-١١-٢٥", ("#/to", "not_a_date")),
    ],
)
def test_dates_that_cannot_be_asked_for_are_refused(
    calling: Calling, dr_osei: Doctor, query: str, fault: tuple[str, str]
) -> None:
    assert faults(calling(None).get(slots_path(dr_osei, f"?{query}"))) == {fault}


def test_ninety_two_days_can_be_asked_for_at_once(calling: Calling, dr_osei: Doctor) -> None:
    told(calling(None).get(slots_path(dr_osei, "?from=2026-11-01&to=2027-01-31")))
