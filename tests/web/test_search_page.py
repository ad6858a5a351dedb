from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clinicall.people.models import Clinic, Doctor, Patient, Role, User
from clinicall.schedule.models import Slot
from tests import cast
from tests.clinic_clock import ClinicClock
from tests.conftest import booked, four_slots
from tests.web.visitor import links, visitor, words

pytestmark = pytest.mark.django_db


def test_only_doctors_with_an_open_time_are_found(
    slots: list[Slot], dr_silva: Doctor, ana: Patient
) -> None:
    page = visitor().get("/")
    assert "1 doctor with free times" in words(page)
    assert "Dr Kofi Osei" in words(page)
    assert "Dr Nimal Silva" not in words(page)
    assert "Cardiology 1" in words(page)
    assert "General practice" not in words(page)


def test_a_doctor_whose_last_time_was_just_held_is_found_no_more(
    slots: list[Slot], ana: Patient, ben: Patient, clock: ClinicClock
) -> None:
    booked(slots[0], ana)
    booked(slots[2], ana)
    booked(slots[1], ben)
    booked(slots[3], ben)
    assert "No appointments are free right now" in words(visitor().get("/"))
    clock.move(timedelta(minutes=10))
    assert "1 doctor with free times" in words(visitor().get("/"))


def test_whoever_is_free_first_comes_first(
    slots: list[Slot], free_slots: list[Slot], ana: Patient
) -> None:
    booked(slots[0], ana)
    page = words(visitor().get("/"))
    assert page.index("Dr Nimal Silva") < page.index("Dr Kofi Osei")
    assert "LKR 2,500.00" in page
    assert "Free of charge" in page
    assert "Speaks English, Sinhala" in page


def test_the_search_stands_in_the_address(slots: list[Slot], free_slots: list[Slot]) -> None:
    cardiology = slots[0].doctor.specialization_id
    for asked, found in [
        ("name=osei+kof", ["Dr Kofi Osei"]),
        ("name=dr", ["Dr Kofi Osei", "Dr Nimal Silva"]),
        (f"specialization={cardiology}", ["Dr Kofi Osei"]),
        (f"name=silva&specialization={cardiology}", []),
    ]:
        page = words(visitor().get(f"/?{asked}"))
        assert [n for n in ("Dr Kofi Osei", "Dr Nimal Silva") if n in page] == found


def test_a_name_nobody_has_is_answered_in_words(slots: list[Slot]) -> None:
    page = words(visitor().get("/", {"name": "<b>zz"}))
    assert "No doctors match “<b>zz”" in page
    assert "Check the spelling" in page


def test_the_next_three_times_are_one_press_away_in_the_viewers_zone(slots: list[Slot]) -> None:
    page = visitor(zone="Europe/London").get("/")
    assert "Next free Wednesday 25 November" in words(page)
    for slot, at in zip(slots, ["3:30am", "3:45am", "4:00am"], strict=False):
        assert f"{at} on Wednesday 25 November 2026 with Dr Kofi Osei" in words(page)
        assert reverse("book", args=[slot.doctor_id, slot.pk]) in links(page)
    assert reverse("book", args=[slots[3].doctor_id, slots[3].pk]) not in links(page)


def test_times_of_another_day_never_stand_under_the_first(slots: list[Slot]) -> None:
    # Four hours west of Greenwich the third visit begins at midnight.
    page = visitor(zone="America/Puerto_Rico").get("/")
    assert "Next free Tuesday 24 November 11:30pm" in words(page)
    assert "11:45pm on Tuesday 24 November 2026" in words(page)
    assert reverse("book", args=[slots[2].doctor_id, slots[2].pk]) not in links(page)


def test_twenty_doctors_fill_a_page(clinic: Clinic) -> None:
    for n in range(21):
        four_slots(cast.a_doctor(clinic, f"Dr Number{n}", "Cardiology"))
    first, second = visitor().get("/?name=number"), visitor().get("/?name=number&page=2")
    assert "21 doctors with free times" in words(first)
    assert words(first).count("See all times") == 20
    assert words(second).count("See all times") == 1
    assert "?name=number&page=2" in links(first)


def test_more_doctors_cost_no_more_questions(clinic: Clinic, slots: list[Slot]) -> None:
    def questions() -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            visitor().get("/")
        return len(asked)

    for_one = questions()
    for n in range(4):
        four_slots(cast.a_doctor(clinic, f"Dr Number{n}", "Cardiology"))
    assert questions() == for_one


@pytest.mark.parametrize(
    "query", ["specialization=x", f"specialization={10**30}", "page=zz", "page=-1", "name=%00"]
)
def test_a_broken_address_still_finds_doctors(slots: list[Slot], query: str) -> None:
    page = visitor().get(f"/?{query}")
    assert page.status_code == 200
    assert "Dr Kofi Osei" in words(page)


def test_a_search_asks_the_database_four_questions(
    slots: list[Slot], free_slots: list[Slot], ana: Patient
) -> None:
    for client, most in ((visitor(), 4), (visitor(ana), 6)):
        with CaptureQueriesContext(connection) as asked:
            client.get("/?name=dr")
        assert len(asked) <= most


def test_everybody_has_a_home(ana: Patient, dr_osei: Doctor, client: Client) -> None:
    assert visitor(ana).get("/home/")["Location"] == reverse("appointments")
    assert visitor(dr_osei).get("/home/")["Location"] == reverse("agenda")
    for role, clinic in ((Role.STAFF, dr_osei.clinic), (Role.ADMIN, None)):
        user = User.objects.create_user(f"{role}@clinic.example", role=role, clinic=clinic)
        client.force_login(user)
        assert client.get("/home/", follow=True).status_code == 200
    assert visitor().get("/home/")["Location"].startswith(reverse("account_login"))
