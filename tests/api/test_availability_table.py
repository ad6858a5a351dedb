"""What may be sent about hours, case by case with the exact answer; what is refused changes nothing."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import quote

import pytest

from clinicall.people.models import Clinic, Doctor, Patient
from clinicall.schedule.models import Availability, Slot
from tests import cast
from tests.api.conftest import Calling, faults, problem_of, refusal
from tests.booking.test_ending import paid
from tests.clinic_clock import NOON, ClinicClock
from tests.conftest import booked

PLAIN = {"date": "2026-11-26", "startTime": "14:00", "endTime": "15:00", "durationMinutes": 20}
# In London the clocks skip 01:00 to 02:00 on the one night and show it twice on the other.
FORWARD, BACK = "2027-03-28", "2027-10-31"


def day(text: Any) -> dict[str, Any]:
    return {"date": text}


def span(start: Any, end: Any, minutes: int = 20) -> dict[str, Any]:
    return {"startTime": start, "endTime": end, "durationMinutes": minutes}


def lasting(minutes: Any) -> dict[str, Any]:
    return {"durationMinutes": minutes}


def published() -> list[object]:
    return [*Availability.objects.order_by("pk").values(), *Slot.objects.order_by("pk").values()]


# --- A window that makes no sense ---

NOT_FUTURE, TOO_FAR, NO_DATE = ("date", "not_future"), ("date", "too_far"), ("date", "not_a_date")
NO_START, NO_END = ("startTime", "not_a_time"), ("endTime", "not_a_time")
SKIPPED_START, SKIPPED_END = [(at, "time_does_not_exist") for at in ("startTime", "endTime")]
ENDS_EARLY = ("endTime", "end_before_start")
OUT_OF_RANGE = ("durationMinutes", "out_of_range")
NO_NUMBER = ("durationMinutes", "wrong_type")
NOT_FITTING = ("durationMinutes", "does_not_fit")
TOO_MANY = ("durationMinutes", "too_many_slots")

WRONG_WINDOWS = {
    "yesterday": (day("2026-11-22"), NOT_FUTURE),
    "today": (day("2026-11-23"), NOT_FUTURE),
    "no such day": (day("2026-02-30"), NO_DATE),
    "no leap year": (day("2026-02-29"), NO_DATE),
    "the year 0": (day("0000-01-01"), NO_DATE),
    "the last year": (day("9999-12-31"), NO_DATE),
    "the first year": (day("0001-01-01"), NO_DATE),
    "before the first year": (day("0001-01-01T00:00+14:00"), NO_DATE),
    "slashes": (day("02/03/2026"), NO_DATE),
    "a week and its day": (day("2026-W05-1"), NO_DATE),
    "no dashes": (day("20260201"), NO_DATE),
    "an instant for a date": (day("2026-11-26T00:00:00Z"), NO_DATE),
    "a number for a date": (day(20261126), NO_DATE),
    "no date": (day(None), NO_DATE),
    "more than a year ahead": (day("2027-11-24"), TOO_FAR),
    "no time at all": (span("14:00", "14:00"), ENDS_EARLY),
    "backwards": (span("14:00", "13:00"), ENDS_EARLY),
    "over midnight": (span("22:00", "02:00"), ENDS_EARLY),
    "until 24:00": (span("14:00", "24:00"), NO_END),
    "from 24:00": (span("24:00", "23:00"), NO_START),
    "a leap second": (span("14:00", "23:59:60"), NO_END),
    "one digit": (span("9:5", "15:00"), NO_START),
    "a split second": (span("09:00:00.5", "15:00"), NO_START),
    "seconds": (span("14:00:00", "15:00"), NO_START),
    "Arabic digits in a time": (span("٠٩:٠٠", "15:00"), NO_START),
    "a number for a time": (span(540, "15:00"), NO_START),
    "no start": (span(None, "15:00"), NO_START),
    "begins in the skipped hour": (day(FORWARD) | span("01:30", "04:00"), SKIPPED_START),
    "ends in the skipped hour": (day(FORWARD) | span("00:00", "01:30"), SKIPPED_END),
    "0 minutes": (lasting(0), OUT_OF_RANGE),
    "-15 minutes": (lasting(-15), OUT_OF_RANGE),
    "1 minute": (lasting(1), OUT_OF_RANGE),
    "4 minutes": (lasting(4), OUT_OF_RANGE),
    "721 minutes": (span("00:00", "23:59", 721), OUT_OF_RANGE),
    "a million million years": (lasting(10**18), OUT_OF_RANGE),
    "a fraction": (lasting(15.5), NO_NUMBER),
    "a whole number with a point": (lasting(15.0), NO_NUMBER),
    "digits in quotes": (lasting("15"), NO_NUMBER),
    "Arabic digits": (lasting("١٥"), NO_NUMBER),
    "yes for a number": (lasting(True), NO_NUMBER),
    "no number": (lasting(None), NO_NUMBER),
    "longer than the hours": (lasting(61), NOT_FITTING),
    "5 minutes all through 25 hours": (day(BACK) | span("00:00", "23:59", 5), TOO_MANY),
    "a zone": ({"timezone": "Asia/Tokyo"}, ("timezone", "unknown_member")),
    "another doctor": ({"doctorId": "1"}, ("doctorId", "unknown_member")),
    "another doctor, otherwise spelled": ({"doctor_id": "1"}, ("doctor_id", "unknown_member")),
}


@pytest.mark.parametrize(("changes", "fault"), WRONG_WINDOWS.values(), ids=WRONG_WINDOWS)
def test_a_window_that_makes_no_sense_is_refused_by_name_with_all_beside_it(
    calling: Calling, clinic: Clinic, changes: dict[str, Any], fault: tuple[str, str]
) -> None:
    london = changes.get("date") in (FORWARD, BACK)
    zone = "Europe/London" if london else "Asia/Colombo"
    doctor = cast.a_doctor(clinic, "Dr Kofi Osei", "Cardiology", timezone=zone)
    windows = [PLAIN | day("2026-11-27"), PLAIN | changes]
    answer = calling(doctor).post("/availability", {"windows": windows})
    assert faults(answer) == {(f"#/windows/1/{fault[0]}", fault[1])}
    assert problem_of(answer)["code"] == ("not_future" if fault == NOT_FUTURE else "invalid")
    assert not published()


OF_A_DAY = {name: row for name, row in WRONG_WINDOWS.items() if "date" not in row[0]}


@pytest.mark.parametrize(("changes", "fault"), OF_A_DAY.values(), ids=OF_A_DAY)
def test_new_hours_of_a_day_are_refused_in_the_same_words(
    calling: Calling,
    slots: list[Slot],
    dr_osei: Doctor,
    changes: dict[str, Any],
    fault: tuple[str, str],
) -> None:
    before = published()
    hours = {name: value for name, value in (PLAIN | changes).items() if name != "date"}
    answer = calling(dr_osei).send("PUT", "/availability/2026-11-25", {"windows": [hours]})
    assert faults(answer) == {(f"#/windows/0/{fault[0]}", fault[1])}
    assert published() == before


# --- What is refused for what is there, or for who asks; Dr Osei sees patients on the 25th, 9 to 10 ---

ALL, THE_DAY, NO_DAY = "/availability", "/availability/2026-11-25", "/availability/2026-11-26"
THE_SAME = PLAIN | day("2026-11-25") | span("09:00", "10:00", 15)
NEW = {"windows": [span("14:00", "15:00")]}
ANOTHERS = {"doctorId": "1"}
OVERLAP, IN_USE = (409, "overlap"), (409, "slots_in_use")
NOT_THERE, NOT_A_DOCTOR, WHO = (404, "not_found"), (403, "wrong_role"), (401, "not_signed_in")


def these(*windows: dict[str, Any]) -> dict[str, Any]:
    return {"windows": windows}


REFUSED = {
    "overlaps own hours": (
        ("doctor", "POST", ALL, these(PLAIN, THE_SAME | span("09:45", "11:00"))),
        OVERLAP,
    ),
    "overlaps itself": (
        ("doctor", "POST", ALL, these(PLAIN, PLAIN | span("14:45", "16:00"))),
        OVERLAP,
    ),
    "the same again": (("doctor", "POST", ALL, these(THE_SAME)), OVERLAP),
    "for another doctor": (("doctor", "POST", ALL, these(PLAIN) | ANOTHERS), (422, "invalid")),
    "of another doctor": (("doctor", "PUT", THE_DAY, NEW | ANOTHERS), (422, "invalid")),
    "another doctor's day": (("other doctor", "PUT", THE_DAY, NEW), NOT_THERE),
    "another doctor's day away": (("other doctor", "DELETE", THE_DAY, None), NOT_THERE),
    "nobody's day": (("doctor", "PUT", NO_DAY, NEW), NOT_THERE),
    "nobody's day away": (("doctor", "DELETE", NO_DAY, None), NOT_THERE),
    "a patient looks": (("patient", "GET", ALL, None), NOT_A_DOCTOR),
    "a patient adds": (("patient", "POST", ALL, these(PLAIN)), NOT_A_DOCTOR),
    "a patient changes": (("patient", "PUT", THE_DAY, NEW), NOT_A_DOCTOR),
    "a patient takes away": (("patient", "DELETE", THE_DAY, None), NOT_A_DOCTOR),
    "nobody looks": (("nobody", "GET", ALL, None), WHO),
    "nobody adds": (("nobody", "POST", ALL, these(PLAIN)), WHO),
    "nobody changes": (("nobody", "PUT", THE_DAY, NEW), WHO),
    "nobody takes away": (("nobody", "DELETE", THE_DAY, None), WHO),
}


@pytest.mark.parametrize(("call", "answer"), REFUSED.values(), ids=REFUSED)
def test_what_stands_in_the_way_is_told(
    calling: Calling,
    slots: list[Slot],
    dr_osei: Doctor,
    dr_silva: Doctor,
    ana: Patient,
    call: tuple[str, str, str, Any],
    answer: tuple[int, str],
) -> None:
    before = published()
    who, method, path, body = call
    people = {"doctor": dr_osei, "other doctor": dr_silva, "patient": ana, "nobody": None}
    assert refusal(calling(people[who]).send(method, path, body)) == answer
    assert published() == before


@pytest.mark.parametrize(("method", "body"), [("PUT", NEW), ("DELETE", None)])
@pytest.mark.parametrize(("taken", "until"), [(booked, "2026-11-23T06:40:00Z"), (paid, None)])
def test_a_day_with_a_hold_or_a_visit_stays_and_the_answer_says_until_when(
    calling: Calling,
    slots: list[Slot],
    dr_osei: Doctor,
    ana: Patient,
    method: str,
    body: Any,
    taken: Callable[[Slot, Patient], object],
    until: str | None,
) -> None:
    taken(slots[1], ana)
    before = published()
    answer = calling(dr_osei).send(method, THE_DAY, body)
    assert (refusal(answer), problem_of(answer)["retryAt"]) == (IN_USE, until)
    assert published() == before


def test_a_day_is_taken_away_once(calling: Calling, slots: list[Slot], dr_osei: Doctor) -> None:
    assert calling(dr_osei).send("DELETE", THE_DAY).status_code == 204
    assert refusal(calling(dr_osei).send("DELETE", THE_DAY)) == NOT_THERE


def test_a_long_night_has_no_more_slots_than_any_other_date(
    calling: Calling, clinic: Clinic
) -> None:
    doctor = calling(cast.a_doctor(clinic, "Dr Far Away", "Cardiology", timezone="Europe/London"))
    morning = PLAIN | day(BACK) | span("00:00", "12:00", 5)
    assert doctor.post(ALL, these(morning)).status_code == 201
    afternoon = doctor.post(ALL, these(morning | span("12:00", "23:59", 5)))
    assert faults(afternoon) == {("#/windows", "too_many_slots")}
    assert Slot.objects.count() == 13 * 12


# --- What is accepted, and what it means ---

LONDON, KIRITIMATI, PAGO_PAGO = "Europe/London", "Pacific/Kiritimati", "Pacific/Pago_Pago"
EARLY, LATE = NOON.replace(hour=6), NOON.replace(hour=18)  # of 23 November, in UTC

ACCEPTED = {
    "tomorrow": (LONDON, NOON, day("2026-11-24"), ("2026-11-24T14:00:00Z", 3, 0)),
    "a year ahead": (LONDON, NOON, day("2027-11-23"), ("2027-11-23T14:00:00Z", 3, 0)),
    "tomorrow only there": (PAGO_PAGO, EARLY, day("2026-11-23"), ("2026-11-24T01:00:00Z", 3, 0)),
    "a rest too short": (LONDON, NOON, lasting(25), ("2026-11-26T14:00:00Z", 2, 10)),
    "touching": (LONDON, NOON, span("15:00", "16:00"), ("2026-11-26T15:00:00Z", 3, 0)),
    "across the skipped hour": (
        *(LONDON, NOON, day(FORWARD) | span("00:00", "04:00", 30)),
        ("2027-03-28T00:00:00Z", 6, 0),
    ),
    "from the hour shown twice": (
        *(LONDON, NOON, day(BACK) | span("01:30", "03:00", 30)),
        ("2027-10-31T00:30:00Z", 5, 0),
    ),
    "until the hour shown twice": (
        *(LONDON, NOON, day(BACK) | span("00:30", "01:30", 30)),
        ("2027-10-30T23:30:00Z", 2, 0),
    ),
}


@pytest.mark.parametrize(("zone", "now", "changes", "meant"), ACCEPTED.values(), ids=ACCEPTED)
def test_what_sounds_odd_and_is_right_is_published(
    calling: Calling,
    clinic: Clinic,
    clock: ClinicClock,
    zone: str,
    now: datetime,
    changes: dict[str, Any],
    meant: tuple[str, int, int],
) -> None:
    clock.set(now)
    doctor = calling(cast.a_doctor(clinic, "Dr Far Away", "Cardiology", timezone=zone))
    if "startTime" in changes and "date" not in changes:
        assert doctor.post(ALL, these(PLAIN)).status_code == 201
    answer = doctor.post(ALL, these(PLAIN | changes))
    assert answer.status_code == 201
    (told,) = json.loads(answer.content)["days"]
    starts = [slot["startsAt"] for slot in told["slots"]]
    assert meant[0] in starts
    assert (starts[-meant[1]], told["windows"][-1]["leftoverMinutes"]) == (meant[0], meant[2])


def test_tomorrow_in_utc_is_today_far_in_the_east(
    calling: Calling, clinic: Clinic, clock: ClinicClock
) -> None:
    clock.set(LATE)
    doctor = calling(cast.a_doctor(clinic, "Dr Far Away", "Cardiology", timezone=KIRITIMATI))
    answer = doctor.post(ALL, these(PLAIN | day("2026-11-24")))
    assert faults(answer) == {("#/windows/0/date", "not_future")}


# --- Zones that are none ---


@pytest.mark.parametrize(
    "zone",
    [
        *("Foo/Bar", "", "../../etc/passwd", "/etc/localtime", "localtime", "tzdata.zi"),
        *("posix/UTC", "europe/london", "UTC\0", "x" * 300, "Factory", "right/UTC", "Asia"),
    ],
)
def test_a_zone_that_does_not_exist_is_refused_by_name(
    calling: Calling, dr_osei: Doctor, zone: str
) -> None:
    answer = calling(None).get(f"/doctors/{dr_osei.pk}/slots?timezone={quote(zone)}")
    assert refusal(answer) == (422, "unknown_timezone")
    assert faults(answer) == {("#/timezone", "unknown_timezone")}
