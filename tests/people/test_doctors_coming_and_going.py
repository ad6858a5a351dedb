"""Doctors apply or are invited, wait, are taken on or declined, and see only what their state allows."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from clinicall.people.models import (
    Clinic,
    Doctor,
    DoctorState,
    Patient,
    Role,
    Specialization,
    User,
)
from clinicall.records.models import AuditEntry
from clinicall.schedule.models import Slot
from tests.booking.test_ending import paid
from tests.cast import PASSWORD
from tests.clinic_clock import ClinicClock
from tests.conftest import found
from tests.web.visitor import Answer, links, visitor, words

pytestmark = pytest.mark.django_db

APPLY, CODE = "/doctors/apply/", "/doctors/apply/code/"


@pytest.fixture
def cardiology() -> Specialization:
    return Specialization.objects.create(name="Cardiology")


@pytest.fixture
def said(cardiology: Specialization) -> dict[str, str]:
    return {
        "email": "Maya@Doctors.example",
        "name": "Dr Maya Perera",
        "specialization": f"{cardiology.pk}",
        "licence": "SLMC 12345",
        "fee": "1500.50",
        "languages": "English, Sinhala",
        "about": "Hearts, mostly.",
        "timezone": "Asia/Colombo",
    }


def code_in_the_mail() -> str:
    [letter] = mail.outbox
    found = re.search(r"^\S{6,10}$", str(letter.body), re.MULTILINE)
    assert found
    return found[0]


def has_applied(said: dict[str, str], client: Client | None = None) -> Answer:
    client = client or visitor()
    assert client.post(APPLY, said)["Location"] == CODE
    return client.post(CODE, {"code": code_in_the_mail()})


def test_a_doctor_applies_proves_the_address_and_chooses_a_password(
    clinic: Clinic, said: dict[str, str]
) -> None:
    client = visitor()
    page = client.get(APPLY)
    assert "Apply as a doctor" in words(page)
    assert client.post(APPLY, said)["Location"] == CODE
    assert not Doctor.objects.exists()
    assert not User.objects.exists()
    assert "Maya@doctors.example" not in str(mail.outbox[0].subject)
    answer = client.post(CODE, {"code": code_in_the_mail().lower().replace("-", " ")})
    doctor = Doctor.objects.get()
    assert (doctor.state, doctor.clinic, doctor.user.role) == (
        DoctorState.APPLIED,
        clinic,
        Role.DOCTOR,
    )
    assert (doctor.name, doctor.fee_amount, doctor.languages, doctor.licence) == (
        "Dr Maya Perera",
        150_050,
        ["English", "Sinhala"],
        "SLMC 12345",
    )
    assert doctor.user.email == "maya@doctors.example"
    assert not found()
    # A browser follows a form nowhere but on the site that it knows this one by.
    assert answer["Location"].startswith("/account/")
    choosing = client.get(answer["Location"], follow=True)
    where = choosing.redirect_chain[-1][0]
    client.post(where, {"password1": PASSWORD, "password2": PASSWORD})
    assert Client().login(email="maya@doctors.example", password=PASSWORD)
    assert AuditEntry.objects.get().what == "apply"


def test_whoever_has_applied_sees_that_it_is_looked_at_and_nothing_else(
    clinic: Clinic, said: dict[str, str]
) -> None:
    has_applied(said)
    client = visitor(Doctor.objects.get())
    for page in ("home", "agenda", "schedule", "add_hours", "usual_week", "upload_hours"):
        answer = client.get(reverse(page), follow=True)
        assert answer.redirect_chain[-1][0] == reverse("application"), page
        assert "Your application is being looked at" in words(answer)
        assert not {reverse("agenda"), reverse("schedule")} & set(links(answer))
    assert client.get("/api/v1/availability").status_code == 403
    assert client.get(reverse("explain", args=[Doctor.objects.get().pk])).status_code == 404
    assert visitor(Doctor.objects.get()).get(reverse("staff_doctors")).status_code == 403


def test_who_has_an_account_gets_the_same_answer_and_is_told_by_mail(
    clinic: Clinic, said: dict[str, str], ana: Patient
) -> None:
    known, unknown = visitor(), visitor()
    assert known.post(APPLY, said | {"email": ana.user.email})["Location"] == CODE
    [letter] = mail.outbox
    assert letter.to == [ana.user.email]
    assert "one account cannot be both" in str(letter.body).replace("\n", " ")
    assert unknown.post(APPLY, said)["Location"] == CODE

    def seen(client: Client, email: str) -> str:
        page = client.get(CODE)
        return words(page).replace(email, "…")

    assert seen(known, ana.user.email) == seen(unknown, "Maya@Doctors.example")
    for code in ("", "ABCD-EFGH"):
        pages = [client.post(CODE, {"code": code}) for client in (known, unknown)]
        assert {page.status_code for page in pages} == {422}
    assert not Doctor.objects.exists()
    ana.user.refresh_from_db()
    assert ana.user.role == Role.PATIENT


def test_three_wrong_codes_begin_anew(clinic: Clinic, said: dict[str, str]) -> None:
    client = visitor()
    client.post(APPLY, said)
    right = code_in_the_mail()
    for _ in range(2):
        assert "This is not the code we sent" in words(client.post(CODE, {"code": "wrong"}))
    assert "wrong three times" in words(client.post(CODE, {"code": "wrong"}))
    assert client.post(CODE, {"code": right})["Location"] == APPLY
    assert not Doctor.objects.exists()


def test_an_application_that_cannot_be_used_says_what_to_change(
    clinic: Clinic, said: dict[str, str]
) -> None:
    wrong = {
        "email": "nobody",
        "name": "",
        "specialization": "999",
        "licence": "",
        "languages": ",".join(["English"] * 11),
        "timezone": "Nowhere/Town",
    }
    page = visitor().post(APPLY, said | wrong)
    assert page.status_code == 422
    for told in (
        "Enter an e-mail address, like name@example.com.",
        "Enter a name.",
        "Choose a specialization from the list.",
        "Enter the number of the licence.",
        "Name at most 10 languages",
        "Choose a town from the list.",
    ):
        assert told in words(page)
    assert "Hearts, mostly." in page.content.decode()
    for fee in ("-1", "1.234", "a lot", "99999999999"):
        assert visitor().post(APPLY, said | {"fee": fee}).status_code == 422
    assert not mail.outbox


def test_who_is_signed_in_cannot_apply(clinic: Clinic, ana: Patient) -> None:
    page = visitor(ana).get(APPLY)
    assert (page.status_code, "sign out and use another" in words(page)) == (403, True)


def test_of_several_clinics_one_is_chosen(clinic: Clinic, said: dict[str, str]) -> None:
    hilltop = Clinic.objects.create(name="Hilltop", timezone="Asia/Tokyo", currency="JPY")
    assert visitor().post(APPLY, said | {"fee": "1500"}).status_code == 422
    assert visitor().post(APPLY, said | {"clinic_id": f"{hilltop.pk}"}).status_code == 422
    has_applied(said | {"clinic_id": f"{hilltop.pk}", "fee": "1500"})
    doctor = Doctor.objects.get()
    assert (doctor.clinic, doctor.fee_amount) == (hilltop, 1500)


def test_a_suspended_doctor_is_told_and_joins_the_visits_that_stand(
    slots: list[Slot], ana: Patient, dr_osei: Doctor, clock: ClinicClock
) -> None:
    visit = paid(slots[0], ana)
    Doctor.objects.update(state=DoctorState.SUSPENDED)
    clock.set(slots[0].starts_at - timedelta(minutes=5))
    client = visitor(dr_osei)
    agenda = client.get("/agenda/")
    assert "Patients cannot book you now" in words(agenda)
    assert reverse("room", args=[visit.pk]) in links(agenda)
    assert client.get(reverse("room", args=[visit.pk])).status_code == 200
    assert visitor().get(reverse("doctor", args=[dr_osei.pk])).status_code == 404
    clock.set(slots[0].starts_at)
    client.post(reverse("complete", args=[visit.pk]), {"outcome": "attended"})
    visit.refresh_from_db()
    assert visit.status == "completed"
