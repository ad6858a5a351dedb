import os
import sys
from collections.abc import Iterator

import pytest
from django.db import connection
from psycopg.conninfo import make_conninfo
from pytest_django import DjangoDbBlocker

from tests.server.serving import Command, Server, free_port


@pytest.fixture(scope="session")
def server(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Server]:
    """`clinicall serve` on the tests' own database, so that it sees what a test commits."""
    with django_db_blocker.unblock():
        database = make_conninfo(
            **{
                name: value
                for name, value in connection.get_connection_params().items()
                if name in ("host", "port", "user", "password", "dbname")
            }
        )
    port = free_port()
    process = Command(
        [sys.executable, "-m", "clinicall", "serve", "--no-worker", "--workers", "2"],
        {**os.environ, "DATABASE_URL": database, "PORT": str(port)},
    )
    server = Server(process, port)
    try:
        server.wait_until_up()
        yield server
    finally:
        process.terminate()
        process.said()
