"""News of money: late, repeated, lying, or not at all."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from uuid import UUID, uuid4

import pytest

from clinicall import wiring
from clinicall.booking import settling
from clinicall.booking.models import Appointment
from clinicall.booking.states import Status
from clinicall.core.money import Money
from clinicall.jobs.tidy import reconcile, tidy
from clinicall.payments import sandbox
from clinicall.payments.gateway import GatewayDown, Hint, Outcome, Paid
from clinicall.payments.models import (
    Event,
    Payment,
    PaymentState,
    Quarantine,
    Refund,
    RefundState,
    SandboxCheckout,
    SandboxRefund,
    Trouble,
)
from clinicall.payments.sandbox import SandboxGateway
from clinicall.people.models import Patient
from clinicall.schedule.models import Slot
from clinicall.video.provider import VideoLine
from tests.booking.test_checkout import news, pays
from tests.clinic_clock import ClinicClock
from tests.conftest import booked

MINUTE = timedelta(minutes=1)


@dataclass
class Bank(SandboxGateway):
    """The sandbox, as its merchant may also find it: deaf, or saying something else."""

    deaf: bool = False
    says: Outcome | None = None
    asked: list[str] = field(default_factory=list)

    def look_up(self, provider_ref: str, *, reference: UUID, money: Money) -> Outcome:
        self.asked.append(provider_ref)
        if self.deaf:
            raise GatewayDown
        return self.says or super().look_up(provider_ref, reference=reference, money=money)


@pytest.fixture
def bank(monkeypatch: pytest.MonkeyPatch) -> Bank:
    bank = Bank()
    monkeypatch.setattr(wiring, "SandboxGateway", lambda: bank)
    return bank


def heard(hint: Hint) -> UUID | None:
    payment = settling.hear("sandbox", hint)
    if payment:
        settling.settle(payment, gateway_for=wiring.payment_gateway, line=wiring.video_line())
    return payment


def about(appointment: Appointment, event_id: str = "evt_1", **facts: str) -> Hint:
    payment = appointment.payment
    assert payment
    provider_ref = facts.get("provider_ref", payment.provider_ref or "")
    return Hint(event_id, "paid", provider_ref, payment.pk)


def a_second_page(appointment: Appointment) -> str:
    """The provider has made another page for the same reference, and it was paid."""
    payment = appointment.payment
    assert payment
    SandboxCheckout.objects.filter(reference=payment.pk).update(reference=uuid4())
    gateway = SandboxGateway()
    page = gateway.open(
        reference=payment.pk,
        money=payment.money,
        return_url="",
        cancel_url="",
        until=appointment.held_until,
    )
    sandbox.pay(page.provider_ref, "succeed")
    return page.provider_ref


def test_a_message_settles_its_payment_once(slots: list[Slot], ana: Patient) -> None:
    hold = booked(slots[0], ana)
    pays(hold, "succeed")
    assert heard(about(hold)) == hold.payment_id
    assert heard(about(hold)) is None
    assert heard(about(hold, "evt_2")) == hold.payment_id
    hold.refresh_from_db()
    assert hold.status == Status.CONFIRMED
    assert hold.transitions.count() == 2
    assert Event.objects.count() == 2


def test_a_message_is_not_lost_when_nobody_asks_at_once(
    slots: list[Slot], ana: Patient, clock: ClinicClock
) -> None:
    hold = booked(slots[0], ana)
    tidy()
    pays(hold, "succeed")
    settling.hear("sandbox", about(hold))  # and then the server died
    tidy()
    hold.refresh_from_db()
    assert hold.status == Status.CONFIRMED


@pytest.mark.parametrize("reference", [None, uuid4()])
def test_a_message_about_money_we_do_not_know_is_set_aside(
    slots: list[Slot], ana: Patient, reference: UUID | None
) -> None:
    booked(slots[0], ana)
    assert heard(Hint("evt_1", "paid", "somewhere else", reference)) is None
    assert Event.objects.get().quarantined == Quarantine.FOREIGN


@pytest.mark.breaks_rules  # the sandbox makes no second page
def test_a_second_page_that_was_paid_too_is_given_back_whole(
    slots: list[Slot], ana: Patient
) -> None:
    hold = booked(slots[0], ana)
    pays(hold, "succeed")
    news(hold)
    second = a_second_page(hold)
    heard(about(hold, provider_ref=second))
    heard(about(hold, "evt_2", provider_ref=second))
    beside = Payment.objects.get(beside=hold.payment)
    assert beside.state == PaymentState.SUCCEEDED
    refund = Refund.objects.get()
    assert (refund.payment, refund.amount) == (beside, 250_000)
    tidy()
    assert SandboxRefund.objects.get().checkout.token == second
    hold.refresh_from_db()
    assert hold.status == Status.CONFIRMED


def test_money_of_a_page_whose_name_we_lost_finds_its_appointment(
    slots: list[Slot], ana: Patient
) -> None:
    hold = booked(slots[0], ana)
    pays(hold, "succeed")
    # The server died after the provider had answered, and before the answer was written down.
    Payment.objects.update(provider_ref=None, checkout_url="", state=PaymentState.CREATED)
    heard(about(hold))
    hold.refresh_from_db()
    assert hold.status == Status.CONFIRMED


def test_money_that_comes_after_all_counts_although_it_was_called_off(
    slots: list[Slot], ana: Patient, bank: Bank
) -> None:
    hold = booked(slots[0], ana)
    bank.says = Outcome.FAILED
    assert news(hold).cancel_reason == "payment_failed"
    bank.says = None
    pays(hold, "succeed")
    heard(about(hold))
    hold.refresh_from_db()
    assert hold.payment
    assert (hold.status, hold.payment.state) == (Status.CANCELLED, PaymentState.SUCCEEDED)
    assert Refund.objects.get().amount == 250_000


def test_another_amount_than_ours_confirms_nothing_and_waits_for_a_person(
    slots: list[Slot], ana: Patient, clock: ClinicClock
) -> None:
    hold = booked(slots[0], ana)
    pays(hold, "succeed")
    SandboxCheckout.objects.update(amount=1)
    after = news(hold)
    assert after.payment
    assert (after.status, after.payment.trouble) == (Status.PENDING, Trouble.MISMATCH)
    clock.move(timedelta(minutes=10))
    tidy()
    after.refresh_from_db()
    assert after.status == Status.CANCELLED


def test_a_declined_card_closes_the_page_and_releases_the_time(
    slots: list[Slot], ana: Patient, bank: Bank
) -> None:
    hold = booked(slots[0], ana)
    bank.says = Outcome.DECLINED
    # Closing says what has really become of it.
    bank.close = lambda *_, **__: Outcome.CANCELLED  # type: ignore[method-assign]
    failed = news(hold)
    assert failed.payment
    assert (failed.cancel_reason, failed.payment.state) == ("payment_failed", PaymentState.FAILED)


def test_a_card_that_worked_after_it_was_declined_confirms(
    slots: list[Slot], ana: Patient, bank: Bank
) -> None:
    hold = booked(slots[0], ana)
    pays(hold, "succeed")
    bank.says = Outcome.DECLINED
    bank.close = lambda *_, **__: Outcome.PAID  # type: ignore[method-assign]
    assert news(hold).status == Status.CONFIRMED


def test_while_the_bank_works_there_is_nothing_to_pay(slots: list[Slot], ana: Patient) -> None:
    hold = booked(slots[0], ana)
    pays(hold, "slow")
    after = news(hold)
    assert after.payment
    assert after.payment.under_way
    assert (after.status, after.payment.state) == (Status.PENDING, PaymentState.PENDING)


def test_a_payer_who_turns_back_is_charged_nothing_and_the_time_is_released(
    slots: list[Slot], ana: Patient, ben: Patient
) -> None:
    hold = booked(slots[0], ana)
    back(hold)
    back(hold)
    hold.refresh_from_db()
    assert (hold.status, hold.cancel_reason) == (Status.CANCELLED, "payment_failed")
    assert booked(slots[0], ben).status == Status.PENDING


def back(hold: Appointment) -> None:
    settling.turn_back(hold.pk, gateway_for=wiring.payment_gateway, line=wiring.video_line())


def test_a_payer_who_turns_back_after_paying_has_paid(slots: list[Slot], ana: Patient) -> None:
    hold = booked(slots[0], ana)
    pays(hold, "succeed")
    back(hold)
    hold.refresh_from_db()
    assert hold.status == Status.CONFIRMED


def test_an_open_payment_is_asked_about_ever_less_often(
    slots: list[Slot], ana: Patient, bank: Bank, clock: ClinicClock
) -> None:
    bank.says = Outcome.UNDER_WAY
    booked(slots[0], ana)
    began, asked = clock.now, []
    while clock.now - began < 24 * 60 * MINUTE:
        before = len(bank.asked)
        tidy()
        if len(bank.asked) > before:
            asked.append((clock.now - began) / MINUTE)
        clock.move(MINUTE / 2 if clock.now - began < 10 * MINUTE else 5 * MINUTE)
    # After half a minute, 1, 2 and 5 minutes; once more when the hold lapses at 10; then as before.
    assert asked[:5] == [0.5, 1.5, 3.5, 8.5, 10]
    gaps = [later - sooner for sooner, later in pairwise(asked)]
    assert gaps[-1] == 60


def test_a_provider_that_never_says_becomes_a_persons_business(
    slots: list[Slot], ana: Patient, bank: Bank, clock: ClinicClock
) -> None:
    bank.says = Outcome.UNDER_WAY
    hold = booked(slots[0], ana)
    for _ in range(8 * 4):
        clock.move(6 * 60 * MINUTE)
        tidy()
    assert hold.payment
    hold.payment.refresh_from_db()
    assert (hold.payment.trouble, hold.payment.next_look_at) == (Trouble.NO_ANSWER, None)


def test_a_person_has_it_asked_again_and_hears_of_it_again_if_nothing_comes(
    slots: list[Slot], ana: Patient, bank: Bank, clock: ClinicClock
) -> None:
    bank.says = Outcome.UNDER_WAY
    hold = booked(slots[0], ana)
    for _ in range(8 * 4):
        clock.move(6 * 60 * MINUTE)
        tidy()
    Payment.objects.update(alerted_at=clock.now)
    assert hold.payment
    settling.ask_again(hold.payment.pk)
    asked = len(bank.asked)
    tidy()
    hold.payment.refresh_from_db()
    assert len(bank.asked) == asked + 1
    assert (hold.payment.trouble, hold.payment.alerted_at) == ("", None)
    for _ in range(120):
        clock.move(MINUTE)
        tidy()
    hold.payment.refresh_from_db()
    assert hold.payment.trouble == Trouble.NO_ANSWER
    bank.says = None
    pays(hold, "succeed")
    settling.ask_again(hold.payment.pk)
    tidy()
    hold.payment.refresh_from_db()
    assert (hold.payment.state, hold.payment.trouble) == (PaymentState.SUCCEEDED, "")
    settling.ask_again(hold.payment.pk)  # pressed once more, in a page of before
    hold.payment.refresh_from_db()
    assert hold.payment.next_look_at is None


def test_after_a_week_at_rest_the_provider_is_asked_before_a_person_is(
    slots: list[Slot], ana: Patient, clock: ClinicClock
) -> None:
    hold = booked(slots[0], ana)
    pays(hold, "succeed")
    clock.move(timedelta(days=8))  # with no worker running
    tidy()
    assert hold.payment
    hold.payment.refresh_from_db()
    assert (hold.payment.state, hold.payment.trouble) == (PaymentState.SUCCEEDED, "")


def test_a_deaf_provider_keeps_nobody_waiting(
    slots: list[Slot], ana: Patient, ben: Patient, bank: Bank, clock: ClinicClock
) -> None:
    bank.deaf = True
    first = booked(slots[0], ana)
    clock.move(MINUTE)
    tidy()
    assert len(bank.asked) == 1
    tidy()
    assert len(bank.asked) == 1
    bank.deaf = False
    pays(first, "succeed")
    clock.move(MINUTE)
    tidy()
    first.refresh_from_db()
    assert first.status == Status.CONFIRMED


def test_what_no_message_told_is_found_by_comparing(
    slots: list[Slot], ana: Patient, clock: ClinicClock
) -> None:
    hold = booked(slots[0], ana)
    pays(hold, "succeed")
    Payment.objects.update(next_look_at=None)  # as after a restore of an old backup
    reconcile()
    tidy()
    hold.refresh_from_db()
    assert hold.status == Status.CONFIRMED
    reconcile()
    assert Event.objects.count() == 1


def test_money_that_no_record_knows_is_shown_to_a_person(
    slots: list[Slot], ana: Patient, bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    booked(slots[0], ana)

    def paid_since(_since: datetime) -> list[Paid]:
        return [Paid("cs_of_yesterday", uuid4())]

    monkeypatch.setattr(bank, "paid_since", paid_since)
    reconcile()
    reconcile()
    assert Event.objects.get().quarantined == Quarantine.FOREIGN


def test_a_refund_that_is_heard_of_is_asked_about_again(
    slots: list[Slot], ana: Patient, clock: ClinicClock
) -> None:
    hold = booked(slots[0], ana)
    pays(hold, "late")
    clock.set(slots[0].starts_at)
    news(hold)
    tidy()
    refund = Refund.objects.get()
    assert (refund.state, refund.next_try_at) == (RefundState.SUCCEEDED, None)
    hint = Hint("evt_9", "refund.failed", reference=hold.payment_id, refund=refund.pk)
    settling.hear("sandbox", hint)
    refund.refresh_from_db()
    assert refund.next_try_at == clock.now


def test_money_found_while_its_payment_is_written_off_is_found_again(
    slots: list[Slot], ana: Patient, clock: ClinicClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold = booked(slots[0], ana)
    pays(hold, "succeed")
    # The server died before it wrote down the page, and the hold has lapsed.
    Payment.objects.update(provider_ref=None, state=PaymentState.CREATED)
    clock.move(timedelta(minutes=11))
    write_off = settling.record

    def found_a_moment_before(payment_id: UUID, outcome: Outcome, *, line: VideoLine) -> None:
        reconcile()
        write_off(payment_id, outcome, line=line)

    with monkeypatch.context() as patched:
        patched.setattr(settling, "record", found_a_moment_before)
        settling.settle(
            Payment.objects.get().pk,
            gateway_for=wiring.payment_gateway,
            line=wiring.video_line(),
        )
    reconcile()
    tidy()
    hold.refresh_from_db()
    assert hold.status == Status.CONFIRMED


def test_news_is_followed_although_a_person_looks_at_it_already(
    slots: list[Slot], ana: Patient, clock: ClinicClock, bank: Bank
) -> None:
    hold = booked(slots[0], ana)
    bank.says = Outcome.UNDER_WAY
    for _ in range(10):
        clock.move(timedelta(days=1))
        tidy()
    assert Payment.objects.get().trouble == Trouble.NO_ANSWER
    bank.says = None
    pays(hold, "succeed")
    settling.hear("sandbox", about(hold))
    tidy()
    assert Payment.objects.get().state == PaymentState.SUCCEEDED


def test_another_amount_waits_for_a_person_also_after_its_payment_was_written_off(
    slots: list[Slot], ana: Patient, clock: ClinicClock, bank: Bank
) -> None:
    hold = booked(slots[0], ana)
    hint = about(hold)
    # The server died before it wrote down the page, and the hold has lapsed.
    Payment.objects.update(provider_ref=None, state=PaymentState.CREATED)
    clock.move(timedelta(minutes=11))
    tidy()
    bank.says = Outcome.MISMATCH
    heard(hint)
    payment = Payment.objects.get()
    assert (payment.state, payment.next_look_at) == (PaymentState.CANCELLED, None)
    assert payment.trouble == Trouble.MISMATCH
    settling.ask_again(payment.pk)
    payment.refresh_from_db()
    assert (payment.trouble, payment.next_look_at) == ("", clock.now)


@pytest.mark.breaks_rules  # the sandbox keeps another sum than we asked for
def test_what_a_person_has_ended_is_not_brought_up_again_by_comparing(
    slots: list[Slot], ana: Patient, clock: ClinicClock
) -> None:
    hold = booked(slots[0], ana)
    pays(hold, "succeed")
    SandboxCheckout.objects.update(amount=1)
    news(hold)
    assert hold.payment
    settling.end_by_hand(hold.payment.pk, by=uuid4())
    reconcile()
    tidy()
    hold.payment.refresh_from_db()
    assert (hold.payment.state, hold.payment.trouble) == (PaymentState.CANCELLED, "")


def test_who_has_to_enter_their_card_anew_finds_the_way_to_pay_again(
    slots: list[Slot], ana: Patient, bank: Bank
) -> None:
    hold = booked(slots[0], ana)
    bank.says = Outcome.UNDER_WAY
    news(hold)
    bank.says = Outcome.WAITING  # the bank did not like the number, and the page is still open
    after = news(hold)
    assert after.payment
    assert not after.payment.under_way


def test_a_person_has_it_asked_again_also_after_its_payment_was_written_off(
    slots: list[Slot], ana: Patient, bank: Bank
) -> None:
    hold = booked(slots[0], ana)
    back(hold)
    bank.says = Outcome.MISMATCH
    heard(about(hold))
    assert Payment.objects.get().trouble == Trouble.MISMATCH
    bank.says = None  # it was put right at the provider
    settling.ask_again(Payment.objects.get().pk)
    tidy()
    payment = Payment.objects.get()
    assert (payment.state, payment.trouble) == (PaymentState.CANCELLED, "")


def test_holds_lapse_on_time_although_the_provider_takes_long_with_each(
    slots: list[Slot],
    ana: Patient,
    ben: Patient,
    bank: Bank,
    clock: ClinicClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for slot, patient in zip(slots, (ana, ben), strict=False):
        booked(slot, patient)
    clock.move(timedelta(minutes=9, seconds=50))
    found: dict[str, str] = {}

    def slow(provider_ref: str, *, reference: UUID, money: Money) -> Outcome:
        asked_about = Appointment.objects.get(payment__provider_ref=provider_ref)
        found.setdefault(provider_ref, asked_about.status)
        clock.move(timedelta(seconds=20))
        return Outcome.WAITING

    monkeypatch.setattr(bank, "look_up", slow)
    tidy()
    assert list(found.values()) == [Status.PENDING, Status.CANCELLED]
