"""Whatever goes wrong between us and Stripe, every charge in its ledger ends in a visit or a refund."""

import logging
from datetime import timedelta
from uuid import uuid4

import pytest
from pytest_django import Settings

from clinicall import wiring
from clinicall.booking import ending, settling
from clinicall.booking.models import Appointment
from clinicall.booking.openings import open_slots
from clinicall.booking.states import Status
from clinicall.core.money import Money
from clinicall.jobs.tidy import reconcile, tidy
from clinicall.payments import refunds
from clinicall.payments.gateway import GatewayDown, Given, Outcome
from clinicall.payments.models import (
    Payment,
    PaymentState,
    Refund,
    RefundState,
    Trouble,
)
from clinicall.payments.stripe import StripeGateway
from clinicall.people.models import Patient
from clinicall.schedule.models import Slot
from tests.payments.conftest import CardClinic, page_of
from tests.stripe_standin.running import KEY

MINUTE = timedelta(minutes=1)
FAULTS = ["silent", "silent_done", "error", "error_done", "busy"]


def now_is(appointment: Appointment) -> tuple[str, str]:
    appointment.refresh_from_db()
    return appointment.status, appointment.cancel_reason


def news(appointment: Appointment) -> None:
    assert appointment.payment_id
    settling.settle(
        appointment.payment_id, gateway_for=wiring.payment_gateway, line=wiring.video_line()
    )


def cancelled_by_patient(appointment: Appointment, patient: Patient) -> None:
    ending.cancel(
        appointment.pk,
        by=patient.user,
        gateway_for=wiring.payment_gateway,
        line=wiring.video_line(),
    )


@pytest.fixture
def paid(cards: CardClinic, slots: list[Slot], ana: Patient) -> Appointment:
    """A visit that Ana has paid for."""
    hold = cards.hold(slots[0], ana)
    cards.pays(hold)
    news(hold)
    assert now_is(hold) == ("confirmed", "")
    return hold


@pytest.fixture
def owed(paid: Appointment, ana: Patient) -> Refund:
    """She has cancelled it, and gets her money back."""
    cancelled_by_patient(paid, ana)
    return Refund.objects.get(payment=paid.payment)


def a_key_is_forgotten(cards: CardClinic) -> None:
    """What Stripe itself failed at it answers so again for the same key, and a person knows by then."""
    refund = Refund.objects.get()
    assert (refund.state, refund.trouble) == (RefundState.NEEDS_HUMAN, Trouble.NO_ANSWER)
    cards.later(timedelta(days=1))
    tidy()


# --- The page ---


def test_stripe_learns_an_amount_and_our_reference_and_nothing_of_the_patient(
    cards: CardClinic, slots: list[Slot], ana: Patient
) -> None:
    hold = cards.hold(slots[0], ana)
    (asked,) = cards.standin.tell("/ledger")["asked"]
    assert asked["key"] == f"pay:{hold.payment_id}"
    assert asked["params"]["client_reference_id"] == str(hold.payment_id)
    told = repr(asked["params"]).lower()
    for secret in (hold.first_name, hold.last_name, hold.email, hold.phone, hold.nic, hold.reason):
        assert secret.lower() not in told
    assert hold.doctor.name.lower() not in told
    assert "cardiology" not in told


def test_a_page_closes_after_the_hold_has_lapsed_and_not_before(
    cards: CardClinic, slots: list[Slot], ana: Patient
) -> None:
    hold = cards.hold(slots[0], ana)
    (page,) = cards.standin.tell("/ledger")["sessions"]
    assert page["expires_at"] == int((hold.held_until + 35 * MINUTE).timestamp())


@pytest.mark.parametrize("fault", [*FAULTS, "slow"])
def test_a_page_that_did_not_open_is_asked_for_again_as_the_same(
    cards: CardClinic, slots: list[Slot], ana: Patient, fault: str
) -> None:
    cards.standin.script("open", fault, seconds=0.2)
    hold = cards.hold(slots[0], ana)
    assert now_is(hold) == ("pending", "")
    cards.later(MINUTE)
    tidy()
    assert len(cards.standin.entries("opened")) <= 1
    pages = [page["id"] for page in cards.standin.tell("/ledger")["sessions"]]
    if fault in ("error", "error_done"):  # which Stripe answers again for the same key
        assert Payment.objects.get().state == PaymentState.CREATED
    else:
        assert pages == [page_of(hold)]
        cards.pays(hold)
    cards.hours_pass()
    cards.agrees_with_the_ledger()
    confirmed = fault not in ("error", "error_done")
    assert now_is(hold) == (("confirmed", "") if confirmed else ("cancelled", "hold_expired"))


def test_who_waits_for_stripe_does_not_wait_for_long(
    cards: CardClinic, paid: Appointment, owed: Refund
) -> None:
    assert paid.payment
    hasty = StripeGateway(KEY, api_base=cards.standin.url, timeout=0.2)
    cards.standin.script("look_up", "slow", seconds=5)
    with pytest.raises(GatewayDown):
        hasty.look_up(page_of(paid), reference=paid.payment.pk, money=paid.payment.money)


def test_both_pages_of_one_visit_are_paid_and_one_of_them_is_given_back(
    cards: CardClinic, slots: list[Slot], ana: Patient
) -> None:
    cards.standin.script("open", "twice")
    hold = cards.hold(slots[0], ana)
    other, known = (page["id"] for page in cards.standin.tell("/ledger")["sessions"])
    assert page_of(hold) == known
    cards.standin.pays(other)
    cards.standin.pays(known)
    for event in cards.standin.events():
        cards.hears(event)
    cards.hours_pass()
    assert now_is(hold) == ("confirmed", "")
    beside = Payment.objects.get(provider_ref=other)
    assert beside.beside_id == hold.payment_id
    assert Refund.objects.get().payment == beside
    cards.agrees_with_the_ledger()


def test_a_second_page_that_nobody_told_of_is_found_in_stripes_own_list(
    cards: CardClinic, slots: list[Slot], ana: Patient
) -> None:
    cards.standin.script("open", "twice")
    hold = cards.hold(slots[0], ana)
    for page in cards.standin.tell("/ledger")["sessions"]:
        cards.standin.pays(page["id"])
    cards.hours_pass()
    assert now_is(hold) == ("confirmed", "")
    cards.agrees_with_the_ledger()


# --- How it went ---


@pytest.mark.parametrize("fault", [*FAULTS, "slow"])
def test_a_payment_of_which_stripe_does_not_tell_at_first_is_heard_of_later(
    cards: CardClinic, slots: list[Slot], ana: Patient, fault: str
) -> None:
    hold = cards.hold(slots[0], ana)
    cards.pays(hold)
    for _ in range(3):
        cards.standin.script("look_up", fault, seconds=0.1)
    cards.hours_pass()
    assert now_is(hold) == ("confirmed", "")
    cards.agrees_with_the_ledger()


@pytest.mark.parametrize("fault", [*FAULTS, "slow"])
def test_a_page_that_would_not_close_is_closed_later(
    cards: CardClinic, slots: list[Slot], ana: Patient, fault: str
) -> None:
    hold = cards.hold(slots[0], ana)
    cards.standin.script("close", fault, seconds=0.1)
    cancelled_by_patient(hold, ana)
    cards.hours_pass()
    assert [page["status"] for page in cards.standin.tell("/ledger")["sessions"]] == ["expired"]
    assert Payment.objects.get().state == PaymentState.CANCELLED
    cards.agrees_with_the_ledger()


def test_a_declined_card_ends_it_and_a_mistyped_one_does_not(
    cards: CardClinic, slots: list[Slot], ana: Patient
) -> None:
    hold = cards.hold(slots[0], ana)
    cards.pays(hold, "mistype")
    news(hold)
    assert now_is(hold) == ("pending", "")
    cards.pays(hold, "decline")
    news(hold)
    assert now_is(hold) == ("cancelled", "payment_failed")
    assert Payment.objects.get().state == PaymentState.FAILED
    assert slots[0] in open_slots()
    cards.pays(hold)  # and finds the page closed
    cards.hours_pass()
    cards.agrees_with_the_ledger()


def test_who_pays_while_the_page_is_being_closed_has_paid(
    cards: CardClinic, slots: list[Slot], ana: Patient
) -> None:
    hold = cards.hold(slots[0], ana)
    cards.pays(hold)
    settling.turn_back(hold.pk, gateway_for=wiring.payment_gateway, line=wiring.video_line())
    assert now_is(hold) == ("confirmed", "")
    cards.agrees_with_the_ledger()


def test_a_page_that_stays_open_is_not_taken_for_closed(
    cards: CardClinic, slots: list[Slot], ana: Patient
) -> None:
    hold = cards.hold(slots[0], ana)
    cards.standin.script("close", "refuse")
    with pytest.raises(GatewayDown):
        settling.turn_back(hold.pk, gateway_for=wiring.payment_gateway, line=wiring.video_line())
    assert now_is(hold) == ("pending", "")


@pytest.mark.parametrize(("yes", "ends"), [(True, "confirmed"), (False, "cancelled")])
def test_a_bank_that_takes_its_time_is_waited_for(
    cards: CardClinic, slots: list[Slot], ana: Patient, yes: bool, ends: str
) -> None:
    hold = cards.hold(slots[0], ana)
    cards.pays(hold, "process")
    news(hold)
    assert now_is(hold) == ("pending", "")
    assert Payment.objects.get().under_way
    cards.later(11 * MINUTE)  # the hold has lapsed, and there is nothing that could be closed
    tidy()
    cards.standin.say("/bank", yes=yes)
    cards.hours_pass()
    assert now_is(hold)[0] == ends
    cards.agrees_with_the_ledger()


def test_late_money_confirms_when_the_time_is_free(
    cards: CardClinic, slots: list[Slot], ana: Patient
) -> None:
    hold = cards.hold(slots[0], ana)
    cards.later(11 * MINUTE)
    cards.pays(hold)  # before anybody has closed the page
    tidy()
    assert now_is(hold) == ("confirmed", "")
    cards.agrees_with_the_ledger()


@pytest.mark.parametrize("fault", [*FAULTS, "slow"])
def test_late_money_for_a_taken_time_comes_back_whatever_goes_wrong(
    cards: CardClinic, slots: list[Slot], ana: Patient, ben: Patient, fault: str
) -> None:
    hold = cards.hold(slots[0], ana)
    cards.later(11 * MINUTE)
    winner = cards.hold(slots[0], ben)
    cards.pays(hold)
    cards.pays(winner)
    for exchange in ("look_up", "refund", "refunds"):
        cards.standin.script(exchange, fault, seconds=0.1)
    cards.hours_pass()
    if fault == "error":
        a_key_is_forgotten(cards)
    assert now_is(hold) == ("cancelled", "hold_expired")
    assert now_is(winner) == ("confirmed", "")
    assert len(cards.standin.entries("refund succeeded")) == 1
    cards.agrees_with_the_ledger()


@pytest.mark.parametrize(
    "lie",
    [
        {"amount_total": 1},
        {"currency": "usd"},
        {"livemode": True},
        {"client_reference_id": "d9428888-122b-11e1-b85c-61cd3cbb3210"},
    ],
)
def test_a_payment_that_is_not_what_we_asked_for_waits_for_a_person(
    cards: CardClinic, slots: list[Slot], ana: Patient, lie: dict[str, object]
) -> None:
    hold = cards.hold(slots[0], ana)
    cards.pays(hold)
    cards.standin.say("/alter", id=page_of(hold), **lie)
    news(hold)
    assert now_is(hold) == ("pending", "")
    assert Payment.objects.get().trouble == Trouble.MISMATCH


def test_a_key_that_stripe_does_not_take_changes_nothing_and_is_not_logged(
    cards: CardClinic,
    slots: list[Slot],
    ana: Patient,
    settings: Settings,
    caplog: pytest.LogCaptureFixture,
) -> None:
    hold = cards.hold(slots[0], ana)
    cards.pays(hold)
    settings.STRIPE_SECRET_KEY = "sk_test_withdrawn"
    with pytest.raises(GatewayDown):
        news(hold)
    assert now_is(hold) == ("pending", "")
    told = [record.levelname for record in caplog.records if record.levelno >= logging.INFO]
    assert told == ["ERROR"]
    assert "withdrawn" not in caplog.text


def test_isk_and_ugx_are_written_as_stripe_counts_them(
    cards: CardClinic, slots: list[Slot], ana: Patient
) -> None:
    slots[0].doctor.clinic.currency = "ISK"
    slots[0].doctor.clinic.save()
    hold = cards.hold(slots[0], ana)
    (page,) = cards.standin.tell("/ledger")["sessions"]
    assert (page["amount_total"], page["currency"]) == (25_000_000, "isk")
    cards.pays(hold)
    news(hold)
    assert now_is(hold) == ("confirmed", "")
    cancelled_by_patient(hold, ana)
    tidy()
    (refund,) = cards.standin.tell("/ledger")["refunds"]
    assert refund["amount"] == 25_000_000
    assert Refund.objects.get().state == RefundState.SUCCEEDED


def test_a_currency_that_stripe_counts_in_its_own_way_is_not_asked_for(
    cards: CardClinic, slots: list[Slot], ana: Patient
) -> None:
    slots[0].doctor.clinic.currency = "KWD"
    slots[0].doctor.clinic.save()
    hold = cards.hold(slots[0], ana)
    assert Payment.objects.get(appointment=hold).state == PaymentState.CREATED
    assert cards.standin.tell("/ledger")["asked"] == []


# --- Money back ---


@pytest.mark.parametrize("fault", [*FAULTS, "slow"])
def test_a_refund_is_made_once_however_often_it_is_asked_for(
    cards: CardClinic, owed: Refund, fault: str
) -> None:
    cards.standin.script("refund", fault, seconds=0.1)
    cards.hours_pass()
    if fault == "error":
        a_key_is_forgotten(cards)
    assert len(cards.standin.entries("refund succeeded")) == 1
    cards.agrees_with_the_ledger()


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("charge_disputed", "This charge has been charged back"),
        ("balance_insufficient", "Insufficient funds in your Stripe balance"),
    ],
)
def test_a_refused_refund_waits_for_a_person_and_is_asked_anew(
    cards: CardClinic, owed: Refund, code: str, message: str
) -> None:
    cards.standin.script("refund", "refuse", code=code, message=message)
    cards.hours_pass()
    owed.refresh_from_db()
    assert (owed.state, owed.trouble) == (RefundState.NEEDS_HUMAN, Trouble.REFUSED)
    assert cards.standin.tell("/ledger")["refunds"] == []
    refunds.try_again(owed.pk)
    tidy()
    keys = [a["key"] for a in cards.standin.tell("/ledger")["asked"] if a["exchange"] == "refund"]
    assert keys == [f"refund:{owed.pk}:1", f"refund:{owed.pk}:2"]
    cards.agrees_with_the_ledger()


def test_a_refund_that_a_bank_takes_its_time_for_succeeds_when_it_does(
    cards: CardClinic, owed: Refund
) -> None:
    cards.standin.script("refund", "pending")
    tidy()
    owed.refresh_from_db()
    assert owed.state == RefundState.PENDING
    cards.standin.say("/bank", yes=True)
    cards.hours_pass()
    cards.agrees_with_the_ledger()


def test_a_refund_that_fails_in_the_end_waits_for_a_person(cards: CardClinic, owed: Refund) -> None:
    cards.standin.script("refund", "pending")
    tidy()
    cards.standin.say("/bank", yes=False)
    cards.hours_pass()
    owed.refresh_from_db()
    assert (owed.state, owed.trouble) == (RefundState.NEEDS_HUMAN, Trouble.REFUSED)
    refunds.try_again(owed.pk)
    cards.hours_pass()
    cards.agrees_with_the_ledger()


def test_money_that_somebody_gave_back_in_stripes_own_pages_is_back(
    cards: CardClinic, paid: Appointment, owed: Refund
) -> None:
    cards.standin.say("/dashboard", session=page_of(paid))
    tidy()
    owed.refresh_from_db()
    assert owed.state == RefundState.SUCCEEDED
    assert len(cards.standin.tell("/ledger")["refunds"]) == 1


def test_a_part_given_back_by_hand_is_no_whole(
    cards: CardClinic, paid: Appointment, owed: Refund
) -> None:
    cards.standin.say("/dashboard", session=page_of(paid), amount=100_000)
    tidy()
    owed.refresh_from_db()
    assert (owed.state, owed.trouble) == (RefundState.NEEDS_HUMAN, Trouble.REFUSED)


def test_a_part_is_given_back_once_even_after_stripe_has_forgotten_the_key(
    cards: CardClinic, paid: Appointment
) -> None:
    gateway = wiring.payment_gateway()
    assert gateway
    reference = uuid4()
    for _ in range(3):
        given = gateway.give_back(
            page_of(paid), reference=reference, money=Money(100_000, "LKR"), attempt=1
        )
        assert given is Given.BACK
        cards.later(timedelta(days=2))
    assert len(cards.standin.tell("/ledger")["refunds"]) == 1


def test_all_that_was_paid_is_listed_page_by_page(
    cards: CardClinic, slots: list[Slot], ana: Patient, ben: Patient, cleo: Patient
) -> None:
    holds = [cards.hold(*pair) for pair in zip(slots, (ana, ben, cleo), strict=False)]
    for hold in holds[:2]:
        cards.pays(hold)
    gateway = wiring.payment_gateway()
    assert gateway
    listed = {(p.provider_ref, p.reference) for p in gateway.paid_since(cards.clock.now)}
    assert listed == {(page_of(hold), hold.payment_id) for hold in holds[:2]}
    reconcile()
    tidy()
    assert Appointment.objects.filter(status=Status.CONFIRMED).count() == 2


def test_a_page_that_was_never_paid_is_over_with_its_time(
    cards: CardClinic, slots: list[Slot], ana: Patient
) -> None:
    hold = cards.hold(slots[0], ana)
    assert hold.payment
    cards.later(timedelta(minutes=46))
    gateway = wiring.payment_gateway()
    assert gateway
    ended = gateway.look_up(page_of(hold), reference=hold.payment.pk, money=hold.payment.money)
    assert ended is Outcome.CANCELLED
