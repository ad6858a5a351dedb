import json
import os
import socket
import sys
from collections.abc import Iterator

import pytest

from tests.server import echo
from tests.server.serving import Command, Server, free_port, wait_for

HALF_A_POST = b"POST /echo HTTP/1.1\r\nHost: clinic\r\nContent-Length: 100\r\n\r\nhalf"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    port = free_port()
    process = Command([sys.executable, "-m", "tests.server.echo", str(port)], os.environ)
    server = Server(process, port)
    try:
        wait_for(lambda: server.answers("/counts"))
        yield server
    finally:
        process.terminate()
        process.said()


def counts(server: Server) -> dict[str, int]:
    found = server.get("/counts").json()
    assert isinstance(found, dict)
    return found


def parts_when_nothing_moves(server: Server) -> int:
    made = -1

    def same() -> bool:
        nonlocal made
        before, made = made, counts(server)["parts"]
        return before == made

    wait_for(same)
    return made


def test_a_posted_form_arrives_whole(server: Server) -> None:
    form = "reason=" + "cough " * 10_000
    seen = server.ask("POST", "/echo", form.encode()).json()
    assert (seen["body"], seen["length"]) == (form, str(len(form)))


def test_a_form_sent_in_chunks_arrives_whole(server: Server) -> None:
    parts = [b"first name=Ana&", b"", b"last name=Perera"]
    seen = server.ask("POST", "/echo", (part for part in parts if part)).json()
    assert (seen["body"], seen["length"]) == ("first name=Ana&last name=Perera", "31")


def test_a_post_without_a_body_has_none(server: Server) -> None:
    assert server.ask("POST", "/echo").json()["body"] == ""


def test_an_address_in_any_script_arrives_as_written(server: Server) -> None:
    seen = server.get("/%E0%B6%85%E0%B6%B8%E0%B7%8A/caf%C3%A9?name=a+b%26c").json()
    assert (seen["path"], seen["query"]) == ("/අම්/café", "name=a+b%26c")


def test_the_public_address_says_whether_it_is_encrypted(server: Server) -> None:
    assert server.get("/echo").json()["scheme"] == "https"


def test_a_header_cannot_pose_as_another(server: Server) -> None:
    seen = server.ask("GET", "/echo", headers={"X_Forwarded_For": "me", "X-Real-Name": "you"})
    assert seen.json()["headers"].get("HTTP_X_REAL_NAME") == "you"
    assert "HTTP_X_FORWARDED_FOR" not in seen.json()["headers"]


@pytest.mark.parametrize(
    ("forwarded_for", "client"),
    [
        ("", "127.0.0.1"),
        ("203.0.113.7", "203.0.113.7"),
        ("198.51.100.1, 203.0.113.7", "203.0.113.7"),  # who wrote the first, nobody knows
        ("203.0.113.7, 10.1.2.3", "203.0.113.7"),
        ("10.0.0.1, 10.1.2.3", "10.0.0.1"),
        ("203.0.113.7, unknown", "127.0.0.1"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8::7", "2001:db8::7"),
    ],
)
def test_a_trusted_proxy_tells_whom_it_asks_for(
    server: Server, forwarded_for: str, client: str
) -> None:
    seen = server.ask("GET", "/echo", headers={"X-Forwarded-For": forwarded_for})
    assert seen.json()["client"] == client


def test_half_sent_forms_hold_nobody_up(server: Server) -> None:
    senders = [server.open(HALF_A_POST) for _ in range(20)]
    assert server.get("/echo").status == 200
    for sender in senders:
        sender.close()


def test_a_form_that_says_it_is_too_large_is_refused_before_it_is_sent(server: Server) -> None:
    request = b"POST /echo HTTP/1.1\r\nHost: clinic\r\nContent-Length: 100001\r\n\r\n"
    with server.open(request) as sender:
        answer = sender.recv(10_000)
    assert answer.startswith(b"HTTP/1.1 413")
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["code"] == "too_large"


def test_a_form_that_grows_too_large_is_refused(server: Server) -> None:
    chunk = b"2710\r\n" + b"x" * 10_000 + b"\r\n"
    head = b"POST /echo HTTP/1.1\r\nHost: clinic\r\nTransfer-Encoding: chunked\r\n\r\n"
    with server.open(head + 11 * chunk) as sender:
        assert sender.recv(10_000).startswith(b"HTTP/1.1 413")


def test_a_stream_is_read_while_it_is_made(server: Server) -> None:
    with server.open(b"GET /two-parts HTTP/1.1\r\nHost: clinic\r\n\r\n") as reader:
        wait_for(lambda: b"first" in reader.recv(10_000))
        server.get("/go-on")
        wait_for(lambda: b"second" in reader.recv(10_000))


def test_nothing_is_made_for_a_reader_who_does_not_read(server: Server) -> None:
    with server.open(b"GET /long HTTP/1.1\r\nHost: clinic\r\n\r\n") as reader:
        reader.recv(10_000)
        made = parts_when_nothing_moves(server)
        assert made < echo.PARTS / 2


def test_an_abandoned_stream_ends(server: Server) -> None:
    before = counts(server)["closed"]
    with server.open(b"GET /long HTTP/1.1\r\nHost: clinic\r\n\r\n") as reader:
        reader.recv(10_000)
    wait_for(lambda: counts(server)["closed"] > before)


def test_readers_of_a_file_who_do_not_read_hold_nobody_up(server: Server) -> None:
    readers = []
    for _ in range(20):
        reader = socket.socket()
        reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
        reader.connect(("127.0.0.1", server.port))
        reader.sendall(b"GET /file HTTP/1.1\r\nHost: clinic\r\n\r\n")
        readers.append(reader)
    assert server.get("/echo").status == 200
    for reader in readers:
        reader.close()


def test_the_head_of_a_file_has_its_length_and_no_body(server: Server) -> None:
    answer = server.ask("HEAD", "/file")
    assert (answer.headers["content-length"], answer.body) == ("900000", b"")


def test_a_fault_before_the_answer_is_a_500_and_the_next_request_is_answered(
    server: Server,
) -> None:
    assert server.get("/fault").status == 500
    assert server.get("/echo").status == 200
