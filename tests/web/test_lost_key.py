"""Where a key is lost, what it sealed says so, and everything else works."""

import json

import pytest
from pytest_django import Settings

from clinicall.booking.models import Appointment
from clinicall.people.models import Clinic, Doctor, Patient
from clinicall.rights.exporting import all_of
from clinicall.schedule.models import Slot
from tests.booking.test_ending import cancel, paid
from tests.booking.test_unsettled import staff_of
from tests.conftest import booked
from tests.web.test_money_page import signed_in
from tests.web.visitor import visitor, words

pytestmark = pytest.mark.django_db

SAYS_SO = "Cannot be read: tell the clinic’s operator."


@pytest.fixture
def visit(settings: Settings, slots: list[Slot], ana: Patient, dr_osei: Doctor) -> Appointment:
    settings.FIELD_KEYS = ["lost"]
    visit = paid(slots[0], ana)
    page = f"/appointments/{visit.pk}/nic/"
    visitor(dr_osei).post(page, {"purpose": "A prescription"})
    settings.FIELD_KEYS = ["found"]
    return visit


def test_pages_say_so_and_work(visit: Appointment, ana: Patient, dr_osei: Doctor) -> None:
    here = f"/appointments/{visit.pk}/"
    for person, pages, times in (
        (dr_osei, ["/agenda/?date=2026-11-25"], 1),
        (dr_osei, [here], 3),
        (ana, [here], 2),
        (ana, ["/record/"], 1),
        (ana, ["/appointments/", f"{here}cancel/", f"{here}move/", f"{here}room/"], 0),
        (dr_osei, [f"{here}cancel/", f"{here}room/"], 0),
    ):
        for page in pages:
            answer = visitor(person).get(page)
            assert answer.status_code == 200
            assert words(answer).count(SAYS_SO) == times, page
    assert visitor(dr_osei).get(f"{here}nic/")["Location"] == here


def test_the_front_desk_says_so_and_works(visit: Appointment, clinic: Clinic) -> None:
    desk = signed_in(staff_of(clinic))
    assert words(desk.get("/staff/appointments/")).count(SAYS_SO) == 1
    page = words(desk.get(f"/staff/appointments/{visit.pk}/"))
    assert page.count(SAYS_SO) == 1
    assert "Ana" in page
    cancel(visit, staff_of(clinic, "other"))
    Appointment.objects.update(cancel_note_sealed=visit.reason_sealed)
    assert words(desk.get(f"/staff/appointments/{visit.pk}/")).count(SAYS_SO) == 2


def test_the_copy_of_a_record_has_all_else(visit: Appointment, ana: Patient) -> None:
    [told] = all_of(ana.user)["appointments"]
    assert (told["reason"], told["phone"], told["nic"]) == (None, None, None)
    assert told["nicRevealed"][0]["purpose"] is None
    assert told["firstName"] == "Ana"


def test_the_api_answers_null_for_it(visit: Appointment, ana: Patient, dr_osei: Doctor) -> None:
    for person in (ana, dr_osei):
        [told] = json.loads(visitor(person).get("/api/v1/appointments").content)["items"]
        assert (told["reason"], told["phone"], told["nic"]) == (None, None, None)
        assert told["firstName"] == "Ana"


def test_the_visit_can_be_cancelled_and_others_booked(
    visit: Appointment, slots: list[Slot], ana: Patient, ben: Patient
) -> None:
    form = visitor(ben).get(f"/doctors/{slots[1].doctor_id}/slots/{slots[1].pk}/")
    assert form.status_code == 200
    assert booked(slots[1], ben).nic == "199012345678"
    assert (
        visitor(ana).get(f"/doctors/{slots[2].doctor_id}/slots/{slots[2].pk}/").status_code == 200
    )
    assert cancel(visit, ana.user).status == "cancelled"
