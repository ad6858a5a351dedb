"""A doctor's hours."""

import json
from datetime import date, timedelta
from typing import Any

import pytest

from clinicall.people.models import Doctor, Patient
from clinicall.schedule.models import Availability, Slot
from tests.api.conftest import Calling, faults, problem_of, refusal
from tests.clinic_clock import NOON, ClinicClock
from tests.conftest import booked


def hours(start: str = "14:00", end: str = "15:00", minutes: Any = 20) -> dict[str, Any]:
    return {"startTime": start, "endTime": end, "durationMinutes": minutes}


def on(day: str, **facts: Any) -> dict[str, Any]:
    return {"date": day, **hours(**facts)}


def test_publishing_answers_the_days_with_their_slots(calling: Calling, dr_osei: Doctor) -> None:
    windows = [on("2026-11-26", end="14:50"), on("2026-11-25", start="09:00", end="09:20")]
    answer = calling(dr_osei).post("/availability", {"windows": windows})
    assert answer.status_code == 201
    days = json.loads(answer.content)["days"]
    assert [day["date"] for day in days] == ["2026-11-25", "2026-11-26"]
    assert days[1]["timezone"] == "Asia/Colombo"
    assert days[1]["windows"] == [hours(end="14:50") | {"leftoverMinutes": 10}]
    assert days[1]["locked"] is None
    first, second = days[1]["slots"]
    assert set(first) == {"id", "startsAt", "endsAt", "state"}
    assert (first["startsAt"], first["endsAt"], first["state"]) == (
        "2026-11-26T08:30:00Z",
        "2026-11-26T08:50:00Z",
        "open",
    )
    assert second["startsAt"] == first["endsAt"]


def test_a_day_says_what_became_of_its_slots_and_whether_it_can_change(
    calling: Calling, slots: list[Slot], dr_osei: Doctor, ana: Patient, clock: ClinicClock
) -> None:
    def states() -> tuple[str | None, list[str]]:
        (day,) = json.loads(calling(dr_osei).get("/availability").content)["days"]
        return day["locked"], [slot["state"] for slot in day["slots"]]

    assert states() == (None, ["open"] * 4)
    calling(ana).book(slots[1])
    assert states() == ("held", ["open", "held", "open", "open"])
    clock.move(timedelta(minutes=10))
    assert states() == (None, ["open"] * 4)
    clock.set(slots[2].starts_at)
    assert states() == (None, ["past", "past", "past", "open"])


def test_a_booked_day_is_locked(
    calling: Calling, free_slots: list[Slot], dr_silva: Doctor, ana: Patient
) -> None:
    booked(free_slots[0], ana)
    (day,) = json.loads(calling(dr_silva).get("/availability").content)["days"]
    assert day["locked"] == "booked"
    assert day["slots"][0]["state"] == "booked"


def test_a_day_can_be_replaced_and_taken_back(
    calling: Calling, slots: list[Slot], dr_osei: Doctor
) -> None:
    doctor = calling(dr_osei)
    changed = doctor.send("PUT", "/availability/2026-11-25", {"windows": [hours()]})
    assert changed.status_code == 200
    assert json.loads(changed.content)["windows"] == [hours() | {"leftoverMinutes": 0}]
    assert Slot.objects.filter(doctor=dr_osei).count() == 3
    gone = doctor.send("DELETE", "/availability/2026-11-25")
    assert (gone.status_code, gone.content) == (204, b"")
    assert refusal(doctor.send("DELETE", "/availability/2026-11-25")) == (404, "not_found")
    assert not Slot.objects.exists()


def test_a_day_with_patients_stays_as_it_is_and_says_until_when(
    calling: Calling, slots: list[Slot], free_slots: list[Slot], dr_osei: Doctor, dr_silva: Doctor,
    ana: Patient, ben: Patient,
) -> None:  # fmt: skip
    booked(slots[0], ana)
    booked(free_slots[1], ben)
    held = calling(dr_osei).send("DELETE", "/availability/2026-11-25")
    assert refusal(held) == (409, "slots_in_use")
    assert problem_of(held)["retryAt"] == "2026-11-23T06:40:00Z"
    taken = calling(dr_silva).send("PUT", "/availability/2026-11-25", {"windows": [hours()]})
    assert refusal(taken) == (409, "slots_in_use")
    assert problem_of(taken)["retryAt"] is None
    assert Slot.objects.count() == 8


def test_only_days_after_the_doctors_own_today_can_be_managed(
    calling: Calling, dr_osei: Doctor
) -> None:
    today = calling(dr_osei).post("/availability", {"windows": [on("2026-11-23")]})
    assert refusal(today) == (422, "not_future")
    assert faults(today) == {("#/windows/0/date", "not_future")}
    late = calling(dr_osei).post("/availability", {"windows": [on("2027-11-24")]})
    assert refusal(late) == (422, "invalid")
    assert faults(late) == {("#/windows/0/date", "too_far")}


def test_a_day_that_has_begun_can_be_neither_replaced_nor_taken_back(
    calling: Calling, slots: list[Slot], dr_osei: Doctor, clock: ClinicClock
) -> None:
    clock.set(NOON + timedelta(days=2))
    doctor = calling(dr_osei)
    assert refusal(doctor.send("DELETE", "/availability/2026-11-25")) == (422, "not_future")
    changed = doctor.send("PUT", "/availability/2026-11-25", {"windows": [hours()]})
    assert refusal(changed) == (422, "not_future")


def test_hours_that_overlap_are_refused_together_with_what_they_overlap(
    calling: Calling, slots: list[Slot], dr_osei: Doctor
) -> None:
    windows = [on("2026-11-26"), on("2026-11-25", start="09:30", end="11:00")]
    answer = calling(dr_osei).post("/availability", {"windows": windows})
    assert refusal(answer) == (409, "overlap")
    assert problem_of(answer)["conflicts"] == [
        {"date": "2026-11-25", "startTime": "09:00", "endTime": "10:00"}
    ]
    assert Availability.objects.count() == 1


@pytest.mark.parametrize(
    ("windows", "code"),
    [
        ([], "too_few"),
        ([on("2026-11-26")] * 751, "too_many"),
        ({}, "wrong_type"),
        (None, "wrong_type"),
    ],
)
def test_hours_come_in_a_list_of_1_to_750(
    calling: Calling, dr_osei: Doctor, windows: Any, code: str
) -> None:
    answer = calling(dr_osei).post("/availability", {"windows": windows})
    assert faults(answer) == {("#/windows", code)}


def test_a_year_of_hours_can_be_read_at_once(
    calling: Calling, slots: list[Slot], dr_osei: Doctor
) -> None:
    doctor = calling(dr_osei)
    year = doctor.get("/availability?from=2026-11-23&to=2027-11-23")
    assert [day["date"] for day in json.loads(year.content)["days"]] == ["2026-11-25"]
    later = doctor.get("/availability?from=2026-11-26&to=2026-11-27")
    assert json.loads(later.content) == {"days": []}
    more = doctor.get("/availability?from=2026-11-23&to=2027-11-24")
    assert faults(more) == {("#/to", "too_far")}


def test_a_doctor_has_only_their_own_hours(
    calling: Calling, slots: list[Slot], dr_silva: Doctor
) -> None:
    other = calling(dr_silva)
    assert json.loads(other.get("/availability").content) == {"days": []}
    assert refusal(other.send("DELETE", "/availability/2026-11-25")) == (404, "not_found")
    assert Slot.objects.count() == 4


@pytest.mark.parametrize("day", ["2026-11-24", "2026-02-30", "yesterday", "20261125", "%00"])
def test_a_day_without_hours_is_not_there(
    calling: Calling, slots: list[Slot], dr_osei: Doctor, day: str
) -> None:
    doctor = calling(dr_osei)
    assert refusal(doctor.send("DELETE", f"/availability/{day}")) == (404, "not_found")
    assert refusal(doctor.send("PUT", f"/availability/{day}", {"nonsense": 1})) == (
        404,
        "not_found",
    )


def test_the_first_coming_hour_is_today_plus_one_in_the_doctors_zone(
    calling: Calling, dr_osei: Doctor, clock: ClinicClock
) -> None:
    # 19:00 UTC is past midnight in Colombo, where it is the 24th already.
    clock.set(NOON.replace(hour=19))
    doctor = calling(dr_osei)
    answer = doctor.post("/availability", {"windows": [on(f"{date(2026, 11, 24)}")]})
    assert refusal(answer) == (422, "not_future")
