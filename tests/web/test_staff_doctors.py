"""What staff see of their doctors, and the steps they take with them."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clinicall.payments.models import Refund
from clinicall.people.models import Clinic, Doctor, DoctorState, Patient
from clinicall.records.models import AuditEntry
from clinicall.schedule.models import Slot
from tests import cast
from tests.booking.test_ending import paid
from tests.booking.test_unsettled import an_admin, staff_of
from tests.clinic_clock import ClinicClock
from tests.conftest import booked
from tests.web.test_money_page import signed_in
from tests.web.visitor import Answer, links, visitor, words

pytestmark = pytest.mark.django_db

PAGE = "/staff/doctors/"
SAID = {
    "email": "maya@doctors.example",
    "name": "Dr Maya Perera",
    "specialization": "Cardiology",
    "licence": "SLMC 12345",
    "fee": "1500",
    "timezone": "Asia/Colombo",
}
STEPS = [
    "resend_invitation",
    "approve_doctor",
    "decline_doctor",
    "suspend_doctor",
    "bring_back_doctor",
]


@pytest.fixture
def staff(clinic: Clinic) -> Client:
    return signed_in(staff_of(clinic))


@pytest.fixture
def applicant(clinic: Clinic) -> Doctor:
    doctor = cast.a_doctor(clinic, "Dr Maya Perera", "Cardiology")
    Doctor.objects.filter(pk=doctor.pk).update(state=DoctorState.APPLIED, licence="SLMC 12345")
    return Doctor.objects.get(pk=doctor.pk)


def press(client: Client, step: str, doctor: Doctor) -> Answer:
    answer = client.post(reverse(step, args=[doctor.pk]))
    assert answer["Location"] == reverse("staff_doctor", args=[doctor.pk])
    doctor.refresh_from_db()
    return client.get(answer["Location"])


def test_the_list_says_who_is_there_and_what_is_ahead(
    slots: list[Slot], applicant: Doctor, ana: Patient, staff: Client
) -> None:
    paid(slots[1], ana)
    page = words(staff.get(PAGE))
    assert "Dr Maya Perera Cardiology Has applied 0 None" in page
    assert "Dr Kofi Osei Cardiology Active 4 Wednesday 25 November 2026, 9:15am" in page
    assert page.index("Maya") < page.index("Kofi")
    assert "Ana" not in page
    assert PAGE in links(staff.get("/"))


def test_more_doctors_cost_no_more_questions(clinic: Clinic, staff: Client) -> None:
    def questions() -> int:
        with CaptureQueriesContext(connection) as asked:
            staff.get(PAGE)
        return len(asked)

    cast.a_doctor(clinic, "Dr One", "Cardiology")
    for_one = questions()
    for n in range(3):
        cast.a_doctor(clinic, f"Dr Number{n}", "Cardiology")
    assert questions() == for_one


def test_a_large_clinics_doctors_come_in_pages_and_who_has_applied_first(
    applicant: Doctor, clinic: Clinic, staff: Client
) -> None:
    for n in range(50):
        cast.a_doctor(clinic, f"Dr Adams{n:02}", "Cardiology")
    first, second = words(staff.get(PAGE)), words(staff.get(PAGE, {"page": "2"}))
    assert first.index("Dr Maya Perera") < first.index("Dr Adams00")
    assert "Page 1 of 2" in first
    assert "Dr Adams48" in first
    assert "Dr Adams49" in second
    assert "Dr Adams49" not in first


def test_only_their_own_clinic_and_only_staff(
    dr_osei: Doctor, applicant: Doctor, ana: Patient, clinic: Clinic
) -> None:
    elsewhere = Clinic.objects.create(name="Hilltop", timezone="Asia/Colombo", currency="LKR")
    other = signed_in(staff_of(elsewhere, "other"))
    assert "No doctors yet" in words(other.get(PAGE))
    steps = [reverse(step, args=[applicant.pk]) for step in STEPS]
    pages = [reverse(name, args=[dr_osei.pk]) for name in ("staff_doctor", "doctor_leaves")]
    for address in [*steps, *pages]:
        assert other.post(address, SAID | {"visits": "call-off"}).status_code == 404
    for address in pages:
        assert other.get(address).status_code == 404
    for person in (dr_osei, ana):
        for address in [PAGE, reverse("invite_doctor"), *pages]:
            assert visitor(person).get(address).status_code == 403
            assert visitor(person).post(address).status_code in (403, 405)
        for address in steps:
            assert visitor(person).post(address).status_code == 403
    assert set(Doctor.objects.values_list("state", flat=True)) == {"active", "applied"}
    admin = signed_in(an_admin())
    assert "Hilltop" not in words(admin.get(PAGE))
    assert "Dr Kofi Osei" in words(admin.get(PAGE))
    for address in pages:
        assert admin.get(address).status_code == 200


def test_a_doctor_is_invited_by_a_link_that_can_be_sent_again(
    clinic: Clinic, staff: Client
) -> None:
    answer = staff.post(reverse("invite_doctor"), SAID)
    doctor = Doctor.objects.get()
    assert answer["Location"] == reverse("staff_doctor", args=[doctor.pk])
    assert (doctor.state, doctor.fee_amount, doctor.clinic) == ("active", 150_000, clinic)
    [letter] = mail.outbox
    assert letter.to == ["maya@doctors.example"]
    assert f"{settings.SITE_URL}/account/" in str(letter.body)
    page = words(staff.get(answer["Location"]))
    assert "Dr Maya Perera is invited by mail." in page
    press(staff, "resend_invitation", doctor)
    assert len(mail.outbox) == 2
    entry = AuditEntry.objects.get()
    assert (entry.what, entry.subjects) == ("invite_doctor", [doctor.pk])


def test_an_invitation_to_an_address_that_is_taken_keeps_what_was_typed(
    dr_osei: Doctor, staff: Client
) -> None:
    page = staff.post(reverse("invite_doctor"), SAID | {"email": dr_osei.user.email.upper()})
    assert page.status_code == 422
    assert "There is an account with this email already." in words(page)
    assert "SLMC 12345" in page.content.decode()
    assert not mail.outbox


def test_an_admin_says_to_which_clinic(clinic: Clinic) -> None:
    Clinic.objects.create(name="Hilltop", timezone="Asia/Colombo", currency="LKR")
    admin = signed_in(an_admin())
    assert admin.post(reverse("invite_doctor"), SAID).status_code == 422
    admin.post(reverse("invite_doctor"), SAID | {"clinic_id": f"{clinic.pk}"})
    assert Doctor.objects.get().clinic == clinic


def test_an_application_is_approved_once(applicant: Doctor, staff: Client) -> None:
    page = staff.get(reverse("staff_doctor", args=[applicant.pk]))
    assert "Look at the licence first: SLMC 12345" in words(page)
    assert "Dr Maya Perera can publish hours now." in words(
        press(staff, "approve_doctor", applicant)
    )
    assert applicant.state == DoctorState.ACTIVE
    [letter] = mail.outbox
    assert letter.to == [applicant.user.email]
    page = press(staff, "decline_doctor", applicant)
    assert "has changed meanwhile. Nothing was changed." in words(page)
    assert (applicant.state, len(mail.outbox)) == (DoctorState.ACTIVE, 1)


def test_who_is_declined_is_told_and_cannot_sign_in(applicant: Doctor, staff: Client) -> None:
    signed_in_already = visitor(applicant)
    press(staff, "decline_doctor", applicant)
    applicant.user.refresh_from_db()
    assert (applicant.state, applicant.user.is_active) == (DoctorState.LEFT, False)
    assert "cannot take it up" in str(mail.outbox[0].body)
    assert signed_in_already.get("/application/")["Location"].startswith("/account/login/")


def test_a_new_fee_is_for_who_books_from_then_on(
    slots: list[Slot], dr_osei: Doctor, ana: Patient, ben: Patient, staff: Client
) -> None:
    before = paid(slots[0], ana)
    address = reverse("staff_doctor", args=[dr_osei.pk])
    said = {**SAID, "name": "Dr Kofi A. Osei", "fee": "3000", "languages": "English", "about": ""}
    assert "2500.00" in staff.get(address).content.decode()
    assert staff.post(address, said)["Location"] == address
    dr_osei.refresh_from_db()
    assert (dr_osei.name, dr_osei.fee_amount, dr_osei.languages) == (
        "Dr Kofi A. Osei",
        300_000,
        ["English"],
    )
    before.refresh_from_db()
    assert (before.price_amount, booked(slots[1], ben).price_amount) == (250_000, 300_000)
    assert dr_osei.user.email == "osei@clinic.example"
    wrong = staff.post(address, said | {"fee": "1.234"})
    assert (wrong.status_code, "digits after the point" in words(wrong)) == (422, True)


def test_a_doctor_is_suspended_and_comes_back(dr_osei: Doctor, staff: Client) -> None:
    assert "Bring back" in words(press(staff, "suspend_doctor", dr_osei))
    assert dr_osei.state == DoctorState.SUSPENDED
    assert "Nothing was changed" in words(press(staff, "suspend_doctor", dr_osei))
    press(staff, "bring_back_doctor", dr_osei)
    assert dr_osei.state == DoctorState.ACTIVE


def leave(client: Client, doctor: Doctor, visits: str) -> Answer:
    answer = client.post(reverse("doctor_leaves", args=[doctor.pk]), {"visits": visits})
    doctor.refresh_from_db()
    return answer


def test_a_doctor_leaves_and_the_visits_are_called_off(
    slots: list[Slot], dr_osei: Doctor, ana: Patient, ben: Patient, staff: Client
) -> None:
    visit = paid(slots[0], ana)
    booked(slots[1], ben)
    page = words(staff.get(reverse("doctor_leaves", args=[dr_osei.pk])))
    assert "2 visits to come" in page
    assert f"{visit.reference} Confirmed" in page
    assert "1 patient gets the whole fee back" in page
    assert "Ana" not in page
    undecided = leave(staff, dr_osei, "")
    assert (undecided.status_code, dr_osei.state) == (422, DoctorState.ACTIVE)
    answer = leave(staff, dr_osei, "call-off")
    assert "has left, and their account is closed" in words(staff.get(answer["Location"]))
    assert dr_osei.state == DoctorState.LEFT
    assert Refund.objects.get().amount == 250_000
    assert visitor().get(reverse("doctor", args=[dr_osei.pk])).status_code == 404
    assert visitor(dr_osei).get("/agenda/")["Location"].startswith("/account/login/")
    own = visitor(ana).get(reverse("appointment", args=[visit.pk]))
    assert "Dr Kofi Osei" in words(own)
    assert "is not with the clinic" in words(staff.get(leave(staff, dr_osei, "hold")["Location"]))


def test_a_doctor_leaves_after_the_visits_are_held(
    slots: list[Slot], dr_osei: Doctor, ana: Patient, staff: Client, clock: ClinicClock
) -> None:
    paid(slots[0], ana)
    page = words(staff.get(leave(staff, dr_osei, "hold")["Location"]))
    assert "Dr Kofi Osei is leaving: nobody can book them any more." in page
    assert "1 visit to come" in page
    assert "Decide anew about the visits to come" in page
    clock.set(slots[0].starts_at - timedelta(minutes=5))
    assert "You are leaving the clinic" in words(visitor(dr_osei).get("/agenda/"))
