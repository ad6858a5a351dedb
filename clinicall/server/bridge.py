"""Django inside the ASGI application: WSGI (PEP 3333) on a few threads of our own.

The whole body is read before a thread is taken, so no thread waits for a slow sender. An ordinary
answer is computed whole, and its thread is free again before the first byte is sent. Only a long
stream keeps its thread, which waits for the reader, part by part.
"""

import asyncio
import contextvars
import logging
import sys
import tempfile
from collections.abc import Callable, Coroutine, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network
from typing import IO, Any, Final

from starlette.responses import PlainTextResponse
from starlette.types import Message, Receive, Scope, Send

from clinicall.core.addresses import client_address
from clinicall.core.refusals import BadRequest, TooLarge, TryAgain
from clinicall.live.first_of import first_of
from clinicall.live.problems import problem

WSGIApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

SHORT: Final = 1 << 20  # bytes; a longer body waits in a file, a longer answer is streamed
PATIENCE: Final = 60  # seconds in which a sender must send something, a reader read something

logger = logging.getLogger(__name__)


class Gone(Exception):
    """The other side left or went silent."""


@dataclass
class Answer:
    status: int = 0
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    body: bytes = b""

    def start_response(
        self, status: str, headers: list[tuple[str, str]], _exc_info: object = None
    ) -> None:
        self.status = int(status.split(" ", 1)[0])
        self.headers = [(n.lower().encode("latin1"), v.encode("latin1")) for n, v in headers]

    @property
    def start(self) -> Message:
        return {"type": "http.response.start", "status": self.status, "headers": self.headers}

    def is_short(self) -> bool:
        """Whether it says so itself, as files do. Reading it whole spares a thread the waiting."""
        length = dict(self.headers).get(b"content-length", b"")
        return length.isdigit() and int(length) <= SHORT


class Bridge:
    """An ASGI application around `app`, for HTTP.

    `largest_body` is in bytes. `scheme` is that of the site's public address, whatever a proxy in
    front of us speaks to us. `trusted_proxies` may tell whom they ask for. Uploads end when `closing`
    is set.
    """

    def __init__(
        self,
        app: WSGIApp,
        *,
        threads: int,
        largest_body: int,
        scheme: str,
        trusted_proxies: Sequence[IPv4Network | IPv6Network],
        closing: asyncio.Event,
    ) -> None:
        self.app = app
        self.largest_body = largest_body
        self.scheme = scheme
        self.trusted_proxies = trusted_proxies
        self.closing = closing
        self.threads = ThreadPoolExecutor(threads, thread_name_prefix="django")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 4404})
            return
        with tempfile.SpooledTemporaryFile(SHORT) as body:
            try:
                await self._read(scope, receive, body)
            except (BadRequest, TooLarge, TryAgain) as refusal:
                answer = problem(refusal)
                answer.headers["connection"] = "close"  # the rest is not read
                await answer(scope, receive, send)
            except Gone:
                pass
            else:
                await self._exchange(scope, receive, send, body)

    async def _read(self, scope: Scope, receive: Receive, body: IO[bytes]) -> None:
        """All of the request's body. Raises TooLarge, as soon as that is known, BadRequest, Gone, or TryAgain
        when we are closing."""
        headers = dict(scope["headers"])
        if int(headers.get(b"content-length", b"0")) > self.largest_body:
            raise TooLarge
        announced = b"content-length" in headers or b"transfer-encoding" in headers
        if scope["method"] in ("GET", "HEAD") and not announced:
            return
        part: Message = {"more_body": True}
        while part.get("more_body"):
            part = await self._next_part(receive)
            body.write(part.get("body", b""))
            if body.tell() > self.largest_body:
                raise TooLarge
        body.seek(0)

    async def _next_part(self, receive: Receive) -> Message:
        async def part() -> Message:
            return await receive()

        async def close() -> Message:
            await self.closing.wait()
            raise TryAgain

        try:
            async with asyncio.timeout(PATIENCE):
                message = await first_of(part(), close())
        except TimeoutError:
            raise Gone from None
        if message["type"] == "http.disconnect":
            # They went, or what they send is no body: granian does not tell one from the other.
            raise BadRequest
        return message

    async def _exchange(self, scope: Scope, receive: Receive, send: Send, body: IO[bytes]) -> None:
        stream = Stream(receive, send)
        run = contextvars.copy_context().run
        loop = asyncio.get_running_loop()
        environ = self._environ(scope, body)
        try:
            answer = await loop.run_in_executor(self.threads, run, self._answer, environ, stream)
        except Gone:
            return
        except Exception:
            # Django answers for its own faults; this is one beneath it.
            logger.exception("%s failed outside of Django", scope["method"])
            if stream.begun:
                raise
            await PlainTextResponse("Internal Server Error", 500)(scope, receive, send)
            return
        finally:
            stream.end()
        if answer:
            await send(answer.start)
            await send({"type": "http.response.body", "body": answer.body})

    def _answer(self, environ: dict[str, Any], stream: "Stream") -> Answer | None:
        """In a thread: the whole answer, or None when it was streamed."""
        answer = Answer()
        parts = self.app(environ, answer.start_response)
        try:
            # Django's own word for it: PEP 3333 has none.
            if getattr(parts, "streaming", False) and not answer.is_short():
                stream.send_all(answer, parts)
                return None
            answer.body = b"".join(parts)
            return answer
        finally:
            # Ends the request for Django, which looks after this thread's database connection.
            if close := getattr(parts, "close", None):
                close()

    def _environ(self, scope: Scope, body: IO[bytes]) -> dict[str, Any]:
        server = scope.get("server") or ("localhost", 80)
        environ: dict[str, Any] = {
            "REQUEST_METHOD": scope["method"],
            "SCRIPT_NAME": "",
            # WSGI wants bytes dressed as text
            "PATH_INFO": scope["path"].encode().decode("latin1"),
            "QUERY_STRING": scope["query_string"].decode("latin1"),
            "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
            "SERVER_NAME": server[0],
            "SERVER_PORT": str(server[1] or 0),
            "CONTENT_LENGTH": str(_size(body)),
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": self.scheme,
            "wsgi.input": body,
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": True,
            "wsgi.run_once": False,
        }
        for raw_name, raw_value in scope["headers"]:
            # `x_real_name` and `x-real-name` become one name here: a client could forge the other.
            if b"_" in raw_name or raw_name in (b"content-length", b"transfer-encoding"):
                continue
            name, value = (
                raw_name.decode("latin1").upper().replace("-", "_"),
                raw_value.decode("latin1"),
            )
            if name != "CONTENT_TYPE":
                name = f"HTTP_{name}"
            if name in environ:
                value = f"{environ[name]}{'; ' if name == 'HTTP_COOKIE' else ','}{value}"
            environ[name] = value
        peer = scope["client"][0] if scope.get("client") else ""
        forwarded_for = environ.get("HTTP_X_FORWARDED_FOR", "")
        environ["REMOTE_ADDR"] = client_address(peer, forwarded_for, self.trusted_proxies)
        return environ


class Stream:
    """The way back to one client, for an answer that a thread sends part by part."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self.loop = asyncio.get_running_loop()
        self.receive = receive
        self.send = send
        self.begun = False
        self.gone = asyncio.Event()
        self.watch: asyncio.Task[None] | None = None

    def send_all(self, answer: Answer, parts: Iterable[bytes]) -> None:
        """From a thread. Raises Gone once nobody reads any more."""
        self._wait_for(self._begin(answer))
        for part in parts:
            self._wait_for(self._deliver(part, more=True))
        self._wait_for(self._deliver(b"", more=False))

    def end(self) -> None:
        if self.watch:
            self.watch.cancel()

    def _wait_for(self, doing: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(doing, self.loop).result()

    async def _begin(self, answer: Answer) -> None:
        self.begun = True
        self.watch = asyncio.create_task(self._watch())
        await self.send(answer.start)

    async def _watch(self) -> None:
        while (await self.receive())["type"] != "http.disconnect":
            pass
        self.gone.set()

    async def _deliver(self, part: bytes, *, more: bool) -> None:
        async def deliver() -> None:
            await self.send({"type": "http.response.body", "body": part, "more_body": more})

        async def leave() -> None:
            await self.gone.wait()
            raise Gone

        try:
            async with asyncio.timeout(PATIENCE):
                await first_of(leave(), deliver())
        except TimeoutError:
            raise Gone from None


def _size(body: IO[bytes]) -> int:
    size = body.seek(0, 2)
    body.seek(0)
    return size
