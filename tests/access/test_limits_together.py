"""Two servers on one database, as behind a balancer: what the database counts, both count."""

import os
import sys
from collections.abc import Iterator
from itertools import cycle, islice

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from psycopg.conninfo import make_conninfo

from clinicall.core.limits import JOINS, PUBLIC_READS
from clinicall.people.models import Doctor, Patient
from clinicall.schedule.models import Slot
from tests.conftest import booked
from tests.server.serving import Command, Server, free_port

pytestmark = pytest.mark.django_db(transaction=True)


def limited_server() -> Server:
    known = ("host", "port", "user", "password", "dbname")
    parameters = connection.get_connection_params()
    database = make_conninfo(**{n: v for n, v in parameters.items() if n in known})
    port = free_port()
    process = Command(
        [sys.executable, "-m", "clinicall", "serve", "--no-worker"],
        {
            **os.environ,
            "DATABASE_URL": database,
            "PORT": str(port),
            "RATE_LIMITS": "on",
            "TRUSTED_PROXIES": "127.0.0.1",
        },
    )
    return Server(process, port)


@pytest.fixture
def servers() -> Iterator[list[Server]]:
    servers = [limited_server(), limited_server()]
    try:
        for server in servers:
            server.wait_until_up()
        yield servers
    finally:
        for server in servers:
            server.process.terminate()
            server.process.said()


def test_two_servers_count_together_what_the_database_counts(
    servers: list[Server], free_slots: list[Slot], dr_silva: Doctor, ana: Patient
) -> None:
    visit = booked(free_slots[0], ana)
    browser = Client()
    browser.force_login(ana.user)
    session = browser.cookies[settings.SESSION_COOKIE_NAME]
    program = {"Content-Type": "application/json", "X-Session-Token": session.value}
    path = f"/api/v1/appointments/{visit.pk}/call"
    tries = [
        server.ask("POST", path, b"{}", program).status
        for server in islice(cycle(servers), JOINS.most + 2)
    ]
    assert tries == [409] * JOINS.most + [429, 429]

    # Each reader by the proxy's word: one who reads too much is no other's trouble.
    stream = f"/api/v1/doctors/{free_slots[0].doctor_id}/slots/stream"
    eager, other = {"X-Forwarded-For": "203.0.113.7"}, {"X-Forwarded-For": "203.0.113.8"}
    reads = [servers[0].ask("GET", "/", headers=eager) for _ in range(PUBLIC_READS.most)]
    assert {answer.status for answer in reads} == {200}
    refused = servers[0].ask("HEAD", stream, headers=eager)
    assert (refused.status, "retry-after" in refused.headers) == (429, True)
    assert servers[0].ask("HEAD", stream, headers=other).status == 200
    assert servers[1].ask("HEAD", stream, headers=eager).status == 200
