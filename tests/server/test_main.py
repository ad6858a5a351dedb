import os
import signal
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from clinicall.server.postgres import Embedded
from tests.server.serving import Command, clinicall, free_port, postmaster, serving, wait_for

ASK = """
from django.db import connection
cursor = connection.cursor()
print('asking', flush=True)
cursor.execute('select pg_sleep(60)')
"""


@pytest.fixture(scope="module")
def data() -> Iterator[Path]:
    """A data folder with an empty database."""
    with tempfile.TemporaryDirectory(prefix="clinicall-tests-") as name:
        Path(name).chmod(0o711)
        with Embedded(Path(name), {"fsync": "off"}):
            pass
        yield Path(name).resolve()


def test_help_names_every_command_and_needs_no_database(data: Path) -> None:
    process = clinicall("help", data=data)
    output = process.said()
    assert process.returncode == 0
    for command in ("serve", "worker", "check", "migrate"):
        assert f"\n  {command} " in output
    assert postmaster(data) is None


def test_a_command_runs_on_the_embedded_database_and_stops_it(data: Path) -> None:
    process = clinicall(
        "shell",
        "--command",
        "from django.db import connection as c; print(c.settings_dict['HOST'])",
        data=data,
    )
    assert str(data / "run") in process.said()
    assert postmaster(data) is None


def test_two_commands_on_one_folder_share_one_server(data: Path) -> None:
    with Embedded(data) as server, psycopg.connect(server.url, autocommit=True) as watcher:
        commands = [clinicall("shell", "--command", ASK, data=data) for _ in range(2)]

        def both_are_in() -> bool:
            row = watcher.execute(
                "select count(*) from pg_stat_activity where query like '%pg_sleep(60)%'"
                " and pid <> pg_backend_pid()"
            ).fetchone()
            return row == (2,)

        wait_for(both_are_in)
        for command in commands:
            command.terminate()
            command.said()
        assert watcher.execute("select 1").fetchone()
    assert postmaster(data) is None


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_command_that_is_stopped_leaves_no_server_behind(data: Path, number: int) -> None:
    command = clinicall("shell", "--command", ASK, data=data)
    wait_for(lambda: "asking" in command.said_so_far())
    os.killpg(command.pid, number)
    command.said()
    # Python ends by the signal itself where Ctrl-C met code that was given as text.
    assert command.returncode in (128 + number, -number)
    assert postmaster(data) is None


def test_a_wrong_setting_is_one_line_and_exit_code_2(data: Path) -> None:
    process = clinicall("migrate", data=data, HOLD_MINUTES="soon")
    assert process.said() == "clinicall: HOLD_MINUTES='soon': use a whole number from 1 to 60.\n"
    assert process.returncode == 2


def test_a_database_that_does_not_answer_is_one_line_and_exit_code_2(data: Path) -> None:
    environment = {
        **os.environ,
        "CLINICALL_DATA": str(data),
        "DATABASE_URL": f"postgresql://127.0.0.1:{free_port()}/clinic",
    }
    process = Command([sys.executable, "-m", "clinicall", "migrate"], environment)
    assert process.said().splitlines()[-1].startswith("clinicall: connection failed")
    assert "Traceback" not in process.said()
    assert process.returncode == 2


def test_a_machine_without_postgresql_is_one_line_and_exit_code_2(tmp_path: Path) -> None:
    hidden = "import clinicall.server.postgres as p; p._installed = lambda *_: iter(())"
    run = "import runpy, sys; sys.argv = ['clinicall', 'migrate']"
    main = "runpy.run_module('clinicall', run_name='__main__')"
    environment = {k: v for k, v in os.environ.items() if k != "DATABASE_URL"}
    process = Command(
        [sys.executable, "-c", f"{hidden}; {run}; {main}"],
        {**environment, "CLINICALL_DATA": str(tmp_path)},
    )
    output = process.said()
    assert output.startswith("clinicall: No PostgreSQL ≥ 15")
    assert "DATABASE_URL" in output
    assert output.count("\n") == 1
    assert process.returncode == 2


def test_a_server_with_other_keys_than_the_databases_does_not_start(data: Path) -> None:
    migrate = clinicall("migrate", "--verbosity", "0", data=data)
    assert migrate.wait() == 0, migrate.said()
    with serving(data, "--no-worker"):
        pass
    other = clinicall("serve", data=data, PORT=str(free_port()), SECRET_KEY="another")
    assert "SECRET_KEY is not the one this database was written with" in other.said()
    assert other.returncode == 2
