import re
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.core.mail import EmailMessage
from django.test import Client
from django.urls import reverse

from clinicall.booking.models import Appointment
from clinicall.booking.openings import open_slots
from clinicall.people.models import Doctor, Patient, User
from clinicall.schedule.models import Slot
from tests.cast import PASSWORD
from tests.clinic_clock import ClinicClock
from tests.conftest import booked
from tests.people.account import code_for, signed_in, with_app
from tests.web.test_booking_page import address, typed
from tests.web.visitor import DETAILS, Answer, links, visitor, words

pytestmark = pytest.mark.django_db
CODE_PAGE = "/account/login/code/confirm/"
NEW = {**DETAILS, "email": "new@patient.example"}


def code_in(mail: EmailMessage) -> str:
    found = re.search(r"^\s*([A-Z0-9]{4}-[A-Z0-9]{4})\s*$", str(mail.body), re.MULTILINE)
    assert found, mail.body
    return found[1]


def enters(browser: Client, code: str) -> Answer:
    """And goes where that leads, but for the payment."""
    return browser.post(CODE_PAGE, {"code": code}, follow=True)


def sends(browser: Client, slot: Slot, details: dict[str, str] = NEW) -> Appointment:
    answer = browser.post(address(slot), details)
    assert answer["Location"] == CODE_PAGE, words(answer)
    return Appointment.objects.get(slot=slot, status="pending")


def test_a_stranger_is_shown_the_form_and_may_sign_in_instead(slots: list[Slot]) -> None:
    page = visitor().get(address(slots[0]))
    assert page.status_code == 200
    assert "Have an account? Sign in" in words(page)
    assert f"{reverse('account_login')}?next={address(slots[0])}" in links(page)
    assert "We send a code to it" in words(page)
    assert "no-store" in page["Cache-Control"]


def test_a_guest_holds_proves_their_address_and_pays(
    slots: list[Slot], mailoutbox: list[EmailMessage]
) -> None:
    browser = visitor()
    held = sends(browser, slots[0])
    assert slots[0] not in open_slots()
    assert [mail.to for mail in mailoutbox] == [["new@patient.example"]]

    page = browser.get(CODE_PAGE)
    assert "Dr Kofi Osei" in words(page)
    assert "This time is held for you until 12:10pm" in words(page)
    assert "Enter the code, then pay LKR 2,500.00" in words(page)
    assert "We sent a code to new@patient.example" in words(page)

    answer = enters(browser, code_in(mailoutbox[0]))
    held.refresh_from_db()
    owner = User.objects.get(email="new@patient.example")
    assert (held.patient_id, held.status) == (owner.pk, "pending")
    assert held.payment
    assert "Going to the payment" in words(answer)
    assert held.payment.checkout_url in links(answer)
    assert f'content="0; url={held.payment.checkout_url}"' in answer.content.decode()
    assert EmailAddress.objects.get(user=owner).verified
    own = browser.get(reverse("appointment", args=[held.pk]))
    assert "Pay to confirm your appointment" in words(own)


def test_a_free_visit_is_confirmed_by_the_code(
    free_slots: list[Slot], mailoutbox: list[EmailMessage]
) -> None:
    browser = visitor()
    held = sends(browser, free_slots[0])
    assert "Enter the code, and the appointment is confirmed" in words(browser.get(CODE_PAGE))
    assert "Appointment confirmed" in words(enters(browser, code_in(mailoutbox[0])))
    held.refresh_from_db()
    assert held.status == "confirmed"


def test_the_dialog_is_told_to_go_to_the_code(slots: list[Slot]) -> None:
    answer = visitor().post(address(slots[0]), NEW, headers={"X-Requested-With": "fetch"})
    assert (answer.status_code, answer["Location"]) == (201, CODE_PAGE)


def test_the_doctors_page_has_the_dialog_for_guests_too(slots: list[Slot]) -> None:
    page = visitor().get(reverse("doctor", args=[slots[0].doctor_id]))
    assert "<booking-dialog>" in page.content.decode()


def test_pressing_twice_holds_once_and_sends_one_code(
    slots: list[Slot], mailoutbox: list[EmailMessage]
) -> None:
    browser = visitor()
    assert sends(browser, slots[0]) == sends(browser, slots[0])
    assert len(mailoutbox) == 1


def test_the_answer_is_the_same_whoever_the_address_belongs_to(
    slots: list[Slot], ana: Patient, dr_silva: Doctor, ben: Patient, mailoutbox: list[EmailMessage]
) -> None:
    User.objects.filter(pk=ben.pk).update(is_active=False)
    told = set()
    addresses = [ana.user.email, dr_silva.user.email, ben.user.email, "new@patient.example"]
    for slot, email in zip(slots, addresses, strict=True):
        browser = visitor()
        sends(browser, slot, {**DETAILS, "email": email})
        told.add(words(browser.get(CODE_PAGE)).replace(email, "…").split("Dr Kofi")[1])
    assert len(told) == 1
    assert [mail.to for mail in mailoutbox] == [[email] for email in addresses]
    assert not Appointment.objects.filter(patient=ana).exists()


def test_nothing_of_it_shows_in_the_account_before_the_code(
    slots: list[Slot], ana: Patient
) -> None:
    sends(visitor(), slots[0], DETAILS)
    assert "Dr Kofi Osei" not in words(visitor(ana).get(reverse("appointments")))


def test_an_account_that_is_there_claims_by_its_code_and_keeps_its_password(
    slots: list[Slot], ana: Patient, mailoutbox: list[EmailMessage]
) -> None:
    browser = visitor()
    held = sends(browser, slots[0], DETAILS)
    assert "Going to the payment" in words(enters(browser, code_in(mailoutbox[0])))
    held.refresh_from_db()
    assert held.patient_id == ana.pk
    assert User.objects.get(pk=ana.pk).check_password(PASSWORD)


def test_a_second_step_comes_between_the_code_and_the_payment(
    slots: list[Slot], ana: Patient, mailoutbox: list[EmailMessage]
) -> None:
    secret = with_app(signed_in(ana.user.email))
    cache.clear()  # the app's next code comes half a minute later, and one counts once
    mailoutbox.clear()
    browser = visitor()
    held = sends(browser, slots[0], DETAILS)
    page = enters(browser, code_in(mailoutbox[0]))
    assert "The second step" in words(page)
    held.refresh_from_db()
    assert held.patient_id != ana.pk
    page = browser.post(
        "/account/second-step/authenticate/", {"code": code_for(secret)}, follow=True
    )
    assert "Going to the payment" in words(page)
    held.refresh_from_db()
    assert (held.patient_id, held.status) == (ana.pk, "pending")
    assert User.objects.get(pk=ana.pk).check_password(PASSWORD)


def test_who_signs_in_with_their_password_meanwhile_claims_it_too(
    slots: list[Slot], ana: Patient
) -> None:
    browser = visitor()
    held = sends(browser, slots[0], DETAILS)
    browser.force_login(ana.user)
    assert "Going to the payment" in words(browser.get(reverse("home"), follow=True))
    held.refresh_from_db()
    assert held.patient_id == ana.pk


def test_who_signs_in_to_another_account_lets_the_time_go_and_may_book_it(
    slots: list[Slot], ben: Patient
) -> None:
    browser = visitor()
    held = sends(browser, slots[0], DETAILS)
    browser.force_login(ben.user)
    page = browser.get(reverse("home"), follow=True)
    assert page.request["PATH_INFO"] == address(slots[0])
    assert "Your details" in words(page)
    assert DETAILS["nic"] not in page.content.decode()
    held.refresh_from_db()
    assert held.status == "cancelled"
    assert browser.get(reverse("home"))["Location"] == reverse("appointments")


def test_a_password_that_a_stranger_has_set_is_forgotten_when_the_owner_proves_the_address(
    slots: list[Slot], cleo: Patient, mailoutbox: list[EmailMessage]
) -> None:
    EmailAddress.objects.filter(user=cleo.user).update(verified=False)
    browser = visitor()
    sends(browser, slots[0], {**DETAILS, "email": cleo.user.email})
    cleo.user.refresh_from_db()
    assert cleo.user.has_usable_password()
    assert "Going to the payment" in words(enters(browser, code_in(mailoutbox[0])))
    cleo.user.refresh_from_db()
    assert not cleo.user.has_usable_password()


# --- When something goes wrong ---


def test_a_wrong_code_loses_nothing(slots: list[Slot], mailoutbox: list[EmailMessage]) -> None:
    browser = visitor()
    sends(browser, slots[0])
    page = enters(browser, "WRONG1")
    assert "This is not the code we sent" in words(page)
    assert "This time is held for you until 12:10pm" in words(page)
    assert "Going to the payment" in words(enters(browser, code_in(mailoutbox[0])))


def test_after_too_many_wrong_codes_a_new_one_leads_to_the_same_time(
    slots: list[Slot], mailoutbox: list[EmailMessage]
) -> None:
    browser = visitor()
    sends(browser, slots[0])
    for _ in range(3):
        page = enters(browser, "WRONG1")
    assert page.request["PATH_INFO"] == reverse("account_request_login_code")
    browser.post(reverse("account_request_login_code"), {"email": NEW["email"]})
    assert "Going to the payment" in words(enters(browser, code_in(mailoutbox[-1])))


def test_a_new_code_can_be_asked_for(slots: list[Slot], mailoutbox: list[EmailMessage]) -> None:
    browser = visitor()
    sends(browser, slots[0])
    browser.post(CODE_PAGE, {"action": "resend"})
    assert len(mailoutbox) == 2
    assert "Going to the payment" in words(enters(browser, code_in(mailoutbox[1])))


def test_who_comes_back_to_the_time_that_they_hold_is_asked_for_the_code(slots: list[Slot]) -> None:
    browser = visitor()
    sends(browser, slots[0])
    assert browser.get(address(slots[0]))["Location"] == CODE_PAGE
    assert visitor().get(address(slots[0])).status_code == 404


def test_who_mistyped_their_address_finds_the_form_filled_in(
    slots: list[Slot], mailoutbox: list[EmailMessage]
) -> None:
    browser = visitor()
    held = sends(browser, slots[0], {**NEW, "email": "mistyped@patient.example"})
    answer = browser.post(reverse("let_go", args=[held.pk]))
    assert answer["Location"] == address(slots[0])
    filled = typed(browser.get(address(slots[0])))
    assert (filled["first_name"], filled["reason"]) == ("Ana", "Cough for two weeks")
    sends(browser, slots[0], {**NEW, "once": filled["once"]})
    assert "Going to the payment" in words(enters(browser, code_in(mailoutbox[1])))


def test_another_time_is_held_in_place_of_the_first(slots: list[Slot]) -> None:
    browser = visitor()
    sends(browser, slots[0])
    sends(browser, slots[1], {**NEW, "once": "second-form"})
    assert slots[0] in open_slots()
    assert slots[1] not in open_slots()


def test_the_same_time_with_other_details_is_held_anew(slots: list[Slot]) -> None:
    browser = visitor()
    first = sends(browser, slots[0])
    second = sends(browser, slots[0], {**NEW, "reason": "A rash"})
    assert (second.reason, second != first) == ("A rash", True)


def test_a_taken_time_is_refused_with_all_that_was_typed(slots: list[Slot], ana: Patient) -> None:
    booked(slots[0], ana)
    answer = visitor().post(address(slots[0]), NEW)
    assert answer.status_code == 409
    assert "Someone else has just taken this time" in words(answer)
    assert typed(answer)["reason"] == "Cough for two weeks"


def test_a_mistake_is_named_beside_its_field(slots: list[Slot]) -> None:
    answer = visitor().post(address(slots[0]), {**NEW, "email": "nobody"})
    assert answer.status_code == 422
    assert "There is a problem" in words(answer)


def test_a_code_that_comes_too_late_finds_the_time_again_in_one_press(
    slots: list[Slot], mailoutbox: list[EmailMessage], clock: ClinicClock
) -> None:
    browser = visitor()
    held = sends(browser, slots[0])
    clock.move(timedelta(minutes=10))
    assert "This time is no longer held for you" in words(browser.get(CODE_PAGE))
    page = enters(browser, code_in(mailoutbox[0]))
    assert "The time to pay has run out" in words(page)
    assert "Nothing was charged. The same time is still free" in words(page)
    answer = browser.post(reverse("again", args=[held.pk]))
    again = Appointment.objects.get(slot=slots[0], status="pending")
    assert again.payment
    assert answer["Location"] == again.payment.checkout_url
    assert again.reason == "Cough for two weeks"


def test_a_guest_whose_time_has_lapsed_holds_it_again_in_one_press(
    slots: list[Slot], mailoutbox: list[EmailMessage], clock: ClinicClock
) -> None:
    browser = visitor()
    held = sends(browser, slots[0])
    clock.move(timedelta(minutes=10))
    for _ in range(2):
        answer = browser.post(reverse("again", args=[held.pk]))
        assert answer["Location"] == CODE_PAGE
    assert len(mailoutbox) == 2
    assert Appointment.objects.filter(slot=slots[0], status="pending").count() == 1
    assert "Going to the payment" in words(enters(browser, code_in(mailoutbox[1])))


def test_who_is_busy_at_that_time_is_told_after_the_code(
    slots: list[Slot], free_slots: list[Slot], ana: Patient, mailoutbox: list[EmailMessage]
) -> None:
    booked(free_slots[0], ana)
    browser = visitor()
    sends(browser, slots[0], DETAILS)
    page = enters(browser, code_in(mailoutbox[0]))
    assert page.status_code == 409
    assert "You already have an appointment at this time" in words(page)
    assert typed(page)["reason"] == "Cough for two weeks"
    assert slots[0] in open_slots()


def test_a_doctor_is_told_after_the_code_that_their_account_cannot_book(
    slots: list[Slot], dr_silva: Doctor, mailoutbox: list[EmailMessage]
) -> None:
    browser = visitor()
    sends(browser, slots[0], {**DETAILS, "email": dr_silva.user.email})
    page = enters(browser, code_in(mailoutbox[0]))
    assert page.status_code == 403
    assert "You are signed in as a doctor" in words(page)
    assert slots[0] in open_slots()


def test_only_the_browser_that_sent_the_form_can_do_something_with_the_hold(
    slots: list[Slot], ana: Patient
) -> None:
    held = sends(visitor(), slots[0], DETAILS)
    for browser in (visitor(), visitor(ana)):
        assert browser.post(reverse("let_go", args=[held.pk])).status_code == 404
        assert browser.post(reverse("again", args=[held.pk])).status_code == 404
    assert visitor(ana).get(reverse("claim", args=[held.pk])).status_code == 404
    assert visitor(ana).get(reverse("appointment", args=[held.pk])).status_code == 404
    assert reverse("account_login") in visitor().get(reverse("claim", args=[held.pk]))["Location"]


def test_a_claim_that_is_reloaded_leads_to_the_appointment(
    slots: list[Slot], mailoutbox: list[EmailMessage]
) -> None:
    browser = visitor()
    held = sends(browser, slots[0])
    enters(browser, code_in(mailoutbox[0]))
    answer = browser.get(reverse("claim", args=[held.pk]))
    assert answer["Location"] == reverse("appointment", args=[held.pk])


def test_a_browser_forgets_after_an_hour_what_was_typed(
    slots: list[Slot], clock: ClinicClock
) -> None:
    browser = visitor()
    sends(browser, slots[0])
    clock.move(timedelta(minutes=59))
    assert DETAILS["nic"] in browser.get(address(slots[0])).content.decode()
    clock.move(timedelta(minutes=1))
    assert DETAILS["nic"] not in browser.get(address(slots[0])).content.decode()
