"""A pytest plugin: no personal value and no secret gets into a log, a URL or the subject of a mail. It looks
at everything at DEBUG; a test that lets one out fails, by its name."""

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from django.core import mail, signals

# The cast's: what every booking of the tests is made with.
OF_THE_CAST = (
    "Perera",
    "112345678",
    "712345678",
    "199012345678",
    "199012342937",
    "ana@clinic.example",
    "ben@clinic.example",
    "cleo@clinic.example",
    "Cough for two weeks",
)
SHORTEST = 8  # of a secret; shorter ones stand in many a word
DRIVERS = ("urllib3", "asyncio")  # of the tests, not of the clinic


class Watch(logging.Handler):
    """What was said during one test, and what must not be in it."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.said: list[str] = []
        self.sealed: set[str] = set()
        self.looked_at = 0

    def emit(self, record: logging.LogRecord) -> None:
        if not record.name.startswith(DRIVERS):
            self.said.append(f"log {record.name}: {self.format(record)}")

    def requested(self, **facts: Any) -> None:
        environ = facts.get("environ") or {}
        query = environ.get("QUERY_STRING", "")
        self.said.append(f"URL {environ.get('PATH_INFO', '')}?{query}")

    def hits(self) -> list[str]:
        """What was let out since the last time, without the value itself twice; and starts anew."""
        self.said += [f"mail {one.subject}" for one in getattr(mail, "outbox", [])]
        forbidden = (*OF_THE_CAST, *(text for text in self.sealed if len(text) >= SHORTEST))
        found = [line for line in self.said if any(one in line for one in forbidden)]
        self.looked_at += len(self.said)
        self.said.clear()
        self.sealed.clear()
        return found


watch = Watch()


class Recording:
    """A cipher that remembers what it sealed: tokens and secrets are known only once they are made."""

    def __init__(self, cipher: Any) -> None:
        self.cipher = cipher

    def encrypt(self, nonce: bytes, data: bytes, place: bytes) -> Any:
        watch.sealed.add(data.decode())
        return self.cipher.encrypt(nonce, data, place)

    def decrypt(self, nonce: bytes, data: bytes, place: bytes) -> Any:
        return self.cipher.decrypt(nonce, data, place)


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """After Django has set its loggers up."""
    from clinicall.core.logs import DiscreetFormatter
    from clinicall.records import sealed

    cipher = sealed._cipher
    sealed._cipher = lambda key: Recording(cipher(key))  # type: ignore[assignment]
    watch.setFormatter(DiscreetFormatter())
    signals.request_started.connect(watch.requested)


@pytest.fixture(autouse=True)
def nothing_personal_gets_out() -> Iterator[None]:
    # At every test: some of them set the loggers up anew.
    root = logging.getLogger()
    level = root.level
    root.setLevel(logging.DEBUG)
    root.addHandler(watch)
    yield
    root.removeHandler(watch)
    root.setLevel(level)
    found = watch.hits()
    assert not found, "let out: " + "\n".join(found)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    terminalreporter.write_line(f"canaries: {watch.looked_at} lines looked at")
