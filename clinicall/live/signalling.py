"""The peer line's signalling: two browsers find each other through here, and then talk directly.

One WebSocket per person and call. What a client says goes to the other person through the hub, so
the two may sit in different workers. docs/api.md lists the messages.
"""

import asyncio
import secrets
import time
from datetime import datetime
from uuid import UUID

import psycopg
from psycopg_pool import PoolTimeout
from starlette.websockets import WebSocket

from clinicall import wiring
from clinicall.core.announce import call_topic
from clinicall.live.first_of import first_of
from clinicall.live.hub import Live, Message, Subscription, live_of
from clinicall.live.session import Session
from clinicall.live.socket import (
    CALL_OVER,
    DONE,
    NOT_ALLOWED,
    PASS_NOT_VALID,
    REPLACED,
    Close,
    Talk,
    accepted,
    attend,
)
from clinicall.video.provider import DOCTOR_UID, NotAPass, Pass, channel_name


async def call(websocket: WebSocket) -> None:
    if await accepted(websocket):
        seat = Seat(Talk(websocket), live_of(websocket), websocket.path_params["appointment"])
        await attend(websocket, seat.attend())


PERSON = """
select case %s when 1 then doctor_id else patient_id end from booking_appointment where id = %s
"""


class Seat:
    """One person's place in one call, as long as their socket lives.

    `session` is the name of this socket, as long as it lives; `peer` is that of the other person's, while
    there is one; `sign_in` is the session on the site that got the pass. All methods raise Close when the
    socket is to be closed.
    """

    def __init__(self, talk: Talk, live: Live, appointment: UUID) -> None:
        self.talk = talk
        self.live = live
        self.hub = live.hub
        self.pool = live.pool
        self.appointment = appointment
        self.topic = call_topic(appointment)
        self.session = secrets.token_urlsafe(12)
        self.peer: str | None = None
        self.why = "lost"

    async def attend(self) -> None:
        await self._hello()
        async with self.hub.subscribe(self.topic) as news:
            # After subscribing: an end that is announced from here on will be heard.
            await self._end_unless_confirmed()
            await self.talk.say(
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
                    self._hear_client(),
                    self._hear_hub(news),
                    self.talk.ping(),
                    self._watch_pass(),
                    self.sign_in.watch(),
                )
            finally:
                await self._depart()

    # --- The pass ---

    async def _hello(self) -> None:
        match await self.talk.hello():
            case {"type": "hello", "token": str(token)}:
                now, self.since, _ = await self._look_up()
                room_pass = self._accept(token, now)
                self.uid = room_pass.uid
                self.sign_in = Session(self.live, await self._person(), room_pass.session)
                await self.sign_in.must_stand()
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
        room_pass = self._accept(token, now)
        if (room_pass.uid, room_pass.session) != (self.uid, self.sign_in.name):
            raise Close(PASS_NOT_VALID)

    async def _person(self) -> UUID:
        async with self.pool.connection() as connection:
            found = await connection.execute(PERSON, [self.uid, self.appointment])
            row = await found.fetchone()
        if row is None:
            raise Close(PASS_NOT_VALID)
        return UUID(str(row[0]))

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
        await self.talk.say({"type": "ended", "status": status})
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
            await self.talk.say({"type": "replaced"})
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
                await self.talk.say({"type": "signal", "session": session, "data": data})
            case {"event": "gone", "session": self.peer, "why": why}:
                await self._peer_left(why)
            case {"event": "left"}:
                await self._peer_left("left")

    async def _peer_joined(self, session: str) -> None:
        if session != self.peer:
            self.peer = session
            await self.talk.say({"type": "peer-joined", "session": session})

    async def _peer_left(self, why: str) -> None:
        if self.peer:
            self.peer = None
            await self.talk.say({"type": "peer-left", "why": why})

    # --- The client ---

    async def _hear_client(self) -> None:
        while True:
            match await self.talk.receive():
                case {"type": "signal", "data": data}:
                    await self._publish("signal", data=data)
                case {"type": "renew", "token": str(token)}:
                    await self._renew(token)
                case {"type": "leave"}:
                    self.why = "left"
                    raise Close(DONE)
                case {"type": "pong"}:
                    self.talk.answers_pings = True
                case _:
                    raise Close(NOT_ALLOWED)
