from uuid import UUID

import pytest
from django.urls import reverse

from clinicall.people.models import Clinic, Doctor, Patient, Role, User
from clinicall.schedule.models import Slot
from tests import cast
from tests.conftest import booked
from tests.web.visitor import Answer, visitor, words

NINE = {"date": "2026-11-25", "time": "09:00"}


def page(
    reader: Doctor | Patient | None, of: Doctor, asked: dict[str, str] | None = None
) -> Answer:
    # The browser is elsewhere: the times are the doctor's all the same.
    return visitor(reader, zone="America/New_York").get(reverse("explain", args=[of.pk]), asked)


def page_for(role: Role, clinic: Clinic | None, of: Doctor) -> Answer:
    user = User.objects.create_user(f"{role}@x.example", role=role, clinic=clinic)
    client = visitor()
    client.force_login(user)
    return client.get(reverse("explain", args=[of.pk]), NINE)


def test_the_week_leads_to_the_page_and_it_begins_with_now(dr_osei: Doctor) -> None:
    address = reverse("explain", args=[dr_osei.pk])
    assert address in visitor(dr_osei).get(reverse("schedule")).content.decode()
    answer = page(dr_osei, dr_osei)
    assert answer.status_code == 200
    assert "Colombo time (GMT+5:30)" in words(answer)
    assert 'value="2026-11-23"' in answer.content.decode()
    assert 'value="12:00"' in answer.content.decode()


def test_a_doctor_asks_about_a_time_of_their_own(
    dr_silva: Doctor, free_slots: list[Slot], ana: Patient
) -> None:
    told = words(page(dr_silva, dr_silva, NINE))
    assert "Wednesday 25 November 2026, 9:00am" in told
    assert "Open: patients can book it" in told
    visit = booked(free_slots[0], ana)
    told = words(page(dr_silva, dr_silva, NINE))
    assert "Booked" in told
    assert f"Appointment {visit.reference} has it and is confirmed." in told
    for private in ("Ana", "Perera", "Cough"):
        assert private not in told


def test_staff_ask_for_the_doctors_of_their_clinic_only(
    dr_silva: Doctor, free_slots: list[Slot], clinic: Clinic
) -> None:
    elsewhere = Clinic.objects.create(name="Hilltop", timezone="Asia/Colombo", currency="LKR")
    assert "Open: patients can book it" in words(page_for(Role.STAFF, clinic, dr_silva))
    assert page_for(Role.ADMIN, None, dr_silva).status_code == 200
    User.objects.all().exclude(pk=dr_silva.pk).delete()
    assert page_for(Role.STAFF, elsewhere, dr_silva).status_code == 404


def test_it_is_nobody_elses(dr_osei: Doctor, dr_silva: Doctor, ana: Patient) -> None:
    assert page(None, dr_osei)["Location"].startswith(reverse("account_login"))
    assert page(ana, dr_osei).status_code == 403
    assert page(dr_silva, dr_osei).status_code == 404
    nobody = reverse("explain", args=[UUID(int=1)])
    assert visitor(dr_osei).get(nobody).status_code == 404


def test_staff_are_led_there_from_the_doctors_page(dr_osei: Doctor, ana: Patient) -> None:
    here = reverse("doctor", args=[dr_osei.pk])
    link = reverse("explain", args=[dr_osei.pk])
    assert link not in visitor(ana).get(here).content.decode()
    staff = User.objects.create_user("s@x.example", role=Role.STAFF, clinic=dr_osei.clinic)
    client = visitor()
    client.force_login(staff)
    assert link in client.get(here).content.decode()


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"date": "", "time": ""}, "Choose a date."),
        ({"date": "2026-11-25"}, "Enter a time."),
        (NINE | {"date": "2026-02-30"}, "Enter a date, for example"),
        (NINE | {"date": "0001-01-01"}, "Enter a date, for example"),
        (NINE | {"date": "9999-12-31"}, "Enter a date, for example"),
        (NINE | {"time": "25:00"}, "Enter a time, for example"),
    ],
)
def test_what_is_no_time_is_asked_for_again(
    dr_osei: Doctor, asked: dict[str, str], said: str
) -> None:
    answer = page(dr_osei, dr_osei, asked)
    assert answer.status_code == 422
    assert said in words(answer)


def test_an_hour_that_the_clocks_skip_is_no_time_and_one_that_comes_twice_is_two(
    clinic: Clinic,
) -> None:
    doctor = cast.a_doctor(clinic, "Dr Ada Hall", "Cardiology", timezone="Europe/London")
    skipped = page(doctor, doctor, {"date": "2027-03-28", "time": "01:30"})
    assert skipped.status_code == 422
    assert "01:30 does not exist that day" in words(skipped)
    twice = {"date": "2027-10-31", "time": "01:30"}
    first = page(doctor, doctor, twice)
    assert "(UTC+01:00)" in words(first)
    assert "Explain the second 1:30am" in words(first)
    second = page(doctor, doctor, twice | {"second": "on"})
    assert "(UTC+00:00)" in words(second)
    assert "Explain the first 1:30am" in words(second)
