"""The NIC is masked for the doctor, who sees the whole of it by saying what for."""

import pytest

from clinicall.booking.models import Appointment, NicReveal
from clinicall.people.models import Doctor, Patient
from clinicall.records.models import Action, AuditEntry
from clinicall.schedule.models import Slot
from tests.booking.test_ending import paid
from tests.conftest import booked
from tests.web.visitor import links, visitor, words

pytestmark = pytest.mark.django_db

NIC = "199012345678"


@pytest.fixture
def visit(slots: list[Slot], ana: Patient) -> Appointment:
    return paid(slots[0], ana)


def page_of(visit: Appointment) -> str:
    return f"/appointments/{visit.pk}/"


def test_the_doctor_sees_the_end_of_the_number(visit: Appointment, dr_osei: Doctor) -> None:
    page = visitor(dr_osei).get(page_of(visit))
    assert "••••••5678" in words(page)
    assert NIC not in page.content.decode()
    assert f"{page_of(visit)}nic/" in links(page)


def test_the_doctor_says_what_for_and_then_sees_it(visit: Appointment, dr_osei: Doctor) -> None:
    asked = visitor(dr_osei).get(f"{page_of(visit)}nic/")
    assert "What do you need the whole number for?" in words(asked)
    assert NIC not in asked.content.decode()
    shown = visitor(dr_osei).post(f"{page_of(visit)}nic/", {"purpose": "A prescription"})
    assert NIC in words(shown)
    assert "no-store" in shown["Cache-Control"]
    reveal = NicReveal.objects.get()
    assert (reveal.by_id, reveal.purpose) == (dr_osei.pk, "A prescription")
    assert "prescription" not in reveal.purpose_sealed
    entry = AuditEntry.objects.get(action=Action.REVEALED)
    assert (entry.actor_id, entry.subjects) == (dr_osei.pk, [visit.patient_id])
    assert set(entry.objects_seen) == {visit.pk, reveal.pk}


@pytest.mark.parametrize("purpose", ["", "   ", "\u200b", "x" * 201, "a\x00b"])
def test_without_a_purpose_that_says_something_nothing_is_shown(
    visit: Appointment, dr_osei: Doctor, purpose: str
) -> None:
    page = visitor(dr_osei).post(f"{page_of(visit)}nic/", {"purpose": purpose})
    assert page.status_code == 422
    assert "There is a problem" in words(page)
    assert NIC not in page.content.decode()
    assert not NicReveal.objects.exists()


def test_each_press_is_a_reveal_of_its_own(visit: Appointment, dr_osei: Doctor) -> None:
    for purpose in ("A prescription", "A letter"):
        visitor(dr_osei).post(f"{page_of(visit)}nic/", {"purpose": purpose})
    assert {reveal.purpose for reveal in NicReveal.objects.all()} == {"A prescription", "A letter"}
    assert AuditEntry.objects.filter(action=Action.REVEALED).count() == 2


def test_it_is_for_the_doctor_of_the_visit(
    visit: Appointment, slots: list[Slot], ana: Patient, ben: Patient, dr_silva: Doctor
) -> None:
    for person, status in ((ana, 403), (dr_silva, 404)):
        answer = visitor(person).post(f"{page_of(visit)}nic/", {"purpose": "A letter"})
        assert answer.status_code == status
    held = booked(slots[1], ben)
    assert visitor(slots[1].doctor).get(f"{page_of(held)}nic/").status_code == 404
    assert not NicReveal.objects.exists()
