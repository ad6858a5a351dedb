"""A WebSocket with a person at its other end: framing, limits, pings, and how it closes."""

import asyncio
import json
import logging
import time
from collections.abc import Coroutine
from typing import Any, Final, Never
from urllib.parse import urlsplit

import psycopg
from django.conf import settings
from psycopg_pool import PoolTimeout
from starlette.websockets import WebSocket, WebSocketDisconnect

from clinicall.live.first_of import first_of
from clinicall.live.hub import Live, Message, live_of

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


async def accepted(websocket: WebSocket) -> bool:
    """False, and refused, when the page that opened it is not ours."""
    if not comes_from_us(websocket.headers.get("origin")):
        await websocket.close()  # before it is accepted: a plain 403
        return False
    await websocket.accept()
    return True


async def attend(websocket: WebSocket, doing: Coroutine[Any, Any, None]) -> None:
    """Until `doing` raises Close, the client goes, or the server does."""
    live = live_of(websocket)
    try:
        await first_of(doing, _closing(live))
    except Close as close:
        code = close.code
    except (psycopg.Error, PoolTimeout) as error:
        logger.warning("a socket lost the database (%s)", type(error).__name__)
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


class Talk:
    """JSON objects to and fro. All methods raise Close when the socket is to be closed, and
    WebSocketDisconnect when it has been."""

    def __init__(self, websocket: WebSocket) -> None:
        self._websocket = websocket
        self._allowance = Allowance()
        self._heard_at = time.monotonic()
        self.answers_pings = False

    async def hello(self) -> dict[str, Any]:
        """The first message, which must come soon."""
        try:
            async with asyncio.timeout(HELLO_WITHIN):
                return await self.receive()
        except TimeoutError:
            raise Close(PASS_NOT_VALID) from None

    async def receive(self) -> dict[str, Any]:
        frame = await self._websocket.receive()
        if frame["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(frame.get("code", DONE))
        self._heard_at = time.monotonic()
        if not self._allowance.take(self._heard_at):
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

    async def say(self, message: Message) -> None:
        try:
            async with asyncio.timeout(SEND_WITHIN):
                # Escaped, because a browser may say half of a surrogate pair, which no frame can hold.
                await self._websocket.send_text(json.dumps(message))
        except (RuntimeError, TimeoutError):
            # It closed while we were speaking, or does not read what we say.
            raise WebSocketDisconnect from None

    async def ping(self) -> None:
        """For as long as the client is there; one that has answered once must go on answering."""
        while True:
            await asyncio.sleep(PING_EVERY)
            if self.answers_pings and time.monotonic() - self._heard_at > MISSED_AFTER:
                raise WebSocketDisconnect
            await self.say({"type": "ping"})


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
