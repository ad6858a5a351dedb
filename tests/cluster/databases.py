"""PostgreSQL as an operator runs it: servers of one's own on loopback, one of them a replica."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from clinicall.server.postgres import LOCALE, NAME, Account, find_programs, server_account
from tests.server.serving import free_port

# A crash of the machine is not what we try; one of the servers loses nothing without it.
FAST = "-c fsync=off"


@dataclass
class Postgres:
    """One server. `folder` may not exist yet."""

    folder: Path
    port: int = field(default_factory=free_port)
    account: Account = field(default_factory=server_account)

    def __post_init__(self) -> None:
        self.programs = find_programs(self.account, Path("/var/lib/clinicall"), None).folder

    @property
    def url(self) -> str:
        return f"postgresql://{NAME}@127.0.0.1:{self.port}/{NAME}"

    def make(self) -> None:
        self.account.own(self.folder)
        self._run(
            "initdb", "-D", self.folder, "-U", NAME,
            "--auth=trust", "--encoding=UTF8", f"--locale={LOCALE}",
        )  # fmt: skip
        self.start()
        with psycopg.connect(self.url.removesuffix(NAME) + "postgres", autocommit=True) as first:
            first.execute(f"create database {NAME}")

    def copy(self, primary: "Postgres") -> None:
        """Made a streaming replica of it, as docs/operating.md says."""
        self.account.own(self.folder)
        self._run(
            "pg_basebackup", "-D", self.folder, "-R", "-X", "stream", "-c", "fast",
            "-h", "127.0.0.1", "-p", str(primary.port), "-U", NAME,
        )  # fmt: skip
        self.start()

    def start(self) -> None:
        sockets = f"-c unix_socket_directories={self.folder}"
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 {sockets} {FAST}"
        self._control("start", "-o", options)

    def restart(self, how: str) -> None:
        self._control("restart", "-m", how)

    def stop(self, how: str = "fast") -> None:
        self._control("stop", "-m", how)

    def sql(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.url, autocommit=True) as connection:
            cursor = connection.execute(statement, values)
            return cursor.fetchall() if cursor.description else []

    def _control(self, *words: str) -> None:
        log = self.folder / "log"
        self._run("pg_ctl", *words, "-w", "-D", self.folder, "-l", log)

    def _run(self, program: str, *words: str | Path) -> None:
        done = self.account.run(self.programs / program, *words)
        assert done.returncode == 0, done.stderr
