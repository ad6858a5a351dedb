import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.urls import reverse

from clinicall.booking import openings
from clinicall.booking.models import Appointment
from clinicall.people.models import Doctor, Patient
from clinicall.schedule.models import Slot
from tests.booking.test_checkout import news, pays
from tests.clinic_clock import ClinicClock
from tests.conftest import booked
from tests.web.visitor import DETAILS, Answer, links, visitor, words

pytestmark = pytest.mark.django_db


def address(slot: Slot) -> str:
    return reverse("book", args=[slot.doctor_id, slot.pk])


def typed(answer: Answer) -> dict[str, str]:
    """What stands in the fields of the form."""
    page = answer.content.decode()
    fields = dict(re.findall(r'<input[^>]* name="(\w+)"[^>]*? value="([^"]*)"', page))
    reason = re.search(r'<textarea[^>]* name="reason"[^>]*>\s*(.*?)</textarea>', page, re.DOTALL)
    return {**fields, "reason": reason[1] if reason else ""}


def all_open() -> list[int]:
    return list(openings.open_slots().order_by("starts_at").values_list("pk", flat=True))


def test_a_doctors_account_is_told_that_it_cannot_book(slots: list[Slot], dr_silva: Doctor) -> None:
    for answer in (
        visitor(dr_silva).get(address(slots[0])),
        visitor(dr_silva).post(address(slots[0]), DETAILS),
    ):
        assert answer.status_code == 403
        assert "You are signed in as a doctor" in words(answer)
    assert not Appointment.objects.exists()


def test_the_form_says_what_is_booked_and_what_it_costs(
    slots: list[Slot], free_slots: list[Slot], ana: Patient
) -> None:
    page = visitor(ana, zone="Europe/London").get(address(slots[1]))
    assert "Wednesday 25 November 2026 3:45am to 4:00am Dr Kofi Osei" in words(page)
    assert "9:15am Colombo, Dr Kofi Osei’s time" in words(page)
    assert "Continue to payment · LKR 2,500.00" in words(page)
    assert "Not for emergencies: call 1990" in words(page)
    assert "no-store" in page["Cache-Control"]
    assert "Confirm appointment" in words(visitor(ana).get(address(free_slots[0])))


def test_nobody_types_twice_what_they_gave_before(
    slots: list[Slot], free_slots: list[Slot], ana: Patient
) -> None:
    assert typed(visitor(ana).get(address(slots[0])))["email"] == "ana@clinic.example"
    booked(free_slots[0], ana)
    filled = typed(visitor(ana).get(address(slots[1])))
    assert (filled["first_name"], filled["phone"]) == ("Ana", "+94112345678")
    assert filled["nic"] == "199012345678"
    assert filled["reason"] == ""


def test_sending_the_form_holds_the_slot_and_leads_to_the_payment(
    slots: list[Slot], ana: Patient
) -> None:
    answer = visitor(ana).post(address(slots[0]), DETAILS)
    held = Appointment.objects.get()
    assert held.payment is not None
    assert answer["Location"] == held.payment.checkout_url
    assert (held.status, held.slot_id, held.patient_id) == ("pending", slots[0].pk, ana.pk)
    assert (held.phone, held.reason) == ("+94112345678", "Cough for two weeks")
    assert all_open() == [slot.pk for slot in slots[1:]]


def test_pressing_twice_books_once(slots: list[Slot], ana: Patient) -> None:
    browser = visitor(ana)
    places = {browser.post(address(slots[0]), DETAILS)["Location"] for _ in range(2)}
    assert len(places) == 1
    assert Appointment.objects.count() == 1


def test_pressing_again_after_paying_leads_to_no_second_payment(
    slots: list[Slot], ana: Patient
) -> None:
    browser = visitor(ana)
    browser.post(address(slots[0]), DETAILS)
    made = Appointment.objects.get()
    pays(made, "slow")
    news(made)
    answer = browser.post(address(slots[0]), DETAILS)
    assert answer["Location"] == reverse("appointment", args=[made.pk])


def test_a_visit_free_of_charge_is_confirmed_at_once(free_slots: list[Slot], ana: Patient) -> None:
    answer = visitor(ana).post(address(free_slots[0]), DETAILS)
    made = Appointment.objects.get()
    assert made.status == "confirmed"
    assert answer["Location"] == reverse("appointment", args=[made.pk])


def test_the_dialog_is_told_where_to_go(slots: list[Slot], ana: Patient) -> None:
    answer = visitor(ana).post(address(slots[0]), DETAILS, headers={"X-Requested-With": "fetch"})
    assert answer.status_code == 201
    assert urlsplit(answer["Location"]).path.startswith("/sandbox/")


def test_a_mistake_is_named_beside_its_field_and_nothing_typed_is_lost(
    slots: list[Slot], ana: Patient
) -> None:
    wrong = {**DETAILS, "phone": "12", "nic": "12345", "last_name": "  "}
    answer = visitor(ana).post(address(slots[0]), wrong)
    assert answer.status_code == 422
    assert "<title>Error: Your details" in answer.content.decode()
    assert "There is a problem" in words(answer)
    assert "Enter your last name" in words(answer)
    assert '<a href="#id_nic">Use 9 digits then V or X' in answer.content.decode()
    kept = typed(answer)
    assert (kept["phone"], kept["nic"], kept["reason"]) == ("12", "12345", "Cough for two weeks")
    assert kept["once"] == DETAILS["once"]
    assert not Appointment.objects.exists()


def test_who_comes_second_keeps_what_they_typed_and_is_offered_other_times(
    slots: list[Slot], ana: Patient, ben: Patient
) -> None:
    booked(slots[0], ben)
    answer = visitor(ana).post(address(slots[0]), DETAILS)
    assert answer.status_code == 409
    assert "Someone else has just taken this time" in words(answer)
    assert "Nothing was booked or charged" in words(answer)
    assert typed(answer)["reason"] == "Cough for two weeks"
    page = answer.content.decode()
    offered = re.findall(r'formaction="([^"]*)"', page)
    assert offered == [address(slot) for slot in slots[1:]]
    assert "Wednesday 25 November, 9:15am" in words(answer)
    # One press: the same form, the key of the form too, for the other time.
    again = visitor(ana).post(offered[0], {**DETAILS, "once": typed(answer)["once"]})
    assert again.status_code == 302
    assert Appointment.objects.filter(patient=ana, slot=slots[1], status="pending").exists()


def test_a_patient_cannot_be_in_two_visits_at_once(
    slots: list[Slot], free_slots: list[Slot], ana: Patient
) -> None:
    booked(free_slots[0], ana)
    answer = visitor(ana).post(address(slots[0]), DETAILS)
    assert answer.status_code == 409
    assert "You already have an appointment at this time" in words(answer)
    assert reverse("appointments") in links(answer)


def test_a_third_hold_is_refused_in_words(slots: list[Slot], ana: Patient) -> None:
    booked(slots[0], ana)
    booked(slots[1], ana)
    answer = visitor(ana).post(address(slots[2]), DETAILS)
    assert answer.status_code == 409
    assert "You are holding two times already" in words(answer)
    assert typed(answer)["first_name"] == "Ana"


def test_a_taken_slot_has_no_form(slots: list[Slot], ana: Patient, ben: Patient) -> None:
    booked(slots[0], ben)
    answer = visitor(ana).get(address(slots[0]))
    assert answer.status_code == 404
    assert "This time is not free" in words(answer)
    assert address(slots[1]) in links(answer)


def test_a_past_slot_can_neither_be_asked_for_nor_had(
    slots: list[Slot], ana: Patient, clock: ClinicClock
) -> None:
    clock.set(slots[0].starts_at)
    assert visitor(ana).get(address(slots[0])).status_code == 404
    answer = visitor(ana).post(address(slots[0]), DETAILS)
    assert answer.status_code == 409
    assert "This time has begun already" in words(answer)
    assert not Appointment.objects.exists()


def test_a_slot_is_not_had_through_another_doctors_page(
    slots: list[Slot], dr_silva: Doctor, ana: Patient
) -> None:
    elsewhere = reverse("book", args=[dr_silva.pk, slots[0].pk])
    assert visitor(ana).get(elsewhere).status_code == 404
    assert visitor(ana).post(elsewhere, DETAILS).status_code == 404
    assert not Appointment.objects.exists()


@pytest.mark.parametrize("slot_id", [0, 10**30])
def test_a_slot_that_never_was_is_not_found(dr_osei: Doctor, ana: Patient, slot_id: int) -> None:
    answer = visitor(ana).get(reverse("book", args=[dr_osei.pk, slot_id]))
    assert answer.status_code == 404
    assert "Dr Kofi Osei has no other free times" in words(answer)


def test_a_time_withdrawn_while_the_form_was_open_loses_nothing_typed(
    slots: list[Slot], ana: Patient
) -> None:
    gone = address(slots[0])
    slots[0].delete()
    answer = visitor(ana).post(gone, DETAILS)
    assert answer.status_code == 404
    assert "This time is no longer offered" in words(answer)
    assert typed(answer)["nic"] == DETAILS["nic"]


def test_going_back_to_a_time_one_holds_leads_to_its_payment(
    slots: list[Slot], ana: Patient, clock: ClinicClock
) -> None:
    held = booked(slots[0], ana)
    answer = visitor(ana).get(address(slots[0]))
    assert answer["Location"] == reverse("appointment", args=[held.pk])
    clock.move(timedelta(minutes=10))
    assert visitor(ana).get(address(slots[0])).status_code == 200
