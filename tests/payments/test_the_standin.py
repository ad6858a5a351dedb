"""The company that the tests pay at keeps the rules of the real one, as its documentation has them."""

from datetime import UTC, datetime
from threading import Thread

import pytest
import stripe
from stripe.params.checkout import SessionCreateParams

from tests.server.serving import wait_for
from tests.stripe_standin.running import KEY, Standin


@pytest.fixture
def client(standin: Standin) -> stripe.StripeClient:
    return stripe.StripeClient(KEY, base_addresses={"api": standin.url}, max_network_retries=0)


def a_page(standin: Standin) -> SessionCreateParams:
    return {
        "mode": "payment",
        "allowed_payment_method_types": ["card"],
        "line_items": [
            {
                "quantity": 1,
                "price_data": {
                    "currency": "lkr",
                    "unit_amount": 250_000,
                    "product_data": {"name": "Appointment"},
                },
            }
        ],
        "client_reference_id": "ours",
        "metadata": {"payment": "ours"},
        "payment_intent_data": {"metadata": {"payment": "ours"}},
        "expires_at": int(datetime.now(UTC).timestamp()) + 45 * 60,
        "success_url": f"{standin.url}/ledger",
        "cancel_url": f"{standin.url}/ledger",
    }


def test_the_same_key_opens_one_page_and_other_parameters_are_refused(
    standin: Standin, client: stripe.StripeClient
) -> None:
    params = a_page(standin)
    first = client.v1.checkout.sessions.create(params, {"idempotency_key": "pay:1"})
    again = client.v1.checkout.sessions.create(params, {"idempotency_key": "pay:1"})
    assert first.id == again.id
    assert len(standin.entries("opened")) == 1
    with pytest.raises(stripe.IdempotencyError):
        client.v1.checkout.sessions.create(
            {**params, "client_reference_id": "another"}, {"idempotency_key": "pay:1"}
        )


def test_a_fault_of_theirs_is_answered_again_for_the_same_key(
    standin: Standin, client: stripe.StripeClient
) -> None:
    standin.script("open", "error_done")
    for _ in range(2):
        with pytest.raises(stripe.APIError):
            client.v1.checkout.sessions.create(a_page(standin), {"idempotency_key": "pay:1"})
    assert len(standin.entries("opened")) == 1


def test_a_page_ends_between_half_an_hour_and_a_day(
    standin: Standin, client: stripe.StripeClient
) -> None:
    params = a_page(standin)
    for minutes in (29, 24 * 60 + 1):
        ends = int(datetime.now(UTC).timestamp()) + minutes * 60
        with pytest.raises(stripe.InvalidRequestError):
            client.v1.checkout.sessions.create({**params, "expires_at": ends})


def test_what_is_paid_is_neither_expired_nor_given_back_twice(
    standin: Standin, client: stripe.StripeClient
) -> None:
    page = client.v1.checkout.sessions.create(a_page(standin))
    standin.pays(page.id)
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.checkout.sessions.expire(page.id)
    paid = client.v1.checkout.sessions.retrieve(page.id, {"expand": ["payment_intent"]})
    assert isinstance(paid.payment_intent, stripe.PaymentIntent)
    assert (paid.status, paid.payment_status, paid.payment_intent.status) == (
        "complete",
        "paid",
        "succeeded",
    )
    client.v1.refunds.create({"payment_intent": paid.payment_intent.id, "amount": 250_000})
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.refunds.create({"payment_intent": paid.payment_intent.id})
    assert refused.value.code == "charge_already_refunded"
    assert [event["type"] for event in standin.events()] == [
        "checkout.session.completed",
        "refund.created",
    ]


def test_a_request_is_held_where_the_test_says(
    standin: Standin, client: stripe.StripeClient
) -> None:
    standin.script("open", "stop_done")
    asking = Thread(target=client.v1.checkout.sessions.create, args=[a_page(standin)])
    asking.start()
    wait_for(lambda: standin.stopped() == ["open:done"])
    assert len(standin.entries("opened")) == 1
    standin.say("/release")
    asking.join(timeout=30)
    assert standin.stopped() == []
