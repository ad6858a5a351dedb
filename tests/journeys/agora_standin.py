"""Agora's cloud as the Web SDK in a browser meets it: who lets people in, and what is said there.

Nothing but signalling: no sound or picture flows. What the two say to each other is Agora's own affair and
written down nowhere; here it is as agora-rtc-sdk-ng 4.24.8 was seen to speak. A newer SDK may speak another
way, and then this file follows it: it shows what our room does with the SDK, and nothing about Agora.
"""

import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Page, Route, WebSocketRoute

HOSTS = re.compile(r"\.(agora\.io|sd-rtn\.com)$")
CHOOSES_A_GATEWAY, OFFERS_A_RELAY = 4096, 4194310  # the SDK asks again until both are answered
# As Agora refuses at its door; the SDK has the words for each number.
EXPIRED, INVALID, CLOSED = 2010013, 2010009, 2010011
SMALL_TALK = ("ping", "ping_back", "traffic_stats", "wrtc_stats")
Message = dict[str, Any]


@dataclass(frozen=True)
class Entry:
    """What a browser showed at the door."""

    app_id: str
    channel: str
    uid: int
    token: str


@dataclass
class AgoraStandin:
    """Agora for one page. `refusal` is one of the numbers above. One that is `away` cannot be reached;
    one that is `silent` can, and never lets anybody in."""

    refusal: int | None = None
    away: bool = False
    silent: bool = False
    entries: list[Entry] = field(default_factory=list)
    said: list[tuple[str, Message]] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)
    _gateway: WebSocketRoute | None = None

    def stand_in(self, page: Page) -> None:
        page.route(is_agoras, self._asked)
        page.route_web_socket(is_agoras, self._opened)

    def heard(self, verb: str) -> list[Message]:
        """What the page said under this name, oldest first."""
        return [message for said, message in self.said if said == verb]

    def passes(self) -> list[str]:
        """The tokens shown at the door, each once: the SDK knocks at several doors with one."""
        return list(dict.fromkeys(entry.token for entry in self.entries))

    def tell(self, kind: str, **message: Any) -> None:
        assert self._gateway
        self._gateway.send(json.dumps({"_type": kind, "_message": message}))

    def hang_up(self) -> None:
        assert self._gateway
        self._gateway.close(code=1001)

    def _asked(self, route: Route) -> None:
        self.hosts.add(_host(route.request.url))
        if self.away:
            route.abort("addressunreachable")
        elif "/transpond/webrtc" in route.request.url:
            self._answer(route, self._at_the_door(_question(route.request.post_data_buffer)))
        else:
            self._answer(route, {})

    def _answer(self, route: Route, answer: Message) -> None:
        route.fulfill(json=answer, headers={"access-control-allow-origin": "*"})

    def _at_the_door(self, question: Message) -> Message:
        shown = question["request_bodies"][0]["buffer"]
        self.entries.append(Entry(question["appid"], shown["cname"], shown["uid"], shown["key"]))
        answers = [
            {
                "uri": 23,
                "buffer": {
                    "code": self.refusal or 0,
                    "flag": flag,
                    "cid": 1,
                    "uid": shown["uid"],
                    "cname": shown["cname"],
                    "cert": "" if self.refusal else "ticket",
                    "detail": {},
                    "edges_services": [] if self.refusal else [{"ip": "10.0.0.1", "port": 4711}],
                },
            }
            for flag in (CHOOSES_A_GATEWAY, OFFERS_A_RELAY)
        ]
        now = int(time.time() * 1000)
        return {
            "opid": question["opid"],
            "enter_ts": now,
            "leave_ts": now,
            "detail": {"502": "192.0.2.1"},
            "response_body": answers,
        }

    def _opened(self, socket: WebSocketRoute) -> None:
        self.hosts.add(_host(socket.url))
        if self.away:
            socket.close(code=1001)
            return
        socket.on_message(lambda text: self._hear(socket, json.loads(text)))

    def _hear(self, socket: WebSocketRoute, frame: Message) -> None:
        self._gateway = socket
        verb, message = frame["_type"], frame.get("_message") or {}
        if verb not in SMALL_TALK:
            self.said.append((verb, message))
        if "_id" in frame and not (self.silent and verb == "join_v3"):
            answer = ANSWERS.get(verb, _agree)(message)
            socket.send(json.dumps({"_id": frame["_id"], "_result": "success", "_message": answer}))


def is_agoras(url: str) -> bool:
    return bool(HOSTS.search(_host(url)))


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""


def _question(form: bytes | None) -> Message:
    """Of the form that the SDK sends, the one field that counts."""
    found = re.search(rb'name="request"\r\n\r\n(.*?)\r\n--', form or b"", re.DOTALL)
    assert found, "the SDK asks another way"
    question = json.loads(found[1])
    assert isinstance(question, dict)
    return question


def _agree(_message: Message) -> Message:
    return {}


def _let_in(message: Message) -> Message:
    return {
        "uid": message["ap_response"]["uid"],
        "vid": 1,
        "rejoin_token": "rejoin",
        "return_vosip": False,
        "attributes": {"userAttributes": {}},
        "ortc": {
            "cname": "standin",
            "rtpCapabilities": message["ortc"]["rtpCapabilities"],
            "iceParameters": {**ICE, "candidates": [NOWHERE]},
            "dtlsParameters": {"role": "client", "fingerprints": [FINGERPRINT]},
        },
    }


ICE = {"iceUfrag": "abcd", "icePwd": "x" * 22}
FINGERPRINT = {"algorithm": "sha-256", "fingerprint": ":".join(["AA"] * 32)}
# Nobody listens there: the media are on their way for as long as the SDK is patient.
NOWHERE = {
    "foundation": "udpcandidate",
    "priority": 2103266323,
    "ip": "127.0.0.1",
    "port": 9,
    "protocol": "udp",
    "type": "host",
}
ANSWERS: dict[str, Callable[[Message], Message]] = {
    "join_v3": _let_in,
    "restart_ice": lambda _: {"iceParameters": ICE},
    "traffic_stats": lambda _: {"B_unq": 0.1, "B_dnq": 0.1, "peer_delay": []},
}
