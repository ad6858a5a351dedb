"""tests/access/headers.py against a real server, on loopback and as a clinic would run it."""

import http.client
import json
import os
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import quote

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db import connection
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from psycopg.conninfo import make_conninfo
from starlette.routing import Route, WebSocketRoute

from clinicall.live import routes as live
from clinicall.people.models import Doctor, Patient, Role, User
from clinicall.schedule.models import Slot
from clinicall.server import health
from tests import cast
from tests.access.headers import (
    EVERYWHERE,
    FAMILIES,
    NO_DEVICES,
    NOT_A_PAGE,
    NOWHERE,
    ON_HTTPS,
    PAGE,
    Row,
)
from tests.clinic_clock import ClinicClock
from tests.conftest import booked
from tests.server.serving import LATEST, Command, Server, free_port

PRODUCTION = {
    "SITE_URL": "https://clinic.example",
    "EMAIL_URL": "smtps://mail.example",
    "PAYMENT_PROVIDER": "none",
    "RATE_LIMITS": "on",
    "REQUIRE_SECOND_FACTOR": "on",
    "TRUSTED_PROXIES": "127.0.0.1",
}
LOOPBACK = {"EMAIL_URL": "console:"}
NONCE = re.compile("'nonce-[A-Za-z0-9_-]{22}'")
SESSION_NAMES = ("sessionid", "__Host-sessionid")


def addresses(resolver: URLResolver, before: str = "") -> Iterator[str]:
    for entry in resolver.url_patterns:
        written = before + str(entry.pattern).lstrip("^")
        if isinstance(entry, URLPattern):
            yield written
        else:
            yield from addresses(entry, written)


def test_every_family_of_addresses_is_listed() -> None:
    of_django = set(addresses(get_resolver()))
    routes = [*live.routes, *health.routes]
    of_ours = {route.path[1:] for route in routes if isinstance(route, Route | WebSocketRoute)}
    families = {address.partition("/")[0] for address in of_django | of_ours}
    files = {
        settings.STATIC_URL.strip("/"),
        *(file.name for file in settings.WHITENOISE_ROOT.iterdir()),
    }
    assert families | files == set(FAMILIES)


@dataclass
class Site:
    """A server, as browsers see it through its proxy."""

    server: Server
    host: str
    is_https: bool

    def answer(
        self, method: str, path: str, body: str | None = None, cookies: Mapping[str, str] = {}
    ) -> tuple[int, list[tuple[str, str]], bytes]:
        with_cookies = "; ".join(f"{name}={value}" for name, value in cookies.items())
        headers = {"Host": self.host, **({"Cookie": with_cookies} if cookies else {})}
        if body is not None:
            origin = f"{'https' if self.is_https else 'http'}://{self.host}"
            headers |= {
                "Content-Type": "application/x-www-form-urlencoded",
                "Origin": origin,
            }
        asked = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=LATEST)
        try:
            asked.request(method, path, body, headers)
            told = asked.getresponse()
            return told.status, told.getheaders(), told.read()
        finally:
            asked.close()

    def expected(self, row: Row) -> dict[str, object]:
        socket = f"{'wss' if self.is_https else 'ws'}://{self.host}"
        fill = {
            "host": "__Host-" if self.is_https else "",
            "secure": "; Secure" if self.is_https else "",
        }
        return {
            **EVERYWHERE,
            **(ON_HTTPS if self.is_https else {}),
            "status": row.status,
            "cache-control": row.cache,
            "content-security-policy": row.policy.replace("{socket}", socket),
            "permissions-policy": row.devices,
            "cookies": sorted(cookie.format(**fill) for cookie in row.cookies),
        }

    def told(self, status: int, headers: list[tuple[str, str]]) -> dict[str, object]:
        lower = [(name.lower(), NONCE.sub("'nonce-…'", value)) for name, value in headers]
        known = {*EVERYWHERE, *ON_HTTPS, *NOWHERE}
        known |= {"cache-control", "content-security-policy", "permissions-policy"}
        return {
            **{name: value for name, value in lower if name in known},
            "status": status,
            "cookies": sorted(shape(value) for name, value in lower if name == "set-cookie"),
        }


def shape(set_cookie: str) -> str:
    """A cookie's name and what limits it, without its value and its age."""
    ((name, cookie),) = SimpleCookie(set_cookie).items()
    flags = ["HttpOnly"] if cookie["httponly"] else []
    flags += [f"Path={cookie['path']}", f"SameSite={cookie['samesite']}"]
    flags += ["Secure"] if cookie["secure"] else []
    flags += [f"Domain={cookie['domain']}"] if cookie["domain"] else []
    return "; ".join([name, *flags])


@pytest.fixture(params=[LOOPBACK, PRODUCTION], ids=["loopback", "production"])
def site(request: pytest.FixtureRequest, transactional_db: None) -> Iterator[Site]:
    known = ("host", "port", "user", "password", "dbname")
    parameters = connection.get_connection_params()
    database = make_conninfo(**{n: v for n, v in parameters.items() if n in known})
    port = free_port()
    process = Command(
        [sys.executable, "-m", "clinicall", "serve", "--no-worker"],
        {**os.environ, "DATABASE_URL": database, "PORT": str(port), **request.param},
    )
    is_https = request.param is PRODUCTION
    site = Site(
        Server(process, port), "clinic.example" if is_https else f"127.0.0.1:{port}", is_https
    )
    try:
        site.server.wait_until_up()
        yield site
    finally:
        process.terminate()
        process.said()


def session_of(user: User) -> dict[str, str]:
    client = Client()
    client.force_login(user)
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    return dict.fromkeys(SESSION_NAMES, session)


def an_asset() -> str:
    manifest = Path("clinicall/web/static/built/.vite/manifest.json").read_text()
    return f"built/{json.loads(manifest)['frontend/src/site.ts']['file']}"


@pytest.mark.django_db(transaction=True)
def test_every_family_answers_as_listed(
    site: Site,
    free_slots: list[Slot],
    dr_silva: Doctor,
    ana: Patient,
    cleo: Patient,
    clock: ClinicClock,
) -> None:
    visit = booked(free_slots[0], ana)
    clock.set(visit.starts_at - timedelta(minutes=1))
    root = cast._user("Root", Role.ADMIN)
    for user in (dr_silva.user, root):
        Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={})
    people = {"ana": ana.user, "cleo": cleo.user, "silva": dr_silva.user, "root": root}
    sessions = {name: session_of(user) for name, user in people.items()}
    names = {
        "doctor": str(dr_silva.pk),
        "slot": str(free_slots[2].pk),
        "visit": str(visit.pk),
        "asset": an_asset(),
    }
    differences = []
    for row in (row for rows in FAMILIES.values() for row in rows):
        method, _, path = row.asked.format(**names).partition(" ")
        cookies = dict(sessions[row.who]) if row.who else {}
        body = None
        if row.form is not None:
            token = "a" * 32
            body = quote(row.form, safe="=&") + f"&csrfmiddlewaretoken={token}"
            cookies |= {"csrftoken": token, "__Host-csrftoken": token}
        status, headers, _ = site.answer(method, path, body, cookies)
        told, expected = site.told(status, headers), site.expected(row)
        differences += [
            f"{row.asked} ({row.who or 'nobody'}): {name} is {told.get(name)!r}, not {expected.get(name)!r}"
            for name in sorted({*told, *expected})
            if told.get(name) != expected.get(name)
        ]
    assert not differences, "\n".join(differences)


@pytest.mark.django_db(transaction=True)
def test_what_fails_answers_no_less(site: Site) -> None:
    """Requests that no address answers: too large, for another host, and with a fault of ours."""
    with site.server.open(
        f"POST / HTTP/1.1\r\nHost: {site.host}\r\nContent-Length: 9999999\r\n\r\n".encode()
    ) as sender:
        head = sender.recv(10_000).decode().partition("\r\n\r\n")[0].split("\r\n")
    too_large = [(name, value) for name, _, value in (line.partition(": ") for line in head[1:])]
    answers = {"too large": (413, too_large)}
    other_host = Site(site.server, "evil.example", site.is_https)
    answers["another host"] = other_host.answer("GET", "/")[:2]
    with connection.cursor() as cursor:
        cursor.execute("alter table people_specialization rename to gone")
        try:
            answers["a fault"] = site.answer("GET", "/")[:2]
        finally:
            cursor.execute("alter table gone rename to people_specialization")
    of_a_page = {"a fault": PAGE}
    caches = {"a fault": "no-cache"}
    statuses = {"too large": 413, "another host": 400, "a fault": 500}
    for name, (status, headers) in answers.items():
        row = Row(
            name,
            statuses[name],
            caches.get(name, "no-store"),
            policy=of_a_page.get(name, NOT_A_PAGE),
            devices=NO_DEVICES,
        )
        assert (name, site.told(status, headers)) == (name, site.expected(row))
