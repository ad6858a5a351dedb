from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.test import Client
from pytest_django import Settings

from clinicall.booking import openings
from clinicall.booking.models import Appointment
from clinicall.people.models import Patient
from clinicall.schedule.models import Slot
from tests.clinic_clock import NOON, ClinicClock
from tests.conftest import booked
from tests.web.visitor import Answer, visitor, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def held(slots: list[Slot], ana: Patient) -> Appointment:
    return booked(slots[0], ana)


def sandbox(appointment: Appointment) -> str:
    assert appointment.payment is not None
    return urlsplit(appointment.payment.checkout_url).path


def pay(appointment: Appointment, outcome: str) -> Answer:
    # As a program would, which has neither session nor CSRF token.
    return Client(enforce_csrf_checks=True).post(sandbox(appointment), {"outcome": outcome})


def now_stands(appointment: Appointment) -> tuple[str, str, str]:
    appointment.refresh_from_db()
    assert appointment.payment is not None
    appointment.payment.refresh_from_db()
    return appointment.status, appointment.cancel_reason, appointment.payment.state


def is_open(appointment: Appointment) -> bool:
    return openings.open_slots().filter(pk__in=[appointment.slot_id]).exists()


def test_the_page_asks_for_the_money_and_says_it_is_not_real(held: Appointment) -> None:
    page = visitor().get(sandbox(held))
    assert "LKR 2,500.00" in words(page)
    assert "No real money" in page.content.decode()
    assert held.first_name not in words(page)
    assert "no-store" in page["Cache-Control"]


@pytest.mark.parametrize(
    ("outcome", "stands"),
    [
        ("succeed", ("confirmed", "", "succeeded")),
        ("decline", ("cancelled", "payment_failed", "failed")),
        ("cancel", ("cancelled", "payment_failed", "cancelled")),
        ("slow", ("pending", "", "pending")),
        ("late", ("pending", "", "pending")),
    ],
)
def test_a_choice_is_settled_before_the_payer_is_back(
    held: Appointment, outcome: str, stands: tuple[str, str, str]
) -> None:
    answer = pay(held, outcome)
    assert answer.status_code == 303
    assert urlsplit(answer["Location"]).path == f"/appointments/{held.pk}/"
    assert now_stands(held) == stands


def test_a_declined_card_gives_the_slot_back(held: Appointment) -> None:
    assert not is_open(held)
    pay(held, "decline")
    assert is_open(held)


def test_slow_and_late_money_is_looked_for_when_it_comes(
    held: Appointment, slots: list[Slot], ben: Patient
) -> None:
    pay(held, "slow")
    late = booked(slots[1], ben)
    pay(late, "late")
    for one, comes in ((held, NOON), (late, late.held_until)):
        one.refresh_from_db()
        assert one.payment is not None
        assert one.payment.next_look_at == comes + timedelta(seconds=10)


def test_the_second_press_changes_nothing_and_answers_the_same(held: Appointment) -> None:
    answers = [pay(held, outcome) for outcome in ("decline", "succeed", "decline")]
    assert [(a.status_code, a["Location"]) for a in answers] == [(303, answers[0]["Location"])] * 3
    assert now_stands(held) == ("cancelled", "payment_failed", "failed")
    assert "This payment page is done" in words(visitor().get(sandbox(held)))


def test_nothing_can_be_paid_after_the_hold_has_lapsed(
    held: Appointment, clock: ClinicClock, ana: Patient
) -> None:
    clock.move(timedelta(minutes=10))
    visitor(ana).get(f"/appointments/{held.pk}/")
    assert pay(held, "succeed").status_code == 303
    assert now_stands(held) == ("cancelled", "hold_expired", "cancelled")


def test_an_unknown_choice_is_refused_in_words(held: Appointment) -> None:
    for outcome in ("", "steal"):
        answer = pay(held, outcome)
        assert answer.status_code == 422
        assert "Nothing was paid or cancelled" in words(answer)
    assert now_stands(held) == ("pending", "", "pending")


def test_an_address_nobody_was_given_is_not_found(held: Appointment, settings: Settings) -> None:
    assert visitor().get("/sandbox/guess/").status_code == 404
    assert visitor().post("/sandbox/guess/", {"outcome": "succeed"}).status_code == 404
    settings.PAYMENT_PROVIDER = "none"
    assert visitor().get(sandbox(held)).status_code == 404
    assert pay(held, "succeed").status_code == 404
    assert now_stands(held) == ("pending", "", "pending")
