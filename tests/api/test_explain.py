"""Which rule opens or closes a time."""

import json
from urllib.parse import urlencode

import pytest
from django.test import Client

from clinicall.people.models import Clinic, Doctor, DoctorState, Patient, Role, User
from clinicall.schedule.models import Slot
from tests.api.conftest import Caller, Calling, faults, refusal
from tests.conftest import booked

AT = "2026-11-25T03:30:00Z"  # 09:00 in Colombo
NOBODY = "00000000-0000-4000-8000-000000000000"


def path(doctor: Doctor, at: str = AT) -> str:
    return f"/doctors/{doctor.pk}/explain?{urlencode({'at': at})}"


def of_the_clinic(role: Role, clinic: Clinic | None) -> Caller:
    client = Client()
    client.force_login(User.objects.create_user(f"{role}@x.example", role=role, clinic=clinic))
    return Caller(client)


def test_a_doctor_reads_why_a_time_is_open(
    calling: Calling, dr_osei: Doctor, slots: list[Slot]
) -> None:
    told = json.loads(calling(dr_osei).get(path(dr_osei, "2026-11-25T09:05:00+05:30")).content)
    facts = told.pop("facts")
    assert told == {
        "at": "2026-11-25T03:35:00Z",
        "doctorId": str(dr_osei.pk),
        "timezone": "Asia/Colombo",
        "localTime": "2026-11-25T09:05:00+05:30",
        "verdict": "open",
        "slotId": str(slots[0].pk),
    }
    assert [fact["code"] for fact in facts] == ["local_time", "in_hours", "slot", "open"]
    assert all(set(fact) == {"code", "detail"} for fact in facts)


def test_where_there_is_no_slot_its_id_is_null(calling: Calling, dr_osei: Doctor) -> None:
    told = json.loads(calling(dr_osei).get(path(dr_osei)).content)
    assert (told["verdict"], told["slotId"]) == ("closed", None)


def test_staff_read_it_of_their_own_clinics_doctors_and_admins_of_all(
    dr_silva: Doctor, free_slots: list[Slot], ana: Patient, clinic: Clinic
) -> None:
    visit = booked(free_slots[0], ana)
    elsewhere = Clinic.objects.create(name="Hilltop", timezone="Asia/Colombo", currency="LKR")
    staff = of_the_clinic(Role.STAFF, clinic)
    answer = staff.get(path(dr_silva))
    assert json.loads(answer.content)["verdict"] == "booked"
    assert visit.reference in answer.content.decode()
    answer = of_the_clinic(Role.ADMIN, None).get(path(dr_silva))
    assert answer.status_code == 200
    assert visit.reference not in answer.content.decode()
    User.objects.filter(role=Role.STAFF).update(clinic=elsewhere)
    assert refusal(staff.get(path(dr_silva))) == (404, "not_found")


def test_strangers_patients_and_other_doctors_do_not(
    calling: Calling, dr_osei: Doctor, dr_silva: Doctor, ana: Patient
) -> None:
    nonsense = path(dr_osei, "nonsense")
    assert refusal(calling(None).get(nonsense)) == (401, "not_signed_in")
    assert refusal(calling(ana).get(nonsense)) == (403, "wrong_role")
    assert refusal(calling(dr_silva).get(nonsense)) == (404, "not_found")
    for some_id in (NOBODY, "x", f"{dr_osei.pk}".upper(), f"{dr_osei.pk.hex}"):
        answer = calling(dr_osei).get(f"/doctors/{some_id}/explain?at={AT}")
        assert refusal(answer) == (404, "not_found"), some_id


def test_a_doctor_who_takes_nobody_can_still_ask_why(calling: Calling, dr_osei: Doctor) -> None:
    Doctor.objects.update(state=DoctorState.SUSPENDED)
    told = json.loads(calling(dr_osei).get(path(dr_osei)).content)
    assert "not_active" in [fact["code"] for fact in told["facts"]]


@pytest.mark.parametrize(
    "at",
    [
        *("", "now", "2026-11-25", "2026-11-25T09:00", "2026-11-25T09:00:00"),
        *("2026-11-25 09:00:00Z", "2026-11-25T09:00Z", "2026-11-25t09:00:00z"),
        *("2026-11-25T24:00:00Z", "2026-11-25T23:59:60Z", "2026-02-29T09:00:00Z"),
        *("2026-11-25T09:00:00+24:00", "2026-11-25T09:00:00 05:30", "2026-11-25T09:00:00.Z"),
        *("2026-11-25T09:00:00.1234567Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59Z"),
        *(
            "9999-12-31T23:59:59-14:00",
            "1764061200",
            "２０２６-11-25T09:00:00Z",
            "2026-W48-3T09:00:00Z",
        ),
    ],
)
def test_only_an_instant_can_be_asked_about(calling: Calling, dr_osei: Doctor, at: str) -> None:
    assert faults(calling(dr_osei).get(path(dr_osei, at))) == {("#/at", "not_an_instant")}


def test_the_instant_is_needed_once_and_nothing_else_is_known(
    calling: Calling, dr_osei: Doctor
) -> None:
    here = f"/doctors/{dr_osei.pk}/explain"
    doctor = calling(dr_osei)
    assert faults(doctor.get(here)) == {("#/at", "required")}
    assert ("#/at", "repeated") in faults(doctor.get(f"{here}?at={AT}&at={AT}"))
    assert faults(doctor.get(f"{here}?at={AT}&x=1")) == {("#/x", "unknown_parameter")}
