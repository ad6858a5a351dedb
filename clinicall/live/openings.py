"""A doctor's openings as they change: server-sent events (WHATWG HTML, section 9.2)."""

import asyncio
import json
from uuid import UUID

import psycopg
from psycopg_pool import PoolTimeout
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from clinicall.core.announce import doctor_topic
from clinicall.core.limits import PUBLIC_READS
from clinicall.core.refusals import NotFound, SlowDown, TryAgain
from clinicall.live.caller import address_of
from clinicall.live.first_of import first_of
from clinicall.live.hub import Live, Message, Subscription, live_of
from clinicall.live.pool import Pool
from clinicall.live.problems import problem

KEEP_ALIVE = 15  # seconds; proxies cut what is silent for longer
HEADERS = {"cache-control": "no-store", "x-accel-buffering": "no"}


async def stream(request: Request) -> Response:
    """`taken` and `released` with a `slotId`; `resync` when the client must ask for the day again."""
    live, doctor = live_of(request), request.path_params["doctor"]
    try:
        PUBLIC_READS.count(address_of(request))
        if not await _is_active(doctor, live.pool):
            return problem(NotFound())
    except SlowDown as refusal:
        return problem(refusal)
    except (psycopg.Error, PoolTimeout):
        return problem(TryAgain())
    # A browser that comes back brings the id of the last event, and has missed what came since.
    missed_some = "last-event-id" in request.headers
    return OpeningsResponse(live, doctor_topic(doctor), missed_some)


async def _is_active(doctor: UUID, pool: Pool) -> bool:
    async with pool.connection() as connection:
        found = await connection.execute(
            "select 1 from people_doctor where user_id = %s and active", [doctor]
        )
        return await found.fetchone() is not None


class OpeningsResponse(Response):
    media_type = "text/event-stream"

    def __init__(self, live: Live, topic: str, missed_some: bool) -> None:
        super().__init__(headers=HEADERS)
        del self.headers["content-length"]
        self.live = live
        self.topic = topic
        self.missed_some = missed_some

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with self.live.hub.subscribe(self.topic) as news:
            await send(
                {
                    "type": "http.response.start",
                    "status": self.status_code,
                    "headers": self.raw_headers,
                }
            )
            if scope["method"] == "GET":
                await first_of(
                    self._tell(news, send), _disconnected(receive), _set(self.live.closing)
                )
            await send({"type": "http.response.body", "body": b""})

    async def _tell(self, news: Subscription, send: Send) -> None:
        async def say(text: str) -> None:
            body = f"{text}\n\n".encode()
            await send({"type": "http.response.body", "body": body, "more_body": True})

        await say("id: 1\nretry: 2000")
        if self.missed_some:
            await say(as_event({"event": "resync"}))
        while True:
            try:
                async with asyncio.timeout(KEEP_ALIVE):
                    message = await news.next()
            except TimeoutError:
                await say(":")
            else:
                await say(as_event(message))


def as_event(message: Message) -> str:
    data = {name: value for name, value in message.items() if name != "event"}
    return f"event: {message['event']}\ndata: {json.dumps(data)}"


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _set(event: asyncio.Event) -> None:
    await event.wait()
