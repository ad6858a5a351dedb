"""Django inside the ASGI application: WSGI (PEP 3333), on a few threads of our own.

The whole body is read before a thread is taken, so no thread waits for a slow sender. An ordinary
answer is computed whole, and the thread is free again before the first byte is sent. Only a stream
keeps its thread, and it waits for its reader (never longer than `PATIENCE` for one part).
"""

import asyncio
import contextvars
import logging
import sys
import tempfile
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import IO, Any, Final, cast

from starlette.types import Message, Receive, Scope, Send

from clinicall.core.refusals import TooLarge
from clinicall.live.problems import problem

WSGIApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

IN_MEMORY: Final = 1 << 20  # bytes; a larger body waits in a file, a larger answer is streamed
PATIENCE: Final = 60  # seconds that a sender or a reader may do nothing

logger = logging.getLogger(__name__)


class Gone(Exception):
    """The other side left, was silent for too long, or we are closing."""


@dataclass
class Answer:
    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes = b""

    @property
    def start(self) -> Message:
        return {"type": "http.response.start", "status": self.status, "headers": self.headers}


class Bridge:
    """An ASGI application around `app`, for HTTP. `scheme` is that of the public address, which a
    proxy in front of us may have and we do not."""

    def __init__(
        self, app: WSGIApp, *, threads: int, largest_body: int, scheme: str, closing: asyncio.Event
    ) -> None:
        self.app = app
        self.largest_body = largest_body
        self.scheme = scheme
        self.closing = closing
        self.threads = ThreadPoolExecutor(threads, thread_name_prefix="django")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 4404})
            return
        with tempfile.SpooledTemporaryFile(IN_MEMORY) as body:
            try:
                await self._read(scope, receive, body)
            except TooLarge as refusal:
                answer = problem(refusal)
                answer.headers["connection"] = "close"  # the rest of the body is not read
                await answer(scope, receive, send)
                return
            except Gone:
                return
            exchange = Exchange(scope, receive, send)
            environ = self._environ(scope, body)
            loop = asyncio.get_running_loop()
            work = contextvars.copy_context().run
            answer_whole = await loop.run_in_executor(
                self.threads, work, self._run, environ, exchange
            )
        if answer_whole:
            await send(answer_whole.start)
            await send({"type": "http.response.body", "body": answer_whole.body})

    async def _read(self, scope: Scope, receive: Receive, body: IO[bytes]) -> None:
        """The request's body, all of it. Raises TooLarge, as early as can be, or Gone."""
        headers = dict(scope["headers"])
        if int(headers.get(b"content-length", b"0")) > self.largest_body:
            raise TooLarge
        if b"content-length" not in headers and b"transfer-encoding" not in headers:
            return
        while True:
            part = await self._unless_closing(receive())
            if part["type"] == "http.disconnect":
                raise Gone
            body.write(part.get("body", b""))
            if body.tell() > self.largest_body:
                raise TooLarge
            if not part.get("more_body"):
                return
