"""The demo's clinic and its people at browsers of their own, for scenes to be played on."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

from playwright.sync_api import Browser, Page

from tests.journeys.conftest import RunningClinic, Visitor

COLOMBO = "Asia/Colombo"


class Onlooker(Protocol):
    def take(self, page: Page, screen: str) -> None: ...


@dataclass
class Stage:
    browser: Browser
    clinic: RunningClinic
    onlooker: Onlooker
    steps: Path
    people: dict[str, Visitor] = field(default_factory=dict)

    def stranger(self, timezone: str = COLOMBO) -> Visitor:
        context = self.browser.new_context(
            base_url=self.clinic.url,
            timezone_id=timezone,
            locale="en-GB",
            permissions=["camera", "microphone"],
        )
        context.set_default_timeout(30_000)
        return Visitor("someone", context.new_page(), self.steps, [])

    def signed_in(self, who: str) -> Page:
        """A page of patient1, doctor1, staff or whoever else is of the demo."""
        if who not in self.people:
            self.people[who] = self.stranger()
            self.people[who].sign_in(f"{who}@demo.example")
            self.people[who].page.wait_for_url(lambda url: "/account/login/" not in url)
        return self.people[who].page

    def look(self, page: Page, address: str, screen: str) -> None:
        page.goto(address)
        self.take(page, screen)

    def take(self, page: Page, screen: str) -> None:
        self.onlooker.take(page, screen)

    @contextmanager
    def later(self, by: timedelta) -> Iterator[None]:
        """The clinic's clock goes on from there, and comes back afterwards."""
        self.clinic.clock_at(datetime.now(UTC) + by)
        try:
            yield
        finally:
            self.clinic.clock_at(datetime.now(UTC))


Scene = Callable[[Stage], None]
