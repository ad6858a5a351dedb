"""A pytest plugin: the tests get a PostgreSQL of their own, and no way to the outside."""

import os
import tempfile
from collections.abc import Generator
from pathlib import Path

import pytest

from clinicall.server.postgres import Embedded

FAST = {
    # What a crash would lose is thrown away after the run anyway.
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "300",  # of the races
}


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None, None, None]:
    # A wrapper, because pytest-django reads the settings in this hook.
    folder = tempfile.TemporaryDirectory(prefix="clinicall-tests-")
    early_config.add_cleanup(folder.cleanup)
    # PostgreSQL runs as another user where we are root.
    Path(folder.name).chmod(0o711)
    os.environ["CLINICALL_DATA"] = folder.name
    # The cast has none; the tests about it turn it on.
    os.environ["REQUIRE_SECOND_FACTOR"] = "off"
    # Tests ask faster than people do; those about limits turn them on.
    os.environ["RATE_LIMITS"] = "off"
    if not os.environ.get("DATABASE_URL"):
        server = Embedded(Path(folder.name), FAST)
        os.environ["DATABASE_URL"] = server.__enter__().url
        early_config.add_cleanup(server.__exit__)
    return (yield)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    # Before pytest-socket reads them.
    config.option.allow_hosts = "127.0.0.1,::1,localhost"
    config.option.allow_unix_socket = True
