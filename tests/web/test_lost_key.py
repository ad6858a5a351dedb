"""Where a key is lost, what it sealed says so, and everything else works."""

import json

import pytest
from pytest_django import Settings

from clinicall.booking.models import Appointment
from clinicall.people.models import Doctor, Patient
from clinicall.schedule.models import Slot
from tests.booking.test_ending import cancel, paid
from tests.conftest import booked
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
