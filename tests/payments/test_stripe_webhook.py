"""What Stripe tells us, and what others tell us in its name."""

import json
import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import stripe
from django.apps import apps
from django.test import Client
from pytest_django import Settings

from clinicall import wiring
from clinicall.booking import ending
from clinicall.booking.models import Appointment, Transition
from clinicall.booking.states import Status
from clinicall.jobs.tidy import tidy
from clinicall.payments.models import (
    Event,
    Payment,
    PaymentState,
    Quarantine,
    Refund,
    RefundState,
    Trouble,
)
from clinicall.people.models import Patient
from clinicall.schedule.models import Slot
from tests.payments.conftest import WEBHOOK, CardClinic, page_of, posted, signed
from tests.stripe_standin.running import SECRET
from tests.web.visitor import Answer

OURS = ("payments", "booking", "schedule", "people", "records")


def the_whole_book() -> dict[str, Any]:
    """Every row, but for the events: what nobody may change by lying to us."""
    return {
        model._meta.label: sorted(map(repr, model._default_manager.values_list()))
        for name in OURS
        for model in apps.get_app_config(name).get_models()
        if model is not Event
    }


@pytest.fixture
def hold(cards: CardClinic, slots: list[Slot], ana: Patient) -> Appointment:
    """Ana has paid, and nobody has told us yet."""
    hold = cards.hold(slots[0], ana)
    cards.pays(hold)
    return hold


@pytest.fixture
def told(cards: CardClinic, hold: Appointment) -> dict[str, Any]:
    """What Stripe tells us of it."""
    (event,) = cards.standin.events()
    return event


def status(appointment: Appointment) -> str:
    appointment.refresh_from_db()
    return appointment.status


def is_a_bad_request(answer: Answer) -> bool:
    problem = answer.json()
    return (answer.status_code, answer["Content-Type"], problem["code"]) == (
        400,
        "application/problem+json",
        "bad_request",
    )


def test_a_message_settles_its_payment_before_it_is_answered(
    cards: CardClinic, hold: Appointment, told: dict[str, Any]
) -> None:
    answer = cards.hears(told)
    assert (answer.status_code, answer.content) == (200, b"")
    assert status(hold) == Status.CONFIRMED
    assert Event.objects.get().payment_id == hold.payment_id


def test_a_message_of_which_stripe_then_knows_nothing_is_answered_and_asked_about_again(
    cards: CardClinic, hold: Appointment, told: dict[str, Any]
) -> None:
    cards.standin.script("look_up", "silent")
    assert cards.hears(told).status_code == 200
    assert status(hold) == Status.PENDING
    tidy()
    assert status(hold) == Status.CONFIRMED


def test_the_sdks_own_signatures_are_the_ones_we_read(
    cards: CardClinic, hold: Appointment, told: dict[str, Any]
) -> None:
    body = json.dumps(told)
    at = int(cards.clock.now.timestamp())
    header = stripe.WebhookSignature.generate_signature_header(body, SECRET, at)
    assert posted(body.encode(), header).status_code == 200
    assert status(hold) == Status.CONFIRMED


def test_one_of_two_signatures_is_enough_while_a_secret_is_being_replaced(
    cards: CardClinic, hold: Appointment, told: dict[str, Any]
) -> None:
    body, at = json.dumps(told).encode(), cards.clock.now.timestamp()
    old = signed(body, at, "whsec_old")
    new = signed(body, at).partition(",")[2]
    assert posted(body, f"{old},{new}").status_code == 200
    assert status(hold) == Status.CONFIRMED


# --- Messages that are not Stripe's, or not for us ---

Forgery = Callable[[bytes, float], tuple[bytes, str | None]]

FORGED: dict[str, Forgery] = {
    "unsigned": lambda body, at: (body, None),
    "with an empty header": lambda body, at: (body, ""),
    "with a header of nonsense": lambda body, at: (body, "t=,v1=,=,,t=x,ü=ß"),
    "with a time of a thousand digits": lambda body, at: (body, f"t={'9' * 1000},v1=0"),
    "with a header of 100 kB": lambda body, at: (body, f"t={int(at)},v1={'0' * 100_000}"),
    "without a time": lambda body, at: (body, signed(body, at).partition(",")[2]),
    "without a signature": lambda body, at: (body, f"t={int(at)}"),
    "of an older scheme": lambda body, at: (body, signed(body, at).replace("v1", "v0")),
    "signed by another": lambda body, at: (body, signed(body, at, "whsec_another")),
    "signed with nothing": lambda body, at: (body, signed(body, at, "")),
    "changed on its way": lambda body, at: (body + b" ", signed(body, at)),
    "given another time": lambda body, at: (
        body,
        f"t={int(at) + 1},{signed(body, at).partition(',')[2]}",
    ),
    "of long ago": lambda body, at: (body, signed(body, at - 301)),
    "of the future": lambda body, at: (body, signed(body, at + 301)),
    "unsigned and of bytes that are no text": lambda body, at: (b"\xff\xfe{", None),
}

SIGNED_NONSENSE = {
    "no text": b"\xff\xfe\x00",
    "empty": b"",
    "no JSON": b"{",
    "a list": b"[]",
    "a number": b"1",
    "null": b"null",
    "a number of 5,000 digits": b'{"id": ' + b"9" * 5_000 + b"}",
    "a thousand brackets": b"[" * 100_000,
    "an event without a name": b'{"type": "checkout.session.completed"}',
    "an event whose name is a number": b'{"id": 1, "type": "checkout.session.completed"}',
    "an event with a name that no database keeps": b'{"id": "evt_\\u0000", "type": "a"}',
    "an event with half a letter": b'{"id": "evt_1", "type": "\\ud800"}',
}


@pytest.mark.parametrize("forgery", FORGED.values(), ids=FORGED)
def test_a_forged_message_changes_nothing(
    cards: CardClinic, hold: Appointment, told: dict[str, Any], forgery: Forgery
) -> None:
    before = the_whole_book()
    body, signature = forgery(json.dumps(told).encode(), cards.clock.now.timestamp())
    assert is_a_bad_request(posted(body, signature))
    assert the_whole_book() == before
    assert not Event.objects.exists()


@pytest.mark.parametrize("body", SIGNED_NONSENSE.values(), ids=SIGNED_NONSENSE)
def test_a_signed_message_that_cannot_be_read_changes_nothing(
    cards: CardClinic, hold: Appointment, body: bytes
) -> None:
    before = the_whole_book()
    assert is_a_bad_request(posted(body, signed(body, cards.clock.now.timestamp())))
    assert the_whole_book() == before
    assert not Event.objects.exists()


def test_within_five_minutes_either_way_clocks_may_differ(
    cards: CardClinic, hold: Appointment, told: dict[str, Any]
) -> None:
    body = json.dumps(told).encode()
    for seconds in (-300, 300):
        at = cards.clock.now.timestamp() + seconds
        assert posted(body, signed(body, at)).status_code == 200


def with_object(told: dict[str, Any], **facts: Any) -> dict[str, Any]:
    return {**told, "data": {"object": {**told["data"]["object"], **facts}}}


SET_ASIDE: dict[str, tuple[Callable[[dict[str, Any]], dict[str, Any]], Quarantine]] = {
    "another account": (lambda told: {**told, "account": "acct_1"}, Quarantine.OTHER_ACCOUNT),
    "the live mode": (lambda told: {**told, "livemode": True}, Quarantine.OTHER_MODE),
    "no mode at all": (lambda told: {**told, "livemode": None}, Quarantine.OTHER_MODE),
    "an unknown kind": (lambda told: {**told, "type": "payout.paid"}, Quarantine.UNKNOWN_KIND),
    "a dispute": (
        lambda told: {**told, "type": "charge.dispute.created"},
        Quarantine.DISPUTED,
    ),
    "no reference": (lambda told: with_object(told, metadata={}), Quarantine.FOREIGN),
    "metadata that is none": (lambda told: with_object(told, metadata=[1]), Quarantine.FOREIGN),
    "no object": (lambda told: {**told, "data": None}, Quarantine.FOREIGN),
    "another's reference": (
        lambda told: with_object(told, metadata={"payment": "order-17"}),
        Quarantine.FOREIGN,
    ),
    "a reference that we never gave": (
        lambda told: with_object(told, metadata={"payment": str(uuid4())}),
        Quarantine.FOREIGN,
    ),
    "a refund by hand": (lambda told: {**told, "type": "refund.created"}, Quarantine.FOREIGN),
    "money of others given back": (
        lambda told: {**with_object(told, metadata={}), "type": "charge.refunded"},
        Quarantine.FOREIGN,
    ),
}


@pytest.mark.parametrize(("change", "why"), SET_ASIDE.values(), ids=SET_ASIDE)
def test_a_signed_message_that_is_not_about_our_money_is_set_aside(
    cards: CardClinic,
    hold: Appointment,
    told: dict[str, Any],
    change: Callable[[dict[str, Any]], dict[str, Any]],
    why: Quarantine,
) -> None:
    before = the_whole_book()
    for _ in range(2):
        assert cards.hears(change(told)).status_code == 200
    assert the_whole_book() == before
    assert Event.objects.get().quarantined == why


@pytest.mark.parametrize("lie", [{"amount_total": 1}, {"currency": "usd"}, {"livemode": True}])
def test_money_that_is_not_what_we_asked_for_confirms_nothing(
    cards: CardClinic, hold: Appointment, told: dict[str, Any], lie: dict[str, Any]
) -> None:
    cards.standin.say("/alter", id=page_of(hold), **lie)
    assert cards.hears(told).status_code == 200
    assert status(hold) == Status.PENDING
    assert Payment.objects.get().trouble == Trouble.MISMATCH
    assert not Refund.objects.exists()


def test_what_a_message_claims_is_not_believed(
    cards: CardClinic, slots: list[Slot], ana: Patient
) -> None:
    hold = cards.hold(slots[0], ana)
    page = {"id": page_of(hold), "metadata": {"payment": str(hold.payment_id)}}
    event = {
        "id": "evt_1",
        "type": "checkout.session.completed",
        "livemode": False,
        "data": {"object": {**page, "payment_status": "paid"}},
    }
    assert cards.hears(event).status_code == 200
    assert status(hold) == Status.PENDING


# --- Many messages ---


def test_two_hundred_messages_in_any_order_have_one_effect(
    cards: CardClinic, slots: list[Slot], ana: Patient, ben: Patient
) -> None:
    visit, declined = cards.hold(slots[0], ana), cards.hold(slots[1], ben)
    cards.pays(visit, "mistype")
    cards.pays(visit)
    cards.pays(declined, "decline")
    shuffled = random.Random(4)
    for _ in range(100):
        events = cards.standin.events()
        for event in shuffled.sample(events, min(2, len(events))):
            assert cards.hears(event).status_code == 200
    assert status(visit) == Status.CONFIRMED
    assert status(declined) == Status.CANCELLED
    confirmed = Transition.objects.filter(to_status=Status.CONFIRMED)
    assert [step.appointment_id for step in confirmed] == [visit.pk]
    assert Transition.objects.count() == 4
    assert Event.objects.count() == len(cards.standin.events())
    assert not Event.objects.exclude(quarantined="").exists()
    cards.hours_pass()
    cards.agrees_with_the_ledger()


def test_another_message_by_a_known_name_changes_nothing(
    cards: CardClinic, hold: Appointment, told: dict[str, Any], slots: list[Slot], ben: Patient
) -> None:
    """None of it would be believed anyway, so nobody is told either."""
    cards.hears(told)
    first = list(Event.objects.values())
    other = cards.hold(slots[1], ben)
    cards.pays(other)
    about_the_other = with_object(
        told, id=page_of(other), metadata={"payment": str(other.payment_id)}
    )
    before = the_whole_book()
    for message in (about_the_other, {**told, "type": "payout.paid"}, {**told, "livemode": True}):
        assert cards.hears(message).status_code == 200
    assert the_whole_book() == before
    assert list(Event.objects.values()) == first


def test_messages_come_before_our_own_answer_and_before_the_page_is_known(
    cards: CardClinic, slots: list[Slot], ana: Patient
) -> None:
    cards.standin.script("open", "silent_done")
    hold = cards.hold(slots[0], ana)
    (page,) = cards.standin.tell("/ledger")["sessions"]
    cards.standin.pays(page["id"])
    cards.hears(cards.standin.events()[0])
    assert status(hold) == Status.CONFIRMED
    assert page_of(hold) == page["id"]
    cards.agrees_with_the_ledger()


def test_a_declined_card_releases_the_time_by_the_message_of_it(
    cards: CardClinic, slots: list[Slot], ana: Patient
) -> None:
    hold = cards.hold(slots[0], ana)
    cards.pays(hold, "decline")
    for event in cards.standin.events():
        cards.hears(event)
    hold.refresh_from_db()
    assert (hold.status, hold.cancel_reason) == (Status.CANCELLED, "payment_failed")


def test_the_bank_has_given_the_money_back_by_the_message_of_it(
    cards: CardClinic, hold: Appointment, told: dict[str, Any], ana: Patient
) -> None:
    cards.hears(told)
    ending.cancel(
        hold.pk, by=ana.user, gateway_for=wiring.payment_gateway, line=wiring.video_line()
    )
    cards.standin.script("refund", "pending")
    tidy()
    assert Refund.objects.get().state == RefundState.PENDING
    cards.standin.say("/bank", yes=True)
    for event in cards.standin.events():
        assert cards.hears(event).status_code == 200
    assert Refund.objects.get().state == RefundState.SUCCEEDED
    assert not Event.objects.exclude(quarantined="").exists()
    cards.agrees_with_the_ledger()


def test_money_given_back_in_stripes_own_pages_is_set_aside_for_a_person(
    cards: CardClinic, hold: Appointment, told: dict[str, Any]
) -> None:
    cards.hears(told)
    cards.standin.say("/dashboard", session=page_of(hold))
    cards.hears(cards.standin.events()[-1])
    assert Event.objects.get(kind="refund.created").quarantined == Quarantine.FOREIGN
    assert status(hold) == Status.CONFIRMED
    assert Payment.objects.get().state == PaymentState.SUCCEEDED


# --- The address ---


def test_it_is_not_there_for_a_clinic_without_stripe(
    cards: CardClinic, hold: Appointment, told: dict[str, Any], settings: Settings
) -> None:
    for provider in ("sandbox", "none"):
        settings.PAYMENT_PROVIDER = provider
        assert cards.hears(told).status_code == 404
        assert Client().get(WEBHOOK).json()["code"] == "not_found"
    assert not Event.objects.exists()


def test_it_takes_no_other_method(cards: CardClinic) -> None:
    for method in ("get", "head", "put", "delete", "options"):
        answer = getattr(Client(), method)(WEBHOOK)
        assert answer.status_code == 405
        assert answer["Allow"] == "POST"
        assert answer["Content-Type"] == "application/problem+json"


def test_a_body_without_end_is_refused(cards: CardClinic) -> None:
    body = b'{"id": "' + b"a" * (1 << 20) + b'"}'
    answer = posted(body, signed(body, cards.clock.now.timestamp()))
    assert answer.status_code in (400, 413)
    assert answer["Content-Type"] == "application/problem+json"


def test_nothing_of_a_message_is_logged(
    cards: CardClinic,
    hold: Appointment,
    told: dict[str, Any],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("DEBUG", logger="clinicall")
    named = with_object(told, customer_details={"name": "Ana Perera"})
    cards.hears(named)
    cards.hears({**named, "id": "evt_2", "type": "payout.paid"})
    body = json.dumps(named).encode()
    posted(body, signed(body, (cards.clock.now - timedelta(hours=1)).timestamp()))
    assert "Perera" not in caplog.text
    assert "evt_" not in caplog.text
