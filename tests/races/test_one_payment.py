"""Money arrives while others act: it ends in one visit, or is owed back once and whole."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from uuid import UUID, uuid4

import pytest

from clinicall import wiring
from clinicall.booking import settling
from clinicall.booking.holds import ANYWHERE, hold_slot, lapse
from clinicall.booking.models import Appointment
from clinicall.booking.states import LIVE, Status
from clinicall.jobs.tidy import tidy
from clinicall.payments import refunds
from clinicall.payments.gateway import Gateway, Given, Hint, Outcome
from clinicall.payments.models import (
    Payment,
    PaymentState,
    Refund,
    RefundState,
    SandboxCheckout,
    SandboxRefund,
)
from clinicall.people.models import Patient
from clinicall.schedule.models import Slot
from tests.booking.test_checkout import news, pays
from tests.booking.test_ending import cancel, paid
from tests.booking.test_settling import Bank, a_second_page, heard
from tests.clinic_clock import NOON, ClinicClock
from tests.conftest import booked, wish_for
from tests.races.books import check_books, start_over
from tests.races.conftest import FIFTY, STAGINGS, MustGoWrong
from tests.races.racing import (
    AT_ANY_NEWS,
    FROM_ANY_STATUS,
    HOWEVER_LATE,
    NO_LOCKS,
    WRITES_THE_APPOINTMENT,
    Act,
    Staging,
    all_at_once,
    meeting,
    overtaken,
    race,
    the_second_in_between,
    weakened,
    without,
)

pytestmark = pytest.mark.django_db(transaction=True)
PAYS = "update payments_payment set state = 'succeeded'"


def paid_and_unheard(slot: Slot, patient: Patient) -> Appointment:
    start_over()
    hold = booked(slot, patient)
    pays(hold, "succeed")
    return hold


# --- The hold lapses ---


def lapsed_in_between(news: Act, lapse: Act) -> list[Act]:
    """The news has found a hold, and has written nothing yet."""
    return overtaken(news, PAYS, lapse)


def confirm_or_lapse(staging: Staging, slot: Slot, patient: Patient, clock: ClinicClock) -> None:
    clock.set(NOON)
    hold = paid_and_unheard(slot, patient)
    clock.move(timedelta(minutes=10))
    results = race(staging(partial(news, hold), partial(lapse, ANYWHERE)))
    assert set(results) == {"won"}
    hold.refresh_from_db()
    assert hold.status == Status.CONFIRMED
    check_books()


@pytest.mark.parametrize("staging", [all_at_once, lapsed_in_between])
def test_a_hold_that_lapses_while_its_money_arrives_is_a_visit(
    slot: Slot, ana: Patient, clock: ClinicClock, staging: Staging, rounds: range
) -> None:
    for _ in rounds:
        confirm_or_lapse(staging, slot, ana, clock)


def test_without_lock_and_condition_it_is_confirmed_although_it_had_lapsed_unseen(
    slot: Slot, ana: Patient, clock: ClinicClock, must_go_wrong: MustGoWrong
) -> None:
    with weakened(NO_LOCKS, FROM_ANY_STATUS):
        must_go_wrong(lambda: confirm_or_lapse(lapsed_in_between, slot, ana, clock))


# --- A rival claims the time of a lapsed hold ---


def at_once(news: Act, claims: Sequence[Act]) -> list[Act]:
    return [*claims, *[news] * len(claims)]


def money_first(news: Act, claims: Sequence[Act]) -> list[Act]:
    staged = overtaken(news, WRITES_THE_APPOINTMENT, claims[0])
    return staged[::-1]


def claim_first(news: Act, claims: Sequence[Act]) -> list[Act]:
    return overtaken(claims[0], "with held as", news, after="with lapsed")


def confirm_or_inherit(
    staging: Callable[[Act, Sequence[Act]], list[Act]],
    slot: Slot,
    patient: Patient,
    rivals: Sequence[Patient],
    clock: ClinicClock,
) -> bool:
    """Whether the money came first."""
    clock.set(NOON)
    hold = paid_and_unheard(slot, patient)
    clock.move(timedelta(minutes=10))
    claims = [partial(hold_slot, wish_for(slot), rival, provider="sandbox") for rival in rivals]
    results = race(staging(partial(news, hold), claims))
    claimed, told = results[: len(results) // 2], results[len(results) // 2 :]
    assert set(told) == {"won"}
    hold.refresh_from_db()
    has_visit = hold.status == Status.CONFIRMED
    assert claimed.count("won") == (0 if has_visit else 1)
    assert set(claimed) <= {"won", "slot_taken"}
    assert Appointment.objects.filter(slot=slot, status__in=LIVE).count() == 1
    assert Payment.objects.get(appointment=hold).state == PaymentState.SUCCEEDED
    check_books()
    return has_visit


def test_late_money_and_a_rivals_claim_give_the_time_to_one_of_them(
    slot: Slot, ana: Patient, crowd: list[Patient], clock: ClinicClock, rounds: range
) -> None:
    for _ in rounds:
        confirm_or_inherit(at_once, slot, ana, crowd[: FIFTY // 2], clock)


def test_whichever_comes_first_has_it(
    slot: Slot, ana: Patient, ben: Patient, clock: ClinicClock, rounds: range
) -> None:
    for _ in rounds:
        assert confirm_or_inherit(money_first, slot, ana, [ben], clock)
        assert not confirm_or_inherit(claim_first, slot, ana, [ben], clock)


def test_without_the_constraints_both_have_it(
    slot: Slot,
    ana: Patient,
    crowd: list[Patient],
    clock: ClinicClock,
    must_go_wrong: MustGoWrong,
) -> None:
    def one_round() -> None:
        confirm_or_inherit(at_once, slot, ana, crowd[: FIFTY // 2], clock)

    with without(
        "booking_appointment", "a_slot_is_given_once", "a_doctor_sees_one_patient_at_a_time"
    ):
        must_go_wrong(one_round)


# --- The patient cancels ---


def cancel_or_confirm(staging: Staging, slot: Slot, patient: Patient) -> None:
    hold = paid_and_unheard(slot, patient)
    results = race(staging(partial(cancel, hold, patient.user), partial(news, hold)))
    assert set(results) == {"won"}
    hold.refresh_from_db()
    assert (hold.status, hold.cancel_reason) == (Status.CANCELLED, "by_patient")
    assert Payment.objects.get().state == PaymentState.SUCCEEDED
    check_books()


@STAGINGS
def test_whoever_cancels_while_their_money_arrives_gets_it_back(
    slot: Slot, ana: Patient, staging: Staging, rounds: range
) -> None:
    for _ in rounds:
        cancel_or_confirm(staging, slot, ana)


def test_without_lock_and_condition_the_clinic_keeps_it(
    slot: Slot, ana: Patient, must_go_wrong: MustGoWrong
) -> None:
    with weakened(NO_LOCKS, FROM_ANY_STATUS):
        must_go_wrong(lambda: cancel_or_confirm(the_second_in_between, slot, ana))


# --- The same news many times ---


def tell_often(slot: Slot, patient: Patient) -> None:
    hold = paid_and_unheard(slot, patient)
    told = [partial(news, hold)] * FIFTY
    assert set(race(meeting(PAYS, told))) == {"won"}
    assert hold.transitions.filter(to_status=Status.CONFIRMED).count() == 1
    check_books()


def test_money_told_many_times_at_once_is_one_visit(
    slot: Slot, ana: Patient, rounds: range
) -> None:
    for _ in rounds:
        tell_often(slot, ana)


def test_were_its_second_news_believed_it_would_be_owed_back(
    slot: Slot, ana: Patient, must_go_wrong: MustGoWrong
) -> None:
    with weakened(AT_ANY_NEWS):
        must_go_wrong(lambda: tell_often(slot, ana))


# --- Two pages are paid for one appointment ---


def pay_twice(slot: Slot, patient: Patient) -> None:
    hold = paid_and_unheard(slot, patient)
    second = a_second_page(hold)
    hints = [Hint(f"evt_{n}", "paid", second, hold.payment_id) for n in range(FIFTY // 5)]
    hears = [partial(heard, hint) for hint in hints * 2]
    told = [partial(news, hold)] * (FIFTY - len(hears))
    results = race([*meeting('insert into "payments_payment"', hears), *told])
    assert set(results) == {"won"}
    assert Payment.objects.filter(state=PaymentState.SUCCEEDED).count() == 2
    beside = Payment.objects.get(beside=hold.payment)
    hold.refresh_from_db()
    assert (hold.status, hold.payment_id) == (Status.CONFIRMED, beside.beside_id)
    assert Refund.objects.get().payment == beside
    race([tidy, tidy])
    assert SandboxRefund.objects.get().checkout.token == second
    # The sandbox has room for one page of a reference, so each gets its own to be compared, the one
    # beside first.
    for payment in Payment.objects.order_by("beside"):
        SandboxCheckout.objects.filter(token=payment.provider_ref).update(reference=payment.pk)
    check_books()


@pytest.fixture
def bank(monkeypatch: pytest.MonkeyPatch) -> Bank:
    """Whatever page of it one asks about has been paid."""
    bank = Bank(says=Outcome.PAID)
    monkeypatch.setattr(wiring, "SandboxGateway", lambda: bank)
    return bank


def test_of_two_payments_at_once_one_is_the_visit_and_the_other_goes_back(
    slot: Slot, ana: Patient, bank: Bank, rounds: range
) -> None:
    for _ in rounds:
        pay_twice(slot, ana)


def test_without_the_constraint_one_page_is_paid_back_many_times(
    slot: Slot, ana: Patient, bank: Bank, must_go_wrong: MustGoWrong
) -> None:
    with without("payments_payment", "a_provider_names_a_payment_once"):
        must_go_wrong(lambda: pay_twice(slot, ana))


# --- Two workers ---


def look_together() -> None:
    """Fifty payments are due, and eight workers ask for all of them."""
    start_over()
    due = [
        Payment(amount=100, currency="LKR", created_at=NOON, next_look_at=NOON)
        for _ in range(FIFTY)
    ]
    Payment.objects.bulk_create(due)
    taken: list[UUID] = []
    acts = [lambda: taken.extend(settling.take_due(FIFTY))] * 8
    assert set(race(meeting('update "payments_payment"', acts))) == {"won"}
    start_over()
    assert sorted(taken) == sorted(payment.pk for payment in due)


def test_a_payment_that_is_due_is_asked_about_by_one_worker(
    clock: ClinicClock, rounds: range
) -> None:
    for _ in rounds:
        look_together()


def test_without_the_condition_each_worker_asks_about_it(
    clock: ClinicClock, must_go_wrong: MustGoWrong
) -> None:
    with weakened(HOWEVER_LATE):
        must_go_wrong(look_together)


def send_together(slots: Sequence[Slot], patients: Sequence[Patient]) -> None:
    """Refunds are due, and eight workers take them up."""
    start_over()
    for slot, patient in zip(slots, patients, strict=True):
        cancel(paid(slot, patient), patient.user)
    taken: list[UUID] = []
    acts = [lambda: taken.extend(refunds.take_due(FIFTY))] * 8
    assert set(race(meeting('update "payments_refund"', acts))) == {"won"}
    assert sorted(taken) == sorted(Refund.objects.values_list("pk", flat=True))


def test_a_refund_that_is_due_is_sent_by_one_worker(
    slots: list[Slot], crowd: list[Patient], rounds: range
) -> None:
    for _ in rounds:
        send_together(slots, crowd[: len(slots)])


def test_without_the_condition_each_worker_sends_it(
    slots: list[Slot], crowd: list[Patient], must_go_wrong: MustGoWrong
) -> None:
    with weakened(HOWEVER_LATE):
        must_go_wrong(lambda: send_together(slots, crowd[: len(slots)]))


def give_back_often(slot: Slot, patient: Patient) -> None:
    start_over()
    cancel(paid(slot, patient), patient.user)
    refund = Refund.objects.get()
    send = partial(refunds.give_back, refund.pk, gateway_for=wiring.payment_gateway)
    assert set(race([send] * FIFTY)) == {"won"}
    refund.refresh_from_db()
    assert refund.state == RefundState.SUCCEEDED
    assert [given.amount for given in SandboxRefund.objects.all()] == [refund.amount]


def test_a_refund_asked_for_many_times_at_once_is_given_once(
    slot: Slot, ana: Patient, rounds: range
) -> None:
    for _ in rounds:
        give_back_often(slot, ana)


def test_with_a_new_reference_each_time_it_would_be_given_as_often_as_asked(
    slot: Slot, ana: Patient, must_go_wrong: MustGoWrong, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ask(refund: Refund, gateway: Gateway) -> Given:
        provider_ref = refund.payment.provider_ref or ""
        return gateway.give_back(provider_ref, reference=uuid4(), money=refund.money, attempt=1)

    monkeypatch.setattr(refunds, "_ask", ask)
    must_go_wrong(lambda: give_back_often(slot, ana))


def test_workers_who_tidy_up_at_once_end_everything_once(
    slots: list[Slot], crowd: list[Patient], clock: ClinicClock, rounds: range
) -> None:
    """Paid in time, paid and lapsed since, never paid, and paid while it was cancelled."""
    for _ in rounds:
        start_over()
        clock.set(NOON)
        late, unpaid = (booked(*pair) for pair in zip(slots[:2], crowd[:2], strict=True))
        pays(late, "succeed")
        clock.move(timedelta(minutes=9))
        in_time, cancelled = (booked(*pair) for pair in zip(slots[2:], crowd[2:4], strict=True))
        pays(in_time, "succeed")
        pays(cancelled, "succeed")
        cancel(cancelled, crowd[3].user)
        clock.move(timedelta(minutes=1))
        assert set(race([tidy] * 8)) == {"won"}
        ended = dict(Appointment.objects.values_list("pk", "cancel_reason"))
        assert ended == {
            late.pk: "",
            unpaid.pk: "hold_expired",
            in_time.pk: "",
            cancelled.pk: "by_patient",
        }
        assert SandboxRefund.objects.count() == 1
        check_books()
