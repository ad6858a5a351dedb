"""Two servers behind a balancer: whatever dies under load, nothing is lost, and one second try is enough."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial

import psutil
import pytest

from tests.cluster.conftest import Clinic
from tests.cluster.load import Load, booking
from tests.server.serving import Server, family, wait_for, wait_until_all_ended

pytestmark = pytest.mark.deep

AT_FIRST = 20  # visits that are booked before something dies
AFTERWARDS = 20  # and once it is back


@contextmanager
def under_load(
    clinic: Clinic, port: int, capsys: pytest.CaptureFixture[str], name: str
) -> Iterator[Load]:
    """Everybody books: before what is done in here, meanwhile, and once it is over."""
    load = Load(port)
    patients = clinic.patients(load)
    with booking(patients):
        wait_for(lambda: load.failed or len(load.confirmed) >= AT_FIRST)
        yield load
        enough = len(load.confirmed) + AFTERWARDS
        wait_for(lambda: load.failed or len(load.confirmed) >= enough)
    with capsys.disabled():
        sys.stdout.write(f"\n{name}: {load.told()}\n")
    assert not load.failed
    assert load.faults <= {503}
    clinic.keeps_its_word(load)


def kill(server: Server) -> None:
    everyone = family(server.process, server.process.output.parent)
    for process in everyone:
        with suppress(psutil.NoSuchProcess):  # its parent's death was enough
            process.kill()
    wait_until_all_ended(everyone)


def is_whole(server: Server) -> bool:
    ready = server.get("/readyz").json()
    return bool(ready["ready"] and ready["replica"]["used"])


def test_one_of_two_servers_is_killed(clinic: Clinic, capsys: pytest.CaptureFixture[str]) -> None:
    with (
        clinic.served_by(servers=2) as (port, (first, second)),
        under_load(clinic, port, capsys, "one of two servers killed"),
    ):
        kill(first)
        wait_for(lambda: is_whole(second))


def test_one_after_the_other_is_started_anew(
    clinic: Clinic, capsys: pytest.CaptureFixture[str]
) -> None:
    """As for an update."""
    with (
        clinic.served_by(servers=2) as (port, servers),
        under_load(clinic, port, capsys, "one after the other started anew"),
    ):
        for server in servers:
            assert server.stop() == 0
            server.start_again()
            wait_for(partial(is_whole, server))


@pytest.mark.parametrize("how", ["fast", "immediate"])
def test_the_database_is_restarted(
    clinic: Clinic, capsys: pytest.CaptureFixture[str], how: str
) -> None:
    with (
        clinic.served_by(servers=2) as (port, servers),
        under_load(clinic, port, capsys, f"the database restarted, {how}") as load,
    ):
        load.away_at = time.monotonic()
        clinic.primary.restart(how)
        load.back_at = time.monotonic()
        wait_for(lambda: all(map(is_whole, servers)))


def test_three_workers_share_one_port(clinic: Clinic, capsys: pytest.CaptureFixture[str]) -> None:
    with (
        clinic.served_by("--workers", "3") as (port, (server,)),
        under_load(clinic, port, capsys, "one of three workers killed"),
    ):
        worker, *_ = server.workers()
        worker.kill()
        wait_until_all_ended([worker])
        wait_for(lambda: len(server.workers()) == 3)
