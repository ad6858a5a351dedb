"""The payer comes back from the provider's page without having paid."""

from datetime import timedelta

import pytest
from pytest_django import Settings

from clinicall.booking.models import Appointment
from clinicall.booking.openings import open_slots
from clinicall.booking.states import Status
from clinicall.people.models import Doctor, Patient
from clinicall.schedule.models import Slot
from tests.conftest import booked
from tests.payments.conftest import CardClinic
from tests.web.visitor import Answer, visitor, words


@pytest.fixture
def hold(cards: CardClinic, slots: list[Slot], ana: Patient) -> Appointment:
    return cards.hold(slots[0], ana)


@pytest.fixture
def way_back(cards: CardClinic, hold: Appointment) -> str:
    """The address that the payment page has for those who do not want to pay."""
    (page,) = cards.standin.tell("/ledger")["sessions"]
    return str(page["cancel_url"])


def now_is(appointment: Appointment) -> tuple[str, str]:
    appointment.refresh_from_db()
    return appointment.status, appointment.cancel_reason


def leads_to_the_appointment(answer: Answer, hold: Appointment) -> bool:
    return (answer.status_code, answer["Location"]) == (302, f"/appointments/{hold.pk}/")


def test_nothing_is_charged_and_the_same_time_is_one_press_away(
    cards: CardClinic, hold: Appointment, way_back: str, ana: Patient, slots: list[Slot]
) -> None:
    assert leads_to_the_appointment(visitor(ana).get(way_back), hold)
    assert now_is(hold) == ("cancelled", "payment_failed")
    assert slots[0] in open_slots()
    page = visitor(ana).get(f"/appointments/{hold.pk}/")
    assert "othing was charged" in words(page)
    assert "Hold this time again" in words(page)
    pressed = visitor(ana).post(f"/appointments/{hold.pk}/again/")
    assert pressed["Location"].startswith(f"{cards.standin.url}/pay/")
    assert Appointment.objects.get(status=Status.PENDING).reason == hold.reason
    cards.hours_pass()
    cards.agrees_with_the_ledger()


def test_who_has_paid_after_all_is_confirmed(
    cards: CardClinic, hold: Appointment, way_back: str, ana: Patient
) -> None:
    cards.pays(hold)
    assert leads_to_the_appointment(visitor(ana).get(way_back), hold)
    assert now_is(hold) == ("confirmed", "")


def test_turning_back_twice_changes_no_more(
    cards: CardClinic, hold: Appointment, way_back: str, ana: Patient, slots: list[Slot]
) -> None:
    visitor(ana).get(way_back)
    again = booked(slots[0], ana)
    visitor(ana).get(way_back)
    assert now_is(again) == ("pending", "")


def test_a_provider_that_does_not_answer_leaves_it_to_the_clock(
    cards: CardClinic, hold: Appointment, way_back: str, ana: Patient
) -> None:
    cards.standin.script("close", "silent")
    assert leads_to_the_appointment(visitor(ana).get(way_back), hold)
    assert now_is(hold) == ("pending", "")
    cards.later(timedelta(minutes=11))
    cards.hours_pass()
    assert now_is(hold) == ("cancelled", "hold_expired")
    cards.agrees_with_the_ledger()


@pytest.mark.parametrize("query", ["", "?proof=", "?proof=guess", "?proof=ü", "?proof=%00"])
def test_an_address_that_we_did_not_give_the_page_changes_nothing(
    cards: CardClinic, hold: Appointment, way_back: str, ana: Patient, query: str
) -> None:
    address = f"/appointments/{hold.pk}/unpaid/{query}"
    assert leads_to_the_appointment(visitor(ana).get(address), hold)
    assert visitor(ana).post(way_back).status_code == 405
    assert now_is(hold) == ("pending", "")


def test_the_proof_of_another_visit_is_none(
    cards: CardClinic, hold: Appointment, way_back: str, ana: Patient, slots: list[Slot]
) -> None:
    other = booked(slots[2], ana)
    address = way_back.replace(str(hold.pk), str(other.pk))
    assert leads_to_the_appointment(visitor(ana).get(address), other)
    assert now_is(other) == ("pending", "")


def test_it_is_for_the_patient_alone(
    cards: CardClinic, hold: Appointment, way_back: str, ben: Patient, dr_osei: Doctor
) -> None:
    assert visitor(ben).get(way_back).status_code == 404
    assert visitor(dr_osei).get(way_back).status_code in (302, 403, 404)
    assert visitor().get(way_back)["Location"].startswith("/account/login/")
    assert now_is(hold) == ("pending", "")


def test_a_free_visit_has_no_page_to_turn_back_from(free_slots: list[Slot], ana: Patient) -> None:
    visit = booked(free_slots[0], ana)
    assert visitor(ana).get(f"/appointments/{visit.pk}/unpaid/").status_code == 404


@pytest.mark.parametrize(
    ("provider", "base", "leads_to"),
    [
        ("stripe", "", "'self' https://checkout.stripe.com;"),
        ("stripe", "http://127.0.0.1:1", "'self' http://127.0.0.1:1;"),
        ("sandbox", "", "'self';"),
    ],
)
def test_only_the_forms_that_ask_for_a_time_may_lead_to_the_payment_page(
    slots: list[Slot],
    free_slots: list[Slot],
    ana: Patient,
    settings: Settings,
    provider: str,
    base: str,
    leads_to: str,
) -> None:
    settings.PAYMENT_PROVIDER, settings.STRIPE_API_BASE = provider, base
    form = visitor(ana).get(f"/doctors/{slots[0].doctor_id}/slots/{slots[0].pk}/")
    assert f"form-action {leads_to}" in form["Content-Security-Policy"]
    visit = booked(free_slots[1], ana)
    page = visitor(ana).get(f"/appointments/{visit.pk}/")
    assert f"form-action {leads_to}" in page["Content-Security-Policy"]
    assert "form-action 'self';" in visitor(ana).get("/appointments/")["Content-Security-Policy"]
