"""Staff book for somebody on the phone: doctor, time, the caller's details, and how it goes on."""

import re

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clinicall.booking.models import Appointment
from clinicall.booking.states import Status
from clinicall.people.models import Clinic, Doctor, DoctorState, Patient, User
from clinicall.records.models import AuditEntry
from clinicall.schedule.models import Slot
from tests import cast
from tests.booking.test_checkout import news, pays
from tests.booking.test_unsettled import an_admin, staff_of
from tests.clinic_clock import ClinicClock
from tests.conftest import booked, four_slots
from tests.web.test_money_page import signed_in
from tests.web.visitor import DETAILS, Answer, links, visitor, words

pytestmark = pytest.mark.django_db

DOCTORS = "/staff/book/"
CALLER = {**DETAILS, "first_name": "Nimali", "email": "nimali@clinic.example"}


@pytest.fixture
def clerk(clinic: Clinic) -> User:
    return staff_of(clinic)


@pytest.fixture
def staff(clerk: User) -> Client:
    return signed_in(clerk)


def form_of(slot: Slot) -> str:
    return f"{DOCTORS}{slot.doctor_id}/slots/{slot.pk}/"


def sent(client: Client, slot: Slot, **changed: str) -> Answer:
    return client.post(form_of(slot), {**CALLER, **changed})


def test_it_is_for_staff_and_admins(slots: list[Slot], ana: Patient, dr_osei: Doctor) -> None:
    addresses = (DOCTORS, f"{DOCTORS}{dr_osei.pk}/", form_of(slots[0]))
    for address in addresses:
        assert visitor(ana).get(address).status_code == 403
        assert visitor(dr_osei).get(address).status_code == 403
        assert visitor().get(address)["Location"].startswith("/account/login/")
        assert signed_in(an_admin_again()).get(address).status_code == 200
    assert sent(visitor(dr_osei), slots[0]).status_code == 403
    assert not Appointment.objects.exists()


def an_admin_again() -> User:
    return User.objects.filter(email="admin@clinic.example").first() or an_admin()


def test_another_clinics_staff_cannot_book_here(
    slots: list[Slot], dr_osei: Doctor, clinic: Clinic
) -> None:
    hilltop = Clinic.objects.create(name="Hilltop", timezone="Asia/Colombo", currency="LKR")
    foreign = signed_in(staff_of(hilltop))
    assert dr_osei.name not in words(foreign.get(DOCTORS))
    assert foreign.get(f"{DOCTORS}{dr_osei.pk}/").status_code == 404
    assert foreign.get(form_of(slots[0])).status_code == 404
    assert sent(foreign, slots[0]).status_code == 404
    assert not Appointment.objects.exists()


def test_a_doctor_and_a_time_are_chosen_by_links(
    slots: list[Slot], dr_silva: Doctor, staff: Client
) -> None:
    page = staff.get(DOCTORS)
    assert "Dr Kofi Osei Cardiology LKR 2,500.00 Wednesday 25 November 2026, 9:00am" in words(page)
    assert dr_silva.name not in words(page)  # nobody can be booked with him
    assert f"{DOCTORS}{slots[0].doctor_id}/" in links(page)
    times = staff.get(f"{DOCTORS}{slots[0].doctor_id}/?date=2026-11-25")
    assert form_of(slots[0]) in links(times)
    assert not [link for link in links(times) if link.startswith("/doctors/")]
    form = staff.get(form_of(slots[0]))
    assert "9:00am to 9:15am Dr Kofi Osei" in words(form)
    assert 'autocomplete="given-name"' not in form.content.decode()


def test_doctors_are_found_by_name_and_specialization(
    slots: list[Slot], free_slots: list[Slot], staff: Client
) -> None:
    cardiology = slots[0].doctor.specialization_id
    for query in ("?name=osei kofi", f"?specialization={cardiology}"):
        page = words(staff.get(f"{DOCTORS}{query}"))
        assert "Dr Kofi Osei" in page
        assert "Dr Nimal Silva" not in page
    assert "No doctor with a free time is found" in words(staff.get(f"{DOCTORS}?name=nobody"))


def test_a_caller_has_the_time_held_and_the_way_to_pay_mailed(
    slots: list[Slot], staff: Client, clerk: User
) -> None:
    answer = sent(staff, slots[0])
    hold = Appointment.objects.get()
    assert answer["Location"] == f"/staff/appointments/{hold.pk}/"
    assert hold.patient.user.email == "nimali@clinic.example"
    page = staff.get(answer["Location"])
    assert "The way to pay is mailed to the patient." in words(page)
    assert "Held until 12:10pm" in words(page)
    assert "Held by the clinic, for a caller" in words(page)
    assert "10:00 left to pay LKR 2,500.00" in words(page)
    assert hold.payment
    source = page.content.decode()
    for private in ("Cough", "199012345678", "/sandbox/", hold.payment.checkout_url):
        assert private not in source
    (way_to_pay,) = mail.outbox
    assert way_to_pay.to == ["nimali@clinic.example"]
    assert f"/appointments/{hold.pk}/" in str(way_to_pay.body)
    entry = AuditEntry.objects.get(action="changed")
    assert (entry.actor_id, entry.subjects) == (clerk.pk, [hold.patient_id])


def test_the_caller_signs_in_pays_and_the_clinic_sees_it(slots: list[Slot], staff: Client) -> None:
    sent(staff, slots[0])
    hold = Appointment.objects.select_related("patient").get()
    page = visitor(hold.patient).get(f"/appointments/{hold.pk}/")
    assert hold.payment
    assert hold.payment.checkout_url in links(page)
    pays(hold, "succeed")
    assert news(hold).status == Status.CONFIRMED
    page_of_staff = words(staff.get(f"/staff/appointments/{hold.pk}/"))
    assert "Confirmed: the payment arrived" in page_of_staff
    assert "left to pay" not in page_of_staff


def test_a_free_visit_is_confirmed_at_once_and_nothing_is_to_pay(
    free_slots: list[Slot], staff: Client
) -> None:
    page = words(staff.post(form_of(free_slots[0]), CALLER, follow=True))
    assert Appointment.objects.get().status == Status.CONFIRMED
    assert "Asked for by the clinic, for a caller" in page
    assert "Confirmed, free of charge" in page
    assert mail.outbox == []


def test_the_clinic_lets_the_time_go_again(slots: list[Slot], staff: Client) -> None:
    sent(staff, slots[0])
    hold = Appointment.objects.get()
    page = f"/staff/appointments/{hold.pk}/"
    assert f"{page}cancel/" in links(staff.get(page))
    answer = staff.post(
        f"{page}cancel/", {"note": "Asked for it on the phone.", "offer_again": "on"}, follow=True
    )
    assert "Cancelled by the clinic" in words(answer)
    assert news(hold).status == Status.CANCELLED
    assert sent(staff, slots[0], once="second-form").status_code == 302


def test_a_form_that_comes_twice_books_and_mails_once(slots: list[Slot], staff: Client) -> None:
    first, second = sent(staff, slots[0]), sent(staff, slots[0])
    assert first["Location"] == second["Location"]
    assert Appointment.objects.count() == 1
    assert len(mail.outbox) == 1


def test_a_caller_with_an_account_is_that_patient(
    slots: list[Slot], ana: Patient, staff: Client
) -> None:
    sent(staff, slots[0], email="ANA@clinic.example")
    assert Appointment.objects.get().patient == ana


@pytest.mark.parametrize("email", ["osei@clinic.example", "staff@clinic.example"])
def test_the_clinics_own_people_are_no_patients(
    slots: list[Slot], staff: Client, email: str
) -> None:
    answer = sent(staff, slots[0], email=email)
    assert answer.status_code == 422
    assert "This address is not a patient’s. Ask the caller for another one." in words(answer)
    assert "Cough for two weeks" in words(answer)
    assert not Appointment.objects.exists()


def test_what_is_missing_or_wrong_is_said_and_nothing_typed_is_lost(
    slots: list[Slot], staff: Client
) -> None:
    answer = sent(staff, slots[0], nic="12", first_name="", reason="")
    assert answer.status_code == 422
    page = words(answer)
    assert "Enter the caller’s first name." in page
    assert "Use 9 digits then V or X, or 12 digits, as on your card." in page
    assert "Write a few words about why." in page
    assert "nimali@clinic.example" in answer.content.decode()
    assert not Appointment.objects.exists()


def test_a_time_that_somebody_took_meanwhile_offers_the_next_ones(
    slots: list[Slot], ben: Patient, staff: Client
) -> None:
    booked(slots[0], ben)
    assert staff.get(form_of(slots[0])).status_code == 404
    answer = sent(staff, slots[0])
    assert answer.status_code == 409
    page = words(answer)
    assert "Someone else has just taken this time" in page
    assert "Cough for two weeks" in page
    others = re.findall(r'formaction="([^"]+)"', answer.content.decode())
    assert others == [form_of(slot) for slot in slots[1:]]
    assert staff.post(others[0], CALLER).status_code == 302


def test_refusals_speak_of_the_caller(
    slots: list[Slot], free_slots: list[Slot], staff: Client
) -> None:
    sent(staff, slots[0])
    busy = sent(staff, free_slots[0], once="second")
    assert busy.status_code == 409
    assert "This patient has another appointment at this time" in words(busy)
    sent(staff, slots[1], once="third")
    full = sent(staff, slots[2], once="fourth")
    assert "This patient holds two times already" in words(full)
    other = sent(staff, slots[3], email="another@clinic.example")
    assert other.status_code == 422
    assert "This form was sent before with other details" in words(other)


def test_a_time_that_was_withdrawn_or_a_doctor_who_left_cannot_be_booked(
    slots: list[Slot], dr_osei: Doctor, staff: Client
) -> None:
    gone = form_of(slots[0])
    slots[0].delete()
    answer = staff.post(gone, CALLER)
    assert answer.status_code == 404
    assert "This time is no longer offered" in words(answer)
    Doctor.objects.filter(pk=dr_osei.pk).update(state=DoctorState.SUSPENDED)
    assert staff.get(form_of(slots[1])).status_code == 404


def test_a_mail_that_could_not_be_sent_is_said_and_the_time_is_held(
    slots: list[Slot], staff: Client, clock: ClinicClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*sent: object) -> None:
        raise OSError

    monkeypatch.setattr("django.core.mail.EmailMultiAlternatives.send", refused)
    page = words(staff.post(form_of(slots[0]), CALLER, follow=True))
    assert "The mail could not be sent. Send it again from this page." in page
    assert Appointment.objects.get().status_at(clock.now)[0] == Status.PENDING


def test_more_doctors_cost_no_more_questions(
    slots: list[Slot], clinic: Clinic, staff: Client
) -> None:
    def questions() -> int:
        with CaptureQueriesContext(connection) as asked:
            staff.get(DOCTORS)
        return len(asked)

    for_one = questions()
    for n in range(3):
        four_slots(cast.a_doctor(clinic, f"Dr No{n}", "Cardiology"))
    assert questions() == for_one
