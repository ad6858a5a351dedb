"""A real `clinicall serve`, as a clinic would start it, and what is left of it afterwards."""

import http.client
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import psutil

T = TypeVar("T")
LATEST = 60  # seconds after which nobody waits any longer
ASYNC_UNSAFE = (
    "DJANGO_ALLOW_ASYNC_UNSAFE"  # for tests beside a browser, and not for what they start
)

# Children inherit what is ignored, and tests may run where these are: a shell's background jobs
# ignore Ctrl-C, and nohup's the closing of the terminal.
for number, handler in (
    (signal.SIGINT, signal.default_int_handler),
    (signal.SIGHUP, signal.SIG_DFL),
):
    if signal.getsignal(number) is signal.SIG_IGN:
        signal.signal(number, handler)


def wait_for(condition: Callable[[], T], within: float = LATEST) -> T:
    """What `condition` returns, once that is true."""
    deadline = time.monotonic() + within
    while not (found := condition()):
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)
    return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Command(subprocess.Popen[bytes]):
    """A process that may say as much as it likes, as what it says goes into a file."""

    def __init__(self, command: list[str], environment: Mapping[str, str]) -> None:
        self.output = Path(environment["CLINICALL_DATA"], f"said-{secrets.token_hex(4)}")
        with self.output.open("wb") as output:
            super().__init__(
                command,
                env=environment,
                stdout=output,
                stderr=output,
                start_new_session=True,  # Ctrl-C reaches a whole terminal: here that is this session
            )

    def said_so_far(self) -> str:
        return self.output.read_text(encoding="utf-8")

    def said(self) -> str:
        """All of it, once it has ended."""
        self.wait(timeout=LATEST)
        return self.said_so_far()


def clinicall(*words: str, data: Path, **settings: str) -> Command:
    """A command on a data folder of its own, which starts PostgreSQL by itself."""
    environment = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "PORT")}
    return Command(
        [sys.executable, "-m", "clinicall", *words],
        {**environment, "CLINICALL_DATA": str(data), **settings},
    )


@contextmanager
def serving(data: Path, *words: str, **settings: str) -> Iterator["Server"]:
    port = free_port()
    process = clinicall("serve", *words, data=data, PORT=str(port), **settings)
    server = Server(process, port)
    try:
        server.wait_until_up()
        yield server
    finally:
        process.terminate()
        process.said()


class Server:
    def __init__(self, process: Command, port: int) -> None:
        self.process = process
        self.port = port

    def wait_until_up(self) -> None:
        def up() -> bool:
            assert self.process.poll() is None, self.process.said()
            return self.answers("/healthz")

        wait_for(up)

    def answers(self, path: str) -> bool:
        try:
            return self.get(path).status == http.client.OK
        except OSError:
            return False

    def get(self, path: str) -> "Answer":
        return self.ask("GET", path)

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> "Answer":
        """A body that is no bytes but an iterator of them is sent in chunks."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=LATEST)
        try:
            chunked = body is not None and not isinstance(body, bytes)
            connection.request(method, path, body, headers or {}, encode_chunked=chunked)
            response = connection.getresponse()
            return Answer(response.status, dict(response.getheaders()), response.read())
        finally:
            connection.close()

    def open(self, request: bytes) -> socket.socket:
        """A connection on which only this much was sent."""
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=LATEST)
        connection.sendall(request)
        return connection

    def workers(self) -> list[psutil.Process]:
        """The processes that granian started; not PostgreSQL's."""
        children = psutil.Process(self.process.pid).children()
        return [child for child in children if child.name() != "postgres"]

    def stop(self, number: int = signal.SIGTERM) -> int:
        """The exit code."""
        self.process.send_signal(number)
        return self.process.wait(timeout=LATEST)


class Answer:
    def __init__(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.status = status
        self.headers = headers
        self.body = body

    def json(self) -> Any:
        return json.loads(self.body)


def postmaster(data: Path) -> psutil.Process | None:
    for process in psutil.process_iter(["cmdline"]):
        if str(data / "postgres") in (process.info["cmdline"] or ()) and is_running(process):
            return process
    return None


def family(process: Command, data: Path) -> list[psutil.Process]:
    """Everyone who works for this command: itself, its workers, PostgreSQL's processes."""
    main = psutil.Process(process.pid)
    database = postmaster(data)
    members = {main, *main.children(recursive=True)}
    if database:
        members |= {database, *database.children()}
    return list(members)


def is_running(process: psutil.Process) -> bool:
    try:
        # What has ended stays in the list until its parent, here perhaps nobody, takes note.
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def wait_until_all_ended(processes: list[psutil.Process], within: float = LATEST) -> None:
    wait_for(lambda: not any(is_running(process) for process in processes), within)
