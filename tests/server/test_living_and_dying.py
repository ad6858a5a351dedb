import os
import signal
import sys
import tempfile
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg
import pytest

from clinicall.server.postgres import Embedded
from tests.live.browser_socket import BrowserSocket
from tests.server.serving import (
    Command,
    Server,
    clinicall,
    family,
    free_port,
    is_running,
    postmaster,
    serving,
    wait_for,
    wait_until_all_ended,
)

A_PAGE = "/api/v1/specializations"  # Django answers it, from the database
PROMPTLY = 8  # seconds, before the ten after which a worker would be killed
HALF_A_POST = (
    b"POST /api/v1/appointments HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9\r\n\r\nhalf"
)
A_DOCTOR = """
from tests import cast
print(cast.a_doctor(cast.a_clinic(), 'Dr Kofi Osei', 'Cardiology').pk)
"""


@pytest.fixture(scope="module")
def data() -> Iterator[Path]:
    """The data folder of a clinic with one doctor."""
    with tempfile.TemporaryDirectory(prefix="clinicall-tests-") as name:
        folder = Path(name).resolve()
        folder.chmod(0o711)
        with Embedded(folder, {"fsync": "off"}):
            migrate = clinicall("migrate", "--verbosity", "0", data=folder)
            assert migrate.wait() == 0, migrate.said()
        yield folder


@pytest.fixture(scope="module")
def doctor(data: Path) -> str:
    return clinicall("shell", "--verbosity", "0", "--command", A_DOCTOR, data=data).said().strip()


def looking_on(server: Server, doctor: str) -> Generator[bytes, None, None]:
    request = f"GET /api/v1/doctors/{doctor}/slots/stream HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    with server.open(request.encode()) as stream, stream.makefile("rb") as lines:
        yield from lines


def ready(server: Server) -> bool:
    return server.answers("/readyz") and server.answers(A_PAGE)


def test_a_posted_form_reaches_django_whole_or_in_chunks(data: Path) -> None:
    with serving(data, "--no-worker") as server:
        form = [b'{"email": "ana@clinic.', b'example", "phone": 1}']
        for body in (b"".join(form), iter(form)):
            answer = server.ask(
                "POST", "/_allauth/app/v1/auth/login", body, {"Content-Type": "application/json"}
            )
            assert answer.status == 400
            assert {error["param"] for error in answer.json()["errors"]} == {"password"}


def test_the_whole_is_ready_once_the_job_worker_lives(data: Path) -> None:
    with serving(data) as server:
        wait_for(lambda: server.get("/readyz").json()["ready"])
        assert server.get("/readyz").status == 200
        assert server.get("/healthz").json() == {"status": "alive"}


def test_nothing_is_ready_without_a_job_worker(data: Path) -> None:
    with Embedded(data) as database, psycopg.connect(database.url) as connection:
        connection.execute("delete from procrastinate_workers")
    with serving(data, "--no-worker") as server:
        answer = server.get("/readyz")
        assert answer.status == 503
        assert "clinicall worker" in answer.json()["reasons"][0]


# As `kill` does it, a press of Ctrl-C, and a terminal that is closed.
@pytest.mark.parametrize(
    ("kill", "number"),
    [(os.kill, signal.SIGTERM), (os.killpg, signal.SIGINT), (os.killpg, signal.SIGHUP)],
)
def test_asked_to_stop_it_ends_every_stream_and_leaves_nothing(
    data: Path, doctor: str, kill: Callable[[int, int], None], number: int
) -> None:
    with serving(data, "--workers", "2") as server:
        stream = looking_on(server, doctor)
        assert b"200 OK" in next(stream)
        upload = server.open(HALF_A_POST)
        everyone = family(server.process, data)
        with BrowserSocket(server.port, f"/ws/calls/{'0' * 8}-0000-0000-0000-{'0' * 12}") as call:
            kill(server.process.pid, number)
            assert call.closed_with() == 1012
        list(stream)  # ends
        assert b" 503 " in upload.recv(20)
        upload.close()
        wait_until_all_ended(everyone, PROMPTLY)
        assert server.process.wait() == 0


def test_what_is_being_answered_when_it_is_asked_to_stop_is_answered(data: Path) -> None:
    with serving(data, "--no-worker") as server, Embedded(data) as database:
        with psycopg.connect(database.url) as others, ThreadPoolExecutor(1) as visitor:
            others.execute("lock table people_specialization")
            answer = visitor.submit(server.get, "/")
            waiting = "select 1 from pg_locks where not granted"
            wait_for(lambda: others.execute(waiting).fetchone())
            server.process.terminate()
            wait_for(lambda: not server.answers("/healthz"))
            others.rollback()
            assert answer.result().status == 200
        assert server.process.wait() == 0


def test_one_who_said_nohup_may_close_the_terminal(data: Path) -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # a child inherits it
    try:
        with serving(data, "--no-worker") as server:
            os.killpg(server.process.pid, signal.SIGHUP)
            assert server.answers(A_PAGE)
            assert server.stop() == 0
    finally:
        signal.signal(signal.SIGHUP, before)


def test_a_signal_to_every_process_at_once_is_no_accident(data: Path) -> None:
    with serving(data, "--workers", "2") as server:
        everyone = family(server.process, data)
        for pid in (*(worker.pid for worker in server.workers()), server.process.pid):
            os.kill(pid, signal.SIGTERM)
        wait_until_all_ended(everyone, PROMPTLY)
        assert server.process.wait() == 0
        assert "Unexpected" not in server.process.said()


def test_when_main_is_killed_nothing_outlives_it(data: Path, doctor: str) -> None:
    with serving(data, "--workers", "2") as server:
        stream = looking_on(server, doctor)
        assert b"200 OK" in next(stream)
        everyone = family(server.process, data)
        server.process.kill()
        list(stream)
        wait_until_all_ended(everyone)


def test_a_killed_worker_is_replaced(data: Path) -> None:
    with serving(data) as server:
        wait_for(lambda: ready(server))
        (worker,) = server.workers()
        worker.kill()
        wait_until_all_ended([worker])
        wait_for(lambda: ready(server))
        assert server.workers() != [worker]
        everyone = family(server.process, data)
        assert server.stop() == 0
        wait_until_all_ended(everyone, PROMPTLY)


def test_when_postgresql_is_killed_the_clinic_goes_on(data: Path, doctor: str) -> None:
    with serving(data) as server:
        wait_for(lambda: ready(server))
        stream = looking_on(server, doctor)
        while b"retry" not in next(stream):
            pass
        database = postmaster(data)
        assert database
        database.kill()
        wait_until_all_ended([database])
        assert any(b"event: resync" in line for line in stream)
        stream.close()
        wait_for(lambda: ready(server))


def test_even_when_everything_is_killed_at_once_the_next_start_serves(data: Path) -> None:
    with serving(data, "--workers", "2") as server:
        everyone = family(server.process, data)
        for process in everyone:
            with suppress(psutil.NoSuchProcess):  # its parent's death was enough
                process.kill()
        wait_until_all_ended(everyone)
    with serving(data) as server:
        wait_for(lambda: ready(server))


def test_a_job_worker_of_its_own_stops_when_asked(data: Path) -> None:
    process = clinicall("worker", data=data)
    wait_for(lambda: "Ctrl-C" in process.said_so_far())
    everyone = family(process, data)
    process.terminate()
    assert "Traceback" not in process.said()
    assert process.returncode == 0
    wait_until_all_ended(everyone, PROMPTLY)


def test_a_second_server_on_the_same_port_is_refused(data: Path) -> None:
    with serving(data, "--no-worker") as server:
        second = clinicall("serve", data=data, PORT=str(server.port))
        assert f"Port {server.port} cannot be used" in second.said()
        assert second.returncode == 2


def test_a_database_without_its_tables_is_not_served(data: Path) -> None:
    with Embedded(data) as database:
        with psycopg.connect(database.url, autocommit=True) as connection:
            connection.execute("create database empty")
        process = Command(
            [sys.executable, "-m", "clinicall", "serve"],
            {
                **os.environ,
                "PORT": str(free_port()),
                "DATABASE_URL": f"postgresql://clinicall@{quote(str(database.sockets), safe='')}/empty",
            },
        )
        assert "run `clinicall migrate`" in process.said()
        assert process.returncode == 1


def test_production_is_refused_what_is_for_trying_out(data: Path) -> None:
    process = clinicall("serve", data=data, SITE_URL="http://clinic.example", EMAIL_URL="outbox:")
    output = process.said()
    assert process.returncode == 1
    for unsafe in (
        "PAYMENT_PROVIDER is 'sandbox'",
        "SITE_URL is http://",
        "EMAIL_URL or SMS_URL is 'outbox:'",
        "RATE_LIMITS is off",
    ):
        assert unsafe in output


def test_an_agora_project_without_its_certificate_is_refused(data: Path) -> None:
    process = clinicall("serve", data=data, AGORA_APP_ID="0" * 32)
    assert "AGORA_APP_CERTIFICATE is not" in process.said()
    assert process.returncode == 1


def test_texts_by_a_way_that_does_not_exist_are_refused_and_their_key_is_not_told(
    data: Path,
) -> None:
    process = clinicall("serve", data=data, SMS_URL="carrier://pigeon:s3cret@lakeside")
    output = process.said()
    assert "SMS_URL: use https://" in output
    assert "s3cret" not in output
    assert process.returncode == 2


def check(data: Path, **settings: str) -> Command:
    return clinicall("check", "--database", "default", data=data, **settings)


def test_check_explains_what_production_lacks_and_is_content_on_loopback(data: Path) -> None:
    process = check(data, SITE_URL="https://clinic.example", PAYMENT_PROVIDER="none")
    output = process.said()
    assert "EMAIL_URL is missing" in output
    assert "HINT: Set EMAIL_URL" in output
    assert "TRUSTED_PROXIES is missing" in output
    assert process.returncode == 1
    content = check(data)
    content.said()
    assert content.returncode == 0


def test_a_proxy_that_is_no_address_is_refused_by_name(data: Path) -> None:
    process = check(data, TRUSTED_PROXIES="127.0.0.1, nginx")
    assert "TRUSTED_PROXIES='nginx': use addresses" in process.said()
    assert process.returncode != 0


def test_production_is_refused_with_demo_accounts(data: Path) -> None:
    make = (
        "from tests import cast; made = cast.User.objects.create_user('doctor1@demo.example');"
        " cast.EmailAddress.objects.create(user=made, email=made.email, verified=True)"
    )
    clinicall("shell", "--command", make, data=data).said()
    process = check(
        data,
        SITE_URL="https://clinic.example",
        PAYMENT_PROVIDER="none",
        EMAIL_URL="smtps://mail.example",
    )
    assert "There are demo accounts" in process.said()
    assert process.returncode == 1


def test_the_database_is_recovered_by_whoever_still_uses_it(data: Path) -> None:
    """The server that a command started may die while another command is at work."""
    with serving(data, "--no-worker") as server, Embedded(data) as database:
        started = postmaster(data)
        assert started
        started.kill()
        wait_for(lambda: not is_running(started))
        wait_for(lambda: server.answers(A_PAGE))
        with psycopg.connect(database.url) as connection:
            assert connection.execute("select 1").fetchone() == (1,)
