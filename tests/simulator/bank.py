"""A payment company that remembers, and with which everything happens that ever does."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import ClassVar, TypeVar
from uuid import UUID

from clinicall.core.money import Money
from clinicall.payments.gateway import Checkout, GatewayDown, Given, Hint, Outcome, Paid
from clinicall.payments.models import Quarantine
from tests.clinic_clock import ClinicClock
from tests.simulator.machine import Machine, Violation

Answer = TypeVar("Answer")

STAYS_OPEN = timedelta(minutes=30)  # a page, at the least, whatever the merchant asks for
DOWN = 0.06  # how often a call fails, before the bank has done anything and again after


@dataclass
class Page:
    """Where somebody can pay once."""

    ref: str
    reference: UUID
    money: Money
    until: datetime
    state: Outcome = Outcome.WAITING
    comes_at: datetime | None = None  # what is under way
    comes_well: bool = False
    paid_at: datetime | None = None

    @property
    def open(self) -> bool:
        return self.state in (Outcome.WAITING, Outcome.DECLINED)

    @property
    def wrong_sum(self) -> bool:
        return self.state is Outcome.MISMATCH


@dataclass
class Return:
    """Money that we asked to be given back, under our reference."""

    ref: str
    amount: int
    attempt: int
    state: Given
    comes_at: datetime | None = None
    comes_well: bool = False


@dataclass
class SimulatedBank:
    # A refund asked for again under one reference is the same refund.
    heeds_keys: ClassVar[bool] = True

    random: Random
    machine: Machine
    clock: ClinicClock
    tally: Counter[str]
    name: str = "simulated"
    pages: dict[str, Page] = field(default_factory=dict)
    returns: dict[UUID, Return] = field(default_factory=dict)
    given: list[tuple[str, UUID, int]] = field(default_factory=list)
    post: list[Hint] = field(default_factory=list)
    told: int = 0

    # --- What booking asks ---

    def open(
        self, *, reference: UUID, money: Money, return_url: str, cancel_url: str, until: datetime
    ) -> Checkout:
        def do() -> Checkout:
            known = [page for page in self.pages.values() if page.reference == reference]
            # It has forgotten the key of so long ago, or two machines of theirs heard us.
            if not known or self._now_and_then(0.08):
                known.append(self._new_page(reference, money, until))
            if self._now_and_then(0.04):
                self._new_page(reference, money, until)
            return Checkout(known[-1].ref, f"https://bank.example/{known[-1].ref}")

        return self._called("open", do)

    def look_up(self, provider_ref: str, *, reference: UUID, money: Money) -> Outcome:
        return self._called("look up", lambda: self._outcome(provider_ref, reference, money))

    def close(self, provider_ref: str, *, reference: UUID, money: Money) -> Outcome:
        def do() -> Outcome:
            page = self.pages[provider_ref]
            self._let_come(page)
            if page.open:
                page.state = Outcome.CANCELLED
            return self._outcome(provider_ref, reference, money)

        return self._called("close", do)

    def give_back(self, provider_ref: str, *, reference: UUID, money: Money, attempt: int) -> Given:
        def do() -> Given:
            known = self.returns.get(reference)
            if known:
                self._let_return(reference, known)
            anew = known and known.state is Given.REFUSED and attempt > known.attempt
            if known is None or anew or not self.heeds_keys:
                known = self.returns[reference] = self._new_return(
                    provider_ref, reference, money, attempt
                )
            return known.state

        return self._called("give back", do)

    def paid_since(self, since: datetime) -> Iterator[Paid]:
        def do() -> list[Paid]:
            for page in self.pages.values():
                self._let_come(page)
            return [
                Paid(page.ref, page.reference)
                for page in self.pages.values()
                if page.paid_at and page.paid_at >= since
            ]

        yield from self._called("paid since", do)

    def _called(self, name: str, do: Callable[[], Answer]) -> Answer:
        self.machine.at_another_company("the bank before it acts")
        if self._is_down():
            self.tally[f"down: {name} not done"] += 1
            raise GatewayDown
        answer = do()
        self.machine.at_another_company("the bank after it acted")
        if self._is_down():
            self.tally[f"down: {name} done"] += 1
            raise GatewayDown
        return answer

    def _is_down(self) -> bool:
        return not self.machine.calm and self._now_and_then(DOWN)

    def _now_and_then(self, chance: float) -> bool:
        return self.random.random() < chance

    def _new_page(self, reference: UUID, money: Money, until: datetime) -> Page:
        ref = f"page{len(self.pages) + 1}"
        stays = max(until, self.clock.now + STAYS_OPEN)
        page = self.pages[ref] = Page(ref, reference, money, stays)
        return page

    def _outcome(self, ref: str, reference: UUID, money: Money) -> Outcome:
        page = self.pages[ref]
        self._let_come(page)
        if (page.reference, page.money) != (reference, money):
            raise Violation(f"{ref} is asked about under a reference or sum that is not its own")
        return page.state

    # --- What its customers do ---

    def pay(self, page: Page) -> None:
        page.state, page.paid_at = Outcome.PAID, self.clock.now
        self._tell("paid", page)

    def pay_slowly(self, page: Page, after: timedelta, *, well: bool) -> None:
        page.state, page.comes_well = Outcome.UNDER_WAY, well
        page.comes_at = self.clock.now + after
        self._tell("under way", page)

    def decline(self, page: Page) -> None:
        page.state = Outcome.DECLINED
        self._tell("declined", page)

    def take_a_wrong_sum(self, page: Page) -> None:
        page.state, page.paid_at = Outcome.MISMATCH, self.clock.now
        self._tell("paid", page)

    # --- What time does ---

    def let_time_work(self) -> None:
        """What was under way arrives or does not, and old pages close."""
        for page in self.pages.values():
            self._let_come(page)
        for reference, one in self.returns.items():
            self._let_return(reference, one)

    def _let_come(self, page: Page) -> None:
        if page.comes_at and page.state is Outcome.UNDER_WAY and page.comes_at <= self.clock.now:
            page.state = Outcome.PAID if page.comes_well else Outcome.FAILED
            page.paid_at = page.comes_at if page.comes_well else None
            self._tell(str(page.state), page)
        if page.open and page.until <= self.clock.now:
            page.state = Outcome.CANCELLED
            self._tell("expired", page)

    def _new_return(self, ref: str, reference: UUID, money: Money, attempt: int) -> Return:
        made = Return(ref, money.amount, attempt, Given.BACK)
        chance = self.random.random()
        if chance < 0.25:
            days = self.random.choice((0.01, 0.1, 1, 3, 8))
            made.state, made.comes_at = Given.UNDER_WAY, self.clock.now + timedelta(days=days)
            made.comes_well = chance < 0.15
        elif chance < 0.4:
            made.state = Given.REFUSED
        if made.state is Given.BACK:
            self.given.append((ref, reference, money.amount))
        self.tally[f"asked for a refund: {made.state}"] += 1
        return made

    def _let_return(self, reference: UUID, one: Return) -> None:
        if one.state is not Given.UNDER_WAY or not one.comes_at or one.comes_at > self.clock.now:
            return
        one.state = Given.BACK if one.comes_well else Given.REFUSED
        self.tally[f"a refund under way: {one.state}"] += 1
        if one.comes_well:
            self.given.append((one.ref, reference, one.amount))
        self._tell("refund", self.pages[one.ref], refund=reference)

    # --- What it says of it ---

    def _tell(self, kind: str, page: Page, refund: UUID | None = None) -> None:
        """Not always, and sometimes as two different messages."""
        for _ in range(self.random.choice((0, 1, 1, 1, 2))):
            self._post(Hint(self._event(), kind, page.ref, page.reference, refund))

    def say_something_odd(self) -> None:
        event = self._event()
        anybody = UUID(bytes=self.random.randbytes(16), version=4)
        references = [page.reference for page in self.pages.values()] or [anybody]
        self._post(
            self.random.choice(
                (
                    Hint(event, "paid", "a page of others", anybody),
                    Hint(event, "paid", "a page of nobody", None),
                    Hint(event, "account", quarantined=Quarantine.OTHER_ACCOUNT),
                    Hint(event, "news", "", self.random.choice(references)),
                    Hint(event, "refund", "", self.random.choice(references), anybody),
                )
            )
        )

    def _event(self) -> str:
        self.told += 1
        return f"event{self.told}"

    def _post(self, hint: Hint) -> None:
        self.post.append(hint)
