"""Where a booking's time goes: what each part of a hold, of its payment and of a look at it takes of the
server's and of PostgreSQL's processor, and how many statements. Linux only.

    python -m bench.where_time_goes
"""

import io
import json
import os
import secrets
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

from clinicall.server.postgres import Embedded

WARM, BOOKINGS = 10, 100
TOTAL = "the whole request"


class Parts:
    """By request and part: nanoseconds of this thread and of its connection's backend, and statements."""

    def __init__(self) -> None:
        self.spent: dict[str, Counter[tuple[str, int]]] = {}
        self.statements = 0
        self.request = ""

    def measured(self, part: str, act: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(act)
        def measured(*args: Any, **kwargs: Any) -> Any:
            before = self._so_far()
            try:
                return act(*args, **kwargs)
            finally:
                sums = self.spent.setdefault(self.request, Counter())
                for n, (then, at_last) in enumerate(zip(before, self._so_far(), strict=True)):
                    sums[part, n] += at_last - then

        return measured

    def count(self, execute: Callable[..., Any], *statement: Any) -> Any:
        self.statements += 1
        return execute(*statement)

    def _so_far(self) -> tuple[int, int, int]:
        from django.db import connection

        backend = Path(f"/proc/{connection.connection.info.backend_pid}/schedstat")
        return time.thread_time_ns(), int(backend.read_text().split()[0]), self.statements


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="clinicall-bench-") as name:
        folder = Path(name)
        folder.chmod(0o711)  # PostgreSQL runs as another user where we are root
        os.environ["CLINICALL_DATA"] = name
        with Embedded(folder / "data") as database:
            os.environ["DATABASE_URL"] = database.url
            os.environ["RATE_LIMITS"] = "off"
            os.environ["DJANGO_SETTINGS_MODULE"] = "clinicall.config.settings"
            _measure()


def _measure() -> None:
    import django

    django.setup()
    from django.core.management import call_command
    from django.core.wsgi import get_wsgi_application
    from django.db import connection

    from clinicall.api import appointments, callers
    from clinicall.api.callers import SignedIn
    from clinicall.booking import checkout, settling
    from clinicall.core import announce
    from clinicall.payments import sandbox
    from clinicall.web.patient import paying

    call_command("migrate", verbosity=0)
    call_command("demo", doctors=20, days=30, patients=20, verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("vacuum analyze")
    parts = Parts()
    for part, place, name in (
        ("signed in, and may", SignedIn, "__call__"),
        ("the hold and its commit", checkout, "hold_slot"),
        ("a page to pay on", checkout, "open_payment"),
        ("the sandbox's own ledger", sandbox, "pay"),
        ("settling and its commit", paying, "tell_booking"),
        ("of that, announcing", announce, "_notify"),
        ("of that, the visit's step", settling, "confirm"),
        ("the appointment as it is", appointments, "look_at"),
        ("of that, the appointment as it is", callers, "look_at"),
        ("the answer", appointments, "_shown"),
    ):
        setattr(place, name, parts.measured(part, getattr(place, name)))
    ask = parts.measured(TOTAL, _asking(get_wsgi_application()))
    with connection.execute_wrapper(parts.count):
        _book(ask, parts, WARM)
        parts.spent.clear()
        _book(ask, parts, BOOKINGS)
    _print(parts)


def _asking(app: Callable[..., Any]) -> Callable[..., Any]:
    def ask(method: str, path: str, body: bytes = b"", **headers: str) -> tuple[str, bytes]:
        said: list[str] = []
        environ = {
            "REQUEST_METHOD": method,
            "PATH_INFO": path,
            "QUERY_STRING": "",
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": sys.stderr,
            **headers,
        }
        answer = app(environ, lambda status, *_: said.append(status))
        try:
            return said[0], b"".join(answer)
        finally:
            answer.close()

    return ask


def _book(ask: Callable[..., Any], parts: Parts, bookings: int) -> None:
    from django.test import Client

    from clinicall.booking.openings import open_slots
    from clinicall.people.models import Role, User

    parts.request = "signing in"
    tokens = []
    for patient in User.objects.filter(role=Role.PATIENT)[:20]:
        client = Client()
        client.force_login(patient)
        tokens.append(client.session.session_key)
    payable = open_slots().filter(doctor__fee_amount__gt=0)
    # One start each, so that no patient is to be in two places.
    slots = list(payable.order_by("starts_at").distinct("starts_at"))[-bookings - WARM :]
    for slot, token in zip(slots[:bookings], (tokens * bookings)[:bookings], strict=True):
        wish = {
            "slotId": str(slot.pk),
            "firstName": "Nimal",
            "lastName": "Perera",
            "phone": "+94771234567",
            "nic": "199012345678",
            "email": "nimal@example.com",
            "reason": "A cough that does not go away",
        }
        parts.request = "POST /api/v1/appointments"
        key = {"HTTP_IDEMPOTENCY_KEY": secrets.token_hex(16), "CONTENT_TYPE": "application/json"}
        body = json.dumps(wish).encode()
        status, answer = ask(
            "POST", "/api/v1/appointments", body, HTTP_X_SESSION_TOKEN=token, **key
        )
        assert status.startswith("201"), answer
        made = json.loads(answer)
        parts.request = "POST checkoutUrl"
        page = "/" + made["payment"]["checkoutUrl"].split("/", 3)[3]
        form = {"CONTENT_TYPE": "application/x-www-form-urlencoded"}
        status, answer = ask("POST", page, b"outcome=succeed", **form)
        assert status.startswith("303"), answer
        parts.request = "GET /api/v1/appointments/{id}"
        path = f"/api/v1/appointments/{made['id']}"
        status, answer = ask("GET", path, HTTP_X_SESSION_TOKEN=token)
        assert json.loads(answer)["status"] == "confirmed"


def _print(parts: Parts) -> None:
    for request, sums in parts.spent.items():
        if (TOTAL, 0) not in sums:
            continue
        print(f"\n{request:34}{'server µs':>10}{'database µs':>13}{'statements':>12}")
        names = dict.fromkeys(part for part, _ in sums)
        for part in [*(name for name in names if name != TOTAL), TOTAL]:
            server, database, asked = (sums[part, n] / BOOKINGS for n in range(3))
            print(f"{part:34}{server / 1000:10.0f}{database / 1000:13.0f}{asked:12.0f}")


if __name__ == "__main__":
    main()
