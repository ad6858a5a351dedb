"""Starting the stand-in, and speaking to it: what its `__main__` promises, as a test would say it."""

import json
import subprocess
import sys
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

KEY = "sk_test_standin"
SECRET = "whsec_standin"
ROOT = Path(__file__).parents[2]


@dataclass
class Standin:
    url: str

    def say(self, path: str, **facts: Any) -> Any:
        return self._asked(path, json.dumps(facts).encode())

    def tell(self, path: str) -> Any:
        return self._asked(path, None)

    def _asked(self, path: str, body: bytes | None) -> Any:
        with urllib.request.urlopen(f"{self.url}{path}", body, timeout=90) as answer:
            return json.load(answer)

    def script(self, exchange: str, does: str, **more: Any) -> None:
        self.say("/script", exchange=exchange, does=does, **more)

    def clock_at(self, now: datetime) -> None:
        self.say("/clock", now=now.timestamp())

    def pays(self, session: str, card: str = "pay") -> None:
        """The payer presses that button; where the page then leads is not followed."""
        body = urllib.parse.urlencode({"card": card}).encode()
        opener = urllib.request.build_opener(_Stay)
        opener.open(f"{self.url}/pay/{session}", body, timeout=30).close()

    def stopped(self) -> list[str]:
        return [held["at"] for held in self.tell("/stopped")]

    def entries(self, what: str) -> list[dict[str, Any]]:
        return [entry for entry in self.tell("/ledger")["entries"] if entry["what"] == what]

    def events(self) -> list[dict[str, Any]]:
        found = self.tell("/events")
        assert isinstance(found, list)
        return found


class _Stay(urllib.request.HTTPRedirectHandler):
    def http_error_303(self, _request: Any, answer: Any, *_: Any) -> Any:
        return answer


@contextmanager
def standing_in(key: str = KEY) -> Iterator[Standin]:
    """A stand-in for as long as the block lasts; it ends with us, however we end."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.stripe_standin", key],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdin
    assert process.stdout
    try:
        yield Standin(f"http://127.0.0.1:{int(process.stdout.readline())}")
    finally:
        process.stdin.close()
        process.stdout.close()
        process.wait(timeout=30)
