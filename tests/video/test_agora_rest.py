"""Agora's REST interface, against a small server that answers as it documents."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from clinicall.video.agora_rest import AgoraRest
from clinicall.video.provider import ProviderDown, ProviderRefused

APP_ID = "a" * 32
BASIC = "Basic ZGVtb19rZXk6ZGVtb19zZWNyZXQ="  # of demo_key:demo_secret, as in Agora's documents


@dataclass
class Agora:
    """Answers in turn; the last for good. Remembers what it was asked."""

    answers: list[tuple[int, Any]]
    asked: list[tuple[str, str, Any]] = field(default_factory=list)
    credentials: set[str] = field(default_factory=set)
    host: str = ""

    def answer(self) -> tuple[int, Any]:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@pytest.fixture
def agora() -> Iterator[Agora]:
    there = Agora([(200, {})])

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            body = json.loads(self.rfile.read(length)) if length else None
            there.asked.append((self.command, self.path, body))
            there.credentials.add(self.headers["Authorization"])
            status, answer = there.answer()
            sent = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(sent)))
            self.end_headers()
            self.wfile.write(sent)

        do_POST = do_GET  # noqa: N815 (the standard library's name)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    there.host = f"http://127.0.0.1:{server.server_port}"
    yield there
    server.shutdown()
    thread.join()
    server.server_close()


def rest(agora: Agora, *more_hosts: str) -> AgoraRest:
    return AgoraRest(
        APP_ID,
        key="demo_key",
        secret="demo_secret",
        hosts=(*more_hosts, agora.host),
        wait=lambda _seconds: None,
    )


def test_a_channel_is_emptied_and_nobody_is_banned(agora: Agora) -> None:
    rest(agora).empty("appt_1")
    rule = {"appid": APP_ID, "cname": "appt_1", "time": 0, "privileges": ["join_channel"]}
    assert agora.asked == [("POST", "/dev/v1/kicking-rule", rule)]
    assert agora.credentials == {BASIC}


def test_who_is_in_a_channel(agora: Agora) -> None:
    agora.answers = [
        (200, {"data": {"channel_exist": True, "mode": 1, "total": 2, "users": [1, 2]}})
    ]
    assert rest(agora).people_in("appt_1") == [1, 2]
    assert agora.asked == [("GET", f"/dev/v1/channel/user/{APP_ID}/appt_1", None)]
    agora.answers = [(200, {"data": {"channel_exist": False}})]
    assert rest(agora).people_in("appt_1") == []


@pytest.mark.parametrize(("app_id", "known"), [(APP_ID, True), ("b" * 32, False)])
def test_whether_the_key_knows_our_project(agora: Agora, app_id: str, known: bool) -> None:
    agora.answers = [(200, {"projects": [{"vendor_key": app_id, "name": "clinic"}]})]
    assert rest(agora).knows_project() is known


@pytest.mark.parametrize("passing", [429, 500, 504])
def test_what_passes_is_tried_again(agora: Agora, passing: int) -> None:
    agora.answers = [(passing, {}), (passing, {}), (200, {"data": {"users": [1]}})]
    assert rest(agora).people_in("appt_1") == [1]
    assert len(agora.asked) == 3


def test_another_host_is_asked_when_one_is_away(agora: Agora) -> None:
    agora.answers = [(200, {"data": {"users": [2]}})]
    assert rest(agora, "http://127.0.0.1:1").people_in("appt_1") == [2]


@pytest.mark.parametrize("answer", [(503, {}), (200, b"<html>"), (200, [])])
def test_one_that_never_answers_properly_is_down(agora: Agora, answer: tuple[int, Any]) -> None:
    agora.answers = [answer]
    with pytest.raises(ProviderDown):
        rest(agora).empty("appt_1")
    assert len(agora.asked) == 4


@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_a_no_is_a_no(agora: Agora, status: int) -> None:
    agora.answers = [(status, {"message": "invalid appid"})]
    with pytest.raises(ProviderRefused) as refused:
        rest(agora).empty("appt_1")
    assert refused.value.status == status
    assert len(agora.asked) == 1
