"""Money on its way back: asked for again and again with one reference, or a person's business."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from clinicall import wiring
from clinicall.core.money import Money
from clinicall.jobs.tidy import tidy
from clinicall.payments import refunds
from clinicall.payments.gateway import GatewayDown, Given
from clinicall.payments.models import Refund, RefundState, Trouble
from clinicall.payments.sandbox import SandboxGateway
from clinicall.people.models import Patient
from clinicall.schedule.models import Slot
from tests.booking.test_ending import cancel, paid
from tests.clinic_clock import ClinicClock

MINUTE = timedelta(minutes=1)


@dataclass
class Bank(SandboxGateway):
    """The sandbox, where giving back goes as the test says; None is no answer."""

    says: Given | None = None
    asked: list[tuple[UUID, int]] = field(default_factory=list)

    def give_back(self, provider_ref: str, *, reference: UUID, money: Money, attempt: int) -> Given:
        self.asked.append((reference, attempt))
        if self.says is None:
            raise GatewayDown
        if self.says is Given.BACK:
            super().give_back(provider_ref, reference=reference, money=money, attempt=attempt)
        return self.says


@pytest.fixture
def bank(monkeypatch: pytest.MonkeyPatch) -> Bank:
    bank = Bank()
    monkeypatch.setattr(wiring, "SandboxGateway", lambda: bank)
    return bank


@pytest.fixture
def owed(slots: list[Slot], ana: Patient, bank: Bank) -> Refund:
    cancel(paid(slots[0], ana), ana.user)
    return Refund.objects.get()


def after(clock: ClinicClock, minutes: int, refund: Refund) -> Refund:
    for _ in range(minutes):
        clock.move(MINUTE)
        tidy()
    refund.refresh_from_db()
    return refund


def test_it_is_asked_for_again_with_the_same_reference_until_it_is_done(
    owed: Refund, bank: Bank, clock: ClinicClock
) -> None:
    after(clock, 20, owed)
    assert 4 < len(bank.asked) < 8
    assert set(bank.asked) == {(owed.pk, 1)}
    assert owed.state == RefundState.REQUESTED
    bank.says = Given.BACK
    assert after(clock, 20, owed).state == RefundState.SUCCEEDED
    told = len(bank.asked)
    after(clock, 90, owed)
    assert len(bank.asked) == told


def test_after_an_hour_without_an_answer_a_person_should_know_and_it_goes_on(
    owed: Refund, bank: Bank, clock: ClinicClock
) -> None:
    after(clock, 100, owed)
    assert (owed.state, owed.trouble) == (RefundState.NEEDS_HUMAN, Trouble.NO_ANSWER)
    bank.says = Given.BACK
    after(clock, 61, owed)
    assert (owed.state, owed.trouble) == (RefundState.SUCCEEDED, "")


def test_a_refusal_is_a_persons_business_and_they_may_ask_anew(
    owed: Refund, bank: Bank, clock: ClinicClock
) -> None:
    bank.says = Given.REFUSED
    after(clock, 90, owed)
    assert (owed.state, owed.trouble) == (RefundState.NEEDS_HUMAN, Trouble.REFUSED)
    assert bank.asked == [(owed.pk, 1)]
    refunds.try_again(owed.pk)
    refunds.try_again(owed.pk)  # pressed twice
    bank.says = Given.BACK
    assert after(clock, 1, owed).state == RefundState.SUCCEEDED
    assert bank.asked == [(owed.pk, 1), (owed.pk, 2)]


def test_a_provider_that_only_said_nothing_is_asked_with_the_same_attempt(
    owed: Refund, bank: Bank, clock: ClinicClock
) -> None:
    # It may have given the money back and died before saying so; anew would be twice.
    after(clock, 100, owed)
    assert (owed.state, owed.trouble) == (RefundState.NEEDS_HUMAN, Trouble.NO_ANSWER)
    refunds.try_again(owed.pk)
    bank.says = Given.BACK
    assert after(clock, 1, owed).state == RefundState.SUCCEEDED
    assert set(bank.asked) == {(owed.pk, 1)}


def test_a_person_may_give_it_back_by_hand(owed: Refund, bank: Bank, clock: ClinicClock) -> None:
    bank.says = Given.REFUSED
    after(clock, 1, owed)
    who = uuid4()
    refunds.given_by_hand(owed.pk, by=who)
    refunds.given_by_hand(owed.pk, by=uuid4())
    assert (after(clock, 90, owed).state, owed.by_hand) == (RefundState.SUCCEEDED, who)
    assert len(bank.asked) == 1


def test_a_bank_may_take_days_and_a_person_knows_after_a_week(
    owed: Refund, bank: Bank, clock: ClinicClock
) -> None:
    bank.says = Given.UNDER_WAY
    assert after(clock, 90, owed).state == RefundState.PENDING
    for _ in range(4 * 7):
        clock.move(6 * 60 * MINUTE)
        tidy()
    owed.refresh_from_db()
    assert (owed.state, owed.trouble) == (RefundState.NEEDS_HUMAN, Trouble.NO_ANSWER)
    bank.says = Given.BACK
    assert after(clock, 61, owed).state == RefundState.SUCCEEDED


def test_money_that_came_back_from_the_patients_bank_is_a_persons_business(
    owed: Refund, bank: Bank, clock: ClinicClock
) -> None:
    bank.says = Given.BACK
    after(clock, 1, owed)
    bank.says = Given.REFUSED
    Refund.objects.update(next_try_at=clock.now)  # the provider has told us that there is news
    assert after(clock, 1, owed).state == RefundState.NEEDS_HUMAN


@dataclass
class SlowBank(Bank):
    """Answers late: what it says was so when it was asked, and others act before it arrives."""

    meanwhile: Callable[[], object] = int

    def give_back(self, provider_ref: str, *, reference: UUID, money: Money, attempt: int) -> Given:
        said = super().give_back(provider_ref, reference=reference, money=money, attempt=attempt)
        meanwhile, self.meanwhile = self.meanwhile, int
        meanwhile()
        return said


@pytest.mark.parametrize(
    ("early", "late"),
    [
        (Given.UNDER_WAY, Given.REFUSED),
        (Given.UNDER_WAY, Given.BACK),
    ],
)
def test_an_answer_that_comes_after_a_later_one_is_not_believed(
    owed: Refund, clock: ClinicClock, monkeypatch: pytest.MonkeyPatch, early: Given, late: Given
) -> None:
    bank = SlowBank(says=early)
    monkeypatch.setattr(wiring, "SandboxGateway", lambda: bank)

    def another_worker_hears_more() -> None:
        bank.says = late
        after(clock, 5, owed)

    bank.meanwhile = another_worker_hears_more
    after(clock, 1, owed)
    ended = {Given.REFUSED: RefundState.NEEDS_HUMAN, Given.BACK: RefundState.SUCCEEDED}
    assert (owed.state, owed.next_try_at) == (ended[late], None)


def test_a_refusal_that_comes_late_does_not_undo_a_later_attempt(
    owed: Refund, clock: ClinicClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    bank = SlowBank(says=Given.REFUSED)
    monkeypatch.setattr(wiring, "SandboxGateway", lambda: bank)

    def a_person_helps() -> None:
        after(clock, 5, owed)
        refunds.try_again(owed.pk)
        bank.says = Given.BACK
        after(clock, 1, owed)

    bank.meanwhile = a_person_helps
    after(clock, 1, owed)
    assert owed.state == RefundState.SUCCEEDED
