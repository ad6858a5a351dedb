"""The peer line's signalling: two browsers find each other through here, and then talk directly.

One WebSocket per person and call. What a client says goes to the other person through the hub, so
the two may sit in different workers. docs/api.md lists the messages.
"""

import asyncio
import json
import logging
import secrets
import time
from datetime import datetime
from typing import Any, Final, Never
from urllib.parse import urlsplit
from uuid import UUID

import psycopg
from django.conf import settings
from psycopg_pool import PoolTimeout
from starlette.websockets import WebSocket, WebSocketDisconnect

from clinicall import wiring
from clinicall.core.announce import call_topic
from clinicall.live.first_of import first_of
from clinicall.live.hub import Live, Message, Subscription, live_of
from clinicall.video.provider import DOCTOR_UID, NotAPass, Pass, channel_name

HELLO_WITHIN: Final = 10  # seconds
PING_EVERY: Final = 20
MISSED_AFTER: Final = 60  # without a word from a client that did answer pings
SEND_WITHIN: Final = 10
LARGEST_FRAME: Final = 64 << 10  # bytes
BURST: Final = 100  # messages
PER_SECOND: Final = 30

# RFC 6455, section 7.4; from 4000 on they are ours
DONE: Final = 1000
NOT_UNDERSTOOD: Final = 1003
NOT_ALLOWED: Final = 1008
TOO_BIG: Final = 1009
FAULT: Final = 1011
RESTARTING: Final = 1012
PASS_NOT_VALID: Final = 4401
REPLACED: Final = 4409
CALL_OVER: Final = 4410

DEFAULT_PORTS: Final = {"http": 80, "https": 443}

logger = logging.getLogger(__name__)


class Close(Exception):
    """This socket is over, for the reason that `code` names."""

    def __init__(self, code: int) -> None:
        self.code = code
        super().__init__(code)


async def call(websocket: WebSocket) -> None:
    if not comes_from_us(websocket.headers.get("origin")):
        await websocket.close()  # before it is accepted: a plain 403
        return
    await websocket.accept()
    live = live_of(websocket)
    seat = Seat(websocket, live, websocket.path_params["appointment"])
    try:
        await first_of(seat.attend(), _closing(live))
    except Close as close:
        code = close.code
    except (psycopg.Error, PoolTimeout) as error:
        logger.warning("a call's socket lost the database (%s)", type(error).__name__)
        code = FAULT
    except WebSocketDisconnect:
        return
    try:
        async with asyncio.timeout(SEND_WITHIN):
            await websocket.close(code)
    except (WebSocketDisconnect, RuntimeError, TimeoutError):
        pass  # it was quicker


async def _closing(live: Live) -> None:
    await live.closing.wait()
    raise Close(RESTARTING)


def comes_from_us(origin: str | None) -> bool:
    """Whether a page of ours opened the socket. Programs send no Origin, and need a pass anyway."""
    return origin is None or origin in origins(settings.SITE_URL)


def origins(site_url: str) -> list[str]:
    """The origins of our own pages, as browsers write them (RFC 6454, section 6.2)."""
    site = urlsplit(site_url)
    port = "" if site.port in (None, DEFAULT_PORTS[site.scheme]) else f":{site.port}"
    host = f"[{site.hostname}]" if ":" in str(site.hostname) else str(site.hostname)
    hosts = [host] if settings.PRODUCTION else settings.LOOPBACK_NAMES
    return [f"{site.scheme}://{host}{port}" for host in hosts]


class Seat:
    """One person's place in one call, as long as their socket lives.

    `peer` is the session of the other person's socket, while there is one. All methods raise Close
    when the socket is to be closed.
    """

    def __init__(self, websocket: WebSocket, live: Live, appointment: UUID) -> None:
        self.websocket = websocket
        self.hub = live.hub
        self.pool = live.pool
        self.appointment = appointment
        self.topic = call_topic(appointment)
        self.session = secrets.token_urlsafe(12)
        self.peer: str | None = None
        self.why = "lost"
        self.allowance = Allowance()
        self.heard_at = time.monotonic()
        self.answers_pings = False

    async def attend(self) -> None:
        await self._hello()
        async with self.hub.subscribe(self.topic) as news:
            # After subscribing: an end that is announced from here on will be heard.
            await self._end_unless_confirmed()
            await self._say(
                {
                    "type": "welcome",
                    "uid": self.uid,
                    "polite": self.uid != DOCTOR_UID,
                    "session": self.session,
                }
            )
            try:
                await self._arrive()
                await first_of(
                    self._hear_client(), self._hear_hub(news), self._ping(), self._watch_pass()
                )
            finally:
                await self._depart()

    # --- The pass ---

    async def _hello(self) -> None:
        try:
            async with asyncio.timeout(HELLO_WITHIN):
                message = await self._receive()
        except TimeoutError:
            raise Close(PASS_NOT_VALID) from None
        match message:
            case {"type": "hello", "token": str(token)}:
                now, self.since, _ = await self._look_up()
                self.uid = self._accept(token, now).uid
            case _:
                raise Close(NOT_ALLOWED)

    def _accept(self, token: str, now: datetime) -> Pass:
        try:
            room_pass = wiring.peer_line().read(token, now)
        except NotAPass:
            raise Close(PASS_NOT_VALID) from None
        if room_pass.channel != channel_name(self.appointment):
            raise Close(PASS_NOT_VALID)
        self.valid_until = time.monotonic() + (room_pass.expires_at - now).total_seconds()
        return room_pass

    async def _renew(self, token: str) -> None:
        now, _, _ = await self._look_up()
        if self._accept(token, now).uid != self.uid:
            raise Close(PASS_NOT_VALID)

    async def _watch_pass(self) -> None:
        while (left := self.valid_until - time.monotonic()) > 0:
            await asyncio.sleep(left)
        raise Close(PASS_NOT_VALID)

    async def _look_up(self) -> tuple[datetime, float, str | None]:
        """The clinic's clock, the machine's (Unix seconds), and the appointment's status."""
        async with self.pool.connection() as connection:
            found = await connection.execute(
                "select clinic_now(), extract(epoch from clock_timestamp())::float8,"
                " (select status from booking_appointment where id = %s)",
                [self.appointment],
            )
            row = await found.fetchone()
        assert row
        return row[0], row[1], row[2]

    async def _end_unless_confirmed(self) -> None:
        _, _, status = await self._look_up()
        if status != "confirmed":
            await self._end(status)

    async def _end(self, status: str | None) -> None:
        await self._say({"type": "ended", "status": status})
        raise Close(CALL_OVER)

    # --- The other person, through the hub ---

    async def _arrive(self) -> None:
        await self._publish("arrived", since=self.since)

    async def _depart(self) -> None:
        try:
            async with asyncio.timeout(2):
                await self._publish("gone", why=self.why)
        except (psycopg.Error, PoolTimeout, TimeoutError):
            pass  # the hub is away, and makes everyone ask again when it is back

    async def _publish(self, event: str, **facts: object) -> None:
        message = {"event": event, "uid": self.uid, "session": self.session, **facts}
        await self.hub.publish(self.topic, message)

    async def _hear_hub(self, news: Subscription) -> None:
        while True:
            await self._hear(await news.next())

    async def _hear(self, message: Message) -> None:
        match message:
            case {"event": "resync"}:
                # Whatever was said meanwhile is lost, so the two begin anew.
                await self._end_unless_confirmed()
                await self._peer_left("lost")
                await self._arrive()
            case {"event": "ended", "status": status}:
                await self._end(status)
            case {"session": self.session}:
                pass  # our own voice
            case {"event": "arrived", "uid": self.uid, "since": since, "session": session}:
                await self._meet_another_self(since, session)
            case {"uid": int(uid)} if uid != self.uid:
                await self._hear_the_other(message)

    async def _meet_another_self(self, since: float, session: str) -> None:
        """The same person in another tab, or here again before we noticed: the newest stays."""
        if (since, session) > (self.since, self.session):
            await self._say({"type": "replaced"})
            raise Close(REPLACED)
        await self._arrive()  # they have not heard of us

    async def _hear_the_other(self, message: Message) -> None:
        match message:
            case {"event": "arrived", "session": session}:
                await self._publish("here", to=session)
                await self._peer_joined(session)
            case {"event": "here", "to": self.session, "session": session}:
                await self._peer_joined(session)
            case {"event": "signal", "session": session, "data": data}:
                await self._say({"type": "signal", "session": session, "data": data})
            case {"event": "gone", "session": self.peer, "why": why}:
                await self._peer_left(why)
            case {"event": "left"}:
                await self._peer_left("left")

    async def _peer_joined(self, session: str) -> None:
        if session != self.peer:
            self.peer = session
            await self._say({"type": "peer-joined", "session": session})

    async def _peer_left(self, why: str) -> None:
        if self.peer:
            self.peer = None
            await self._say({"type": "peer-left", "why": why})

    # --- The client ---

    async def _hear_client(self) -> None:
        while True:
            match await self._receive():
                case {"type": "signal", "data": data}:
                    await self._publish("signal", data=data)
                case {"type": "renew", "token": str(token)}:
                    await self._renew(token)
                case {"type": "leave"}:
                    self.why = "left"
                    raise Close(DONE)
                case {"type": "pong"}:
                    self.answers_pings = True
                case _:
                    raise Close(NOT_ALLOWED)

    async def _receive(self) -> dict[str, Any]:
        frame = await self.websocket.receive()
        if frame["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(frame.get("code", DONE))
        self.heard_at = time.monotonic()
        if not self.allowance.take(self.heard_at):
            raise Close(NOT_ALLOWED)
        text = frame.get("text")
        if text is None:
            raise Close(NOT_UNDERSTOOD)
        if len(text.encode()) > LARGEST_FRAME:
            raise Close(TOO_BIG)
        try:
            message = json.loads(text, parse_constant=_refuse_constant)
        except (ValueError, RecursionError):
            raise Close(NOT_UNDERSTOOD) from None
        if not isinstance(message, dict):
            raise Close(NOT_UNDERSTOOD)
        return message

    async def _ping(self) -> None:
        while True:
            await asyncio.sleep(PING_EVERY)
            if self.answers_pings and time.monotonic() - self.heard_at > MISSED_AFTER:
                raise WebSocketDisconnect
            await self._say({"type": "ping"})

    async def _say(self, message: Message) -> None:
        try:
            async with asyncio.timeout(SEND_WITHIN):
                # Escaped, because a browser may say half of a surrogate pair, which no frame can hold.
                await self.websocket.send_text(json.dumps(message))
        except (RuntimeError, TimeoutError):
            # It closed while we were speaking, or does not read what we say.
            raise WebSocketDisconnect from None


def _refuse_constant(_name: str) -> Never:
    raise ValueError("NaN and Infinity are not JSON, and the other browser could not read them")


class Allowance:
    """How much a client may say: a bucket of `BURST` messages, refilled `PER_SECOND`."""

    def __init__(self) -> None:
        self.left = float(BURST)
        self.at = time.monotonic()

    def take(self, now: float) -> bool:
        self.left = min(BURST, self.left + (now - self.at) * PER_SECOND)
        self.at = now
        if self.left < 1:
            return False
        self.left -= 1
        return True
