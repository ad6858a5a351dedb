"""A replica that falls behind is left before anybody could book by it, and used again when it is back."""

import re
import sys
import time
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest

from clinicall.live.kept import LONGEST
from clinicall.live.replica import MOST_BEHIND
from tests.cluster.conftest import Clinic
from tests.cluster.load import Load, Patient
from tests.server.serving import Server, wait_for

pytestmark = pytest.mark.deep

DEAF = {"DJANGO_SETTINGS_MODULE": "tests.cluster.settings", "TESTS_DEAF": "yes"}
NEVER_LATE = {"DJANGO_SETTINGS_MODULE": "tests.cluster.settings", "TESTS_MOST_BEHIND": "3600"}


@pytest.fixture(autouse=True)
def goes_on_in_the_end(clinic: Clinic) -> Iterator[None]:
    yield
    clinic.replica.sql("select pg_wal_replay_resume()")


def pause(clinic: Clinic) -> None:
    clinic.replica.sql("select pg_wal_replay_pause()")
    state = "select pg_get_wal_replay_pause_state()"
    wait_for(lambda: clinic.replica.sql(state) == [("paused",)])


def replica_of(server: Server) -> Any:
    return server.get("/readyz").json()["replica"]


def is_used(server: Server) -> bool:
    return bool(replica_of(server)["used"])


def is_shown(patient: Patient, slot: str) -> bool:
    answer = patient.asks("slots", "GET", f"/api/v1/doctors/{patient.doctor}/slots?{patient.span}")
    return f'"id":"{slot}"' in answer.body.decode()


def holds(patient: Patient, slot: str) -> tuple[int, str]:
    answer = patient.holds(slot)
    return answer.status, answer.json().get("code", "")


def test_what_was_taken_is_shown_for_two_seconds_at_most_and_nobody_can_take_it_again(
    clinic: Clinic, capsys: pytest.CaptureFixture[str]
) -> None:
    with clinic.served_by("--no-worker", settings=DEAF) as (port, (server,)):
        ana, ben, *_ = clinic.patients(Load(port))
        slot = next(ana.slots)
        wait_for(lambda: is_used(server))
        assert is_shown(ana, slot)
        pause(clinic)
        assert holds(ana, slot) == (201, "")
        taken = last_shown = time.monotonic()
        assert holds(ben, slot) == (409, "slot_taken")
        refused = 1
        while (asked := time.monotonic()) < taken + 2 * (LONGEST + MOST_BEHIND):
            if is_shown(ana, slot):
                last_shown = asked
                assert holds(ben, slot) == (409, "slot_taken")
                refused += 1
            elif asked > taken + MOST_BEHIND:
                assert not is_used(server)
        # However slow this machine is: it is about when the database was asked.
        assert last_shown <= taken + LONGEST + MOST_BEHIND
        clinic.replica.sql("select pg_wal_replay_resume()")
        resumed = time.monotonic()
        wait_for(lambda: is_used(server))
        with capsys.disabled():
            sys.stdout.write(
                f"\nshown for {last_shown - taken:.2f} s, {refused} holds refused meanwhile;"
                f" the replica is used {time.monotonic() - resumed:.2f} s after it goes on\n"
            )
        assert not is_shown(ana, slot)
        told = re.findall("the reads go to the (primary|replica)", server.process.said_so_far())
        assert (told[0], told[-1]) == ("replica", "replica")
        assert "primary" in told
        assert all(before != after for before, after in pairwise(told))


def test_without_the_bound_it_would_be_shown_for_as_long_as_the_replica_stands_still(
    clinic: Clinic,
) -> None:
    with clinic.served_by("--no-worker", settings=DEAF | NEVER_LATE) as (port, (server,)):
        ana, ben, *_ = clinic.patients(Load(port))
        slot = next(ana.slots)
        wait_for(lambda: is_used(server))
        pause(clinic)
        assert holds(ana, slot) == (201, "")
        until = time.monotonic() + 2 * (LONGEST + MOST_BEHIND)
        wait_for(lambda: time.monotonic() > until and is_shown(ana, slot))
        assert holds(ben, slot) == (409, "slot_taken")


def test_of_news_the_replica_is_not_asked_before_it_has_them(clinic: Clinic) -> None:
    with clinic.served_by("--no-worker", settings=NEVER_LATE) as (port, (server,)):
        *_, ana = clinic.patients(Load(port))  # nobody who holds something
        slot = next(ana.slots)
        wait_for(lambda: is_used(server))
        pause(clinic)
        assert is_shown(ana, slot)
        assert holds(ana, slot) == (201, "")
        wait_for(lambda: not is_shown(ana, slot))
        assert is_used(server)


def test_nobody_notices_that_the_replica_dies(clinic: Clinic) -> None:
    with clinic.served_by("--no-worker") as (port, (server,)):
        load = Load(port)
        ana, *_ = clinic.patients(load)
        slot = next(ana.slots)
        wait_for(lambda: is_used(server))
        clinic.replica.stop("immediate")
        assert is_shown(ana, slot)
        wait_for(lambda: not is_used(server))
        assert is_shown(ana, slot)
        clinic.replica.start()
        wait_for(lambda: is_used(server))
        assert is_shown(ana, slot)
        assert not load.retried
