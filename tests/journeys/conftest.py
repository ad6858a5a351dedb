"""A running clinic and browsers to visit it with."""

import os
import re
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest
from playwright.sync_api import Browser, BrowserContext, BrowserType, Page, expect, sync_playwright

from clinicall.server.postgres import Embedded
from tests.clinic_clock import REPLACE
from tests.server.serving import clinicall, serving, wait_for

# Two cores may be busy; what is expected comes, and nobody asks how soon.
expect.set_options(timeout=15_000)

ARTEFACTS = Path(__file__).parents[2] / "test-artefacts"
DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}
FLAGS = [
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--allow-loopback-in-peer-connection",
    "--autoplay-policy=no-user-gesture-required",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-gpu",
    "--disable-quic",
    *(["--no-sandbox"] if os.geteuid() == 0 else []),
]


@dataclass
class RunningClinic:
    url: str
    database: str
    elsewhere: tuple[str, ...] = ()  # other sites that people are sent to

    def clock_at(self, now: datetime) -> None:
        """The clinic's clock jumps there and goes on from there; nothing else notices."""
        ahead = (now - datetime.now(UTC)).total_seconds()
        with psycopg.connect(self.database, autocommit=True) as connection:
            connection.execute(REPLACE.format(f"select clock_timestamp() + interval '{ahead:f} s'"))

    def change(self, statement: str) -> None:
        """What only a provider can bring about."""
        with psycopg.connect(self.database, autocommit=True) as connection:
            connection.execute(statement.encode())

    def status_of(self, appointment: str) -> tuple[str, str]:
        """And its outcome or why it was cancelled, if it has any."""
        with psycopg.connect(self.database) as connection:
            row = connection.execute(
                "select status, outcome || cancel_reason from booking_appointment where id = %s",
                [appointment],
            ).fetchone()
        assert row
        return row[0], row[1]

    def name_of_doctor(self, email: str) -> str:
        with psycopg.connect(self.database) as connection:
            row = connection.execute(
                "select name from people_doctor d join people_user u on u.id = d.user_id"
                " where email = %s",
                [email],
            ).fetchone()
        assert row
        return str(row[0])

    def commands_say_all_is_well(self, data: Path) -> bool:
        """Once the worker has caught up with a clock that was moved: it closes visits every minute."""

        def all_is_well() -> bool:
            command = clinicall("check-invariants", data=data)
            command.said()
            return command.returncode == 0

        return wait_for(all_is_well, within=90)


@contextmanager
def a_folder() -> Iterator[Path]:
    # Not pytest's own, which only its user may enter: PostgreSQL runs as another when we are root.
    with TemporaryDirectory(prefix="clinicall-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def succeeds(*words: str, data: Path) -> None:
    command = clinicall(*words, data=data)
    command.wait(timeout=120)  # what all wait for may take long where much else runs
    assert command.returncode == 0, command.said()


@pytest.fixture(scope="session")
def empty_clinic() -> Iterator[Path]:
    """Its keys and its tables, and nobody in it; migrating takes longer than all else that a clinic needs."""
    with a_folder() as folder:
        with Embedded(folder):
            succeeds("migrate", "--verbosity", "0", data=folder)
        yield folder


@contextmanager
def a_copy_of(clinic: Path) -> Iterator[Path]:
    with a_folder() as folder:
        # PostgreSQL's files keep their owner, whom a copy by Python would not give them.
        subprocess.run(["cp", "-a", f"{clinic}/.", folder], check=True)
        yield folder


@pytest.fixture
def clinic_folder(empty_clinic: Path) -> Iterator[Path]:
    with a_copy_of(empty_clinic) as folder:
        yield folder


@contextmanager
def a_running_clinic(
    clinic_folder: Path, elsewhere: tuple[str, ...] = (), **settings: str
) -> Iterator[RunningClinic]:
    """A clinic with the demo's people but nothing that bears on tomorrow."""
    with Embedded(clinic_folder) as database:
        succeeds("demo", "--doctors", "2", "--days", "1", "--patients", "2", data=clinic_folder)
        with serving(clinic_folder, **settings) as server:
            yield RunningClinic(f"http://127.0.0.1:{server.port}", database.url, elsewhere)


@pytest.fixture
def clinic_settings() -> dict[str, str]:
    """For a test to say otherwise."""
    return {}


@pytest.fixture
def running_clinic(clinic_folder: Path, clinic_settings: dict[str, str]) -> Iterator[RunningClinic]:
    with a_running_clinic(clinic_folder, (), **clinic_settings) as clinic:
        yield clinic


def launched(kind: BrowserType) -> Browser:
    path = os.environ.get("CLINICALL_BROWSER", "/usr/bin/chromium")
    return kind.launch(executable_path=path if Path(path).exists() else None, args=FLAGS)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = launched(playwright.chromium)
        yield chromium
        chromium.close()


@dataclass
class Visitor:
    """A person at a browser of their own. `look` keeps a screenshot of every step."""

    name: str
    page: Page
    folder: Path
    faults: list[str]
    steps: list[str] = field(default_factory=list)

    def look(self, step: str, *, whole_page: bool = False) -> None:
        self.steps.append(step)
        words = re.sub(r"\W+", "-", step)
        path = self.folder / f"{len(self.steps):02}-{self.name}-{words}.png"
        self.page.screenshot(path=path, full_page=whole_page)

    def sign_in(self, email: str, password: str = "clinicall demo") -> None:
        self.page.goto("/account/login/")
        self.page.get_by_label("Email").fill(email)
        self.page.get_by_label("Password").fill(password)
        self.page.get_by_role("button", name="Sign in").click()

    def newest_code(self) -> str:
        """What the mail with it says, read in a tab of its own."""
        reader = self.page.context.new_page()
        opens_newest_mail(reader, "code")
        mail = reader.locator("main").inner_text()
        reader.close()
        return mail


def opens_newest_mail(page: Page, subject: str) -> None:
    """With this in its subject, for the clinic mails others meanwhile."""
    page.goto("/outbox/")
    page.locator("main h2 a", has_text=subject).first.click()
    expect(page.get_by_role("heading", name="As plain text")).to_be_visible()


VisitorMaker = Callable[..., Visitor]


@pytest.fixture
def visitor(
    browser: Browser, running_clinic: RunningClinic, request: pytest.FixtureRequest
) -> Iterator[VisitorMaker]:
    """Makes visitors; at the end, no page of theirs may have complained or asked a third party."""
    contexts: list[BrowserContext] = []
    visitors: list[Visitor] = []
    folder = ARTEFACTS / request.node.name
    folder.mkdir(parents=True, exist_ok=True)

    def make(
        name: str,
        *,
        timezone: str,
        viewport: dict[str, int] = DESKTOP,
        at: Browser = browser,
        permissions: Sequence[str] = ("camera", "microphone"),
        dark: bool = False,
        keeps_the_offline_page: bool = False,
    ) -> Visitor:
        context = at.new_context(
            base_url=running_clinic.url,
            viewport=viewport,  # type: ignore[arg-type]
            timezone_id=timezone,
            locale="en-GB",
            permissions=permissions,
            color_scheme="dark" if dark else "light",
            # What a test sees of the network is then the page's alone.
            service_workers="allow" if keeps_the_offline_page else "block",
        )
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()
        faults: list[str] = []
        page.on("pageerror", lambda error: faults.append(f"{page.url}: {error}"))
        page.on(
            "console",
            lambda message: (
                faults.append(message.text) if "Content Security Policy" in message.text else None
            ),
        )
        page.on(
            "request",
            lambda asked: (
                None
                if asked.url.startswith(
                    (running_clinic.url, *running_clinic.elsewhere, "data:", "blob:")
                )
                else faults.append(f"asked a third party: {asked.url}")
            ),
        )
        visitors.append(Visitor(name, page, folder, faults))
        return visitors[-1]

    yield make
    faults = [fault for one in visitors for fault in one.faults]
    for context in contexts:
        context.close()
    assert faults == []
