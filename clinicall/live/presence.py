"""Who is there: a socket of each page that waits or is in the room, and of the doctor's agenda.

On both video lines this is our own word for who came and when, and what closes a visit that nobody
marked. docs/api.md lists the messages.
"""

import asyncio
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import psycopg
from psycopg_pool import PoolTimeout
from starlette.websockets import WebSocket

from clinicall.booking.models import STAYS_OPEN
from clinicall.consultation.attending import (
    NotATicket,
    Ticket,
    read_agenda_ticket,
    read_ticket,
)
from clinicall.consultation.models import Place
from clinicall.core.announce import agenda_topic, call_topic
from clinicall.live.first_of import first_of
from clinicall.live.hub import Live, Message, Subscription, live_of
from clinicall.live.pool import Pool
from clinicall.live.session import Session
from clinicall.live.socket import (
    CALL_OVER,
    DONE,
    NOT_ALLOWED,
    PASS_NOT_VALID,
    Close,
    Talk,
    accepted,
    attend,
)

SEEN_EVERY: Final = 20  # seconds
LONGEST_TEXT: Final = 2_000  # characters of one chat message

VISIT = """
select status, doctor_id, case %(side)s when 'doctor' then doctor_id else patient_id end
  from booking_appointment where id = %(appointment)s
"""
ARRIVE = """
insert into consultation_presence (appointment_id, side, place, since, until, gone)
values (%(appointment)s, %(side)s, %(place)s, clinic_now(), clinic_now(), false) returning id
"""
SEEN = "update consultation_presence set until = clinic_now() where id = %(presence)s"
GONE = "update consultation_presence set until = clinic_now(), gone = true where id = %(presence)s"
# Who said nothing for longer than the grace of the evidence was cut off with their server.
HERE = """
with here as (
  select side, since from consultation_presence where appointment_id = %(appointment)s
     and not gone and until > clinic_now() - interval '90 seconds')
select clinic_now(), a.status, a.delay_minutes,
  a.ends_at + make_interval(mins => a.delay_minutes) + %(stays_open)s,
  (select min(since) from here where side = 'doctor'),
  (select min(since) from here where side = 'patient'),
  exists (select from consultation_presence p join booking_appointment other on other.id = p.appointment_id
     where other.doctor_id = a.doctor_id and other.id <> a.id and p.side = 'doctor' and p.place = 'room'
       and other.starts_at between a.starts_at - interval '1 day' and a.starts_at + interval '1 day'
       and not p.gone and p.until > clinic_now() - interval '90 seconds')
from booking_appointment a where a.id = %(appointment)s
"""


async def visit(websocket: WebSocket) -> None:
    if await accepted(websocket):
        place = Attendance(
            Talk(websocket), live_of(websocket), websocket.path_params["appointment"]
        )
        await attend(websocket, place.attend())


async def agenda(websocket: WebSocket) -> None:
    if await accepted(websocket):
        await attend(websocket, _watch_agenda(Talk(websocket), live_of(websocket)))


async def _watch_agenda(talk: Talk, live: Live) -> None:
    match await talk.hello():
        case {"type": "hello", "ticket": str(text)}:
            try:
                ticket = read_agenda_ticket(text)
            except NotATicket:
                raise Close(PASS_NOT_VALID) from None
        case _:
            raise Close(NOT_ALLOWED)
    session = Session(live, ticket.doctor, ticket.session)
    await session.must_stand()
    async with live.hub.subscribe(agenda_topic(ticket.doctor)) as news:
        await talk.say({"type": "welcome"})
        await first_of(_tell_changes(talk, news), _only_pongs(talk), talk.ping(), session.watch())


async def _tell_changes(talk: Talk, news: Subscription) -> None:
    while True:
        await news.next()
        await talk.say({"type": "changed"})


async def _only_pongs(talk: Talk) -> None:
    while True:
        match await talk.receive():
            case {"type": "pong"}:
                talk.answers_pings = True
            case _:
                raise Close(NOT_ALLOWED)


class Attendance:
    """One page of one person at one visit, as long as its socket lives."""

    def __init__(self, talk: Talk, live: Live, appointment: UUID) -> None:
        self.talk = talk
        self.live = live
        self.hub = live.hub
        self.pool: Pool = live.pool
        self.appointment = appointment
        self.facts: dict[str, object] = {"appointment": appointment, "stays_open": STAYS_OPEN}

    async def attend(self) -> None:
        ticket, place = await self._hello()
        self.side = ticket.side
        self.facts |= {"side": ticket.side, "place": place}
        status, doctor, person = await self._ask(VISIT)
        session = Session(self.live, person, ticket.session)
        await session.must_stand()
        self.agenda = agenda_topic(doctor)
        async with (
            self.hub.subscribe(call_topic(self.appointment)) as news,
            # Whether the doctor is with somebody else, or runs late, is news of other visits.
            self.hub.subscribe(self.agenda) as others,
        ):
            if status != "confirmed":
                await self._end(status)
            self.facts["presence"] = (await self._ask(ARRIVE))[0]
            try:
                await self._tell_others()
                await self._tell_who_is_here()
                await first_of(
                    self._hear_client(),
                    self._hear_hub(news),
                    self._hear_of_others(others),
                    self._be_seen(),
                    self.talk.ping(),
                    # Nobody touches a page while they talk in its room.
                    session.watch(in_use=place is Place.ROOM),
                )
            finally:
                await self._depart()

    async def _hello(self) -> tuple[Ticket, Place]:
        match await self.talk.hello():
            case {"type": "hello", "ticket": str(text), "place": "waiting" | "room" as place}:
                try:
                    ticket = read_ticket(text)
                except NotATicket:
                    raise Close(PASS_NOT_VALID) from None
                if ticket.appointment != self.appointment:
                    raise Close(PASS_NOT_VALID)
                return ticket, Place(place)
            case _:
                raise Close(NOT_ALLOWED)

    async def _ask(self, query: str) -> tuple[Any, ...]:
        async with self.pool.connection() as connection:
            found = await connection.execute(query, self.facts)
            row = await found.fetchone()
        if row is None:
            raise Close(PASS_NOT_VALID)
        return row

    async def _write(self, query: str) -> None:
        async with self.pool.connection() as connection:
            await connection.execute(query, self.facts)

    async def _be_seen(self) -> None:
        while True:
            await asyncio.sleep(SEEN_EVERY)
            await self._write(SEEN)

    async def _depart(self) -> None:
        try:
            async with asyncio.timeout(2):
                await self._write(GONE)
                await self._tell_others()
        except (psycopg.Error, PoolTimeout, TimeoutError):
            pass  # the database is away; that they are gone is seen by their silence

    async def _tell_others(self) -> None:
        message: Message = {"event": "presence", "appointment": str(self.appointment)}
        await self.hub.publish(call_topic(self.appointment), message)
        await self.hub.publish(self.agenda, message)

    # --- What the hub says ---

    async def _hear_hub(self, news: Subscription) -> None:
        while True:
            await self._hear(await news.next())

    async def _hear(self, message: Message) -> None:
        match message:
            case {"event": "presence" | "resync"}:
                await self._tell_who_is_here()
            case {"event": "ended", "status": status}:
                await self._end(status)
            case {"event": "chat", "side": side, "text": text} if side != self.side:
                await self.talk.say({"type": "chat", "text": text})

    async def _hear_of_others(self, others: Subscription) -> None:
        while True:
            message = await others.next()
            if message.get("appointment") != str(self.appointment):
                await self._tell_who_is_here()

    async def _tell_who_is_here(self) -> None:
        now, status, delay, closes_at, doctor, patient, is_busy = await self._ask(HERE)
        if status != "confirmed":
            await self._end(status)
        await self.talk.say(
            {
                "type": "here",
                "now": _instant(now),
                "doctor": _instant(doctor),
                "patient": _instant(patient),
                "doctorIsBusy": is_busy,
                "delayMinutes": delay,
                "closesAt": _instant(closes_at),
            }
        )

    async def _end(self, status: str) -> None:
        await self.talk.say({"type": "ended", "status": status})
        raise Close(CALL_OVER)

    # --- What the client says ---

    async def _hear_client(self) -> None:
        while True:
            match await self.talk.receive():
                case {"type": "chat", "text": str(text)} if 0 < len(text) <= LONGEST_TEXT:
                    # Passed on and forgotten: the clinic keeps no notes.
                    message = {"event": "chat", "side": self.side, "text": text}
                    await self.hub.publish(call_topic(self.appointment), message)
                case {"type": "leave"}:
                    raise Close(DONE)
                case {"type": "pong"}:
                    self.talk.answers_pings = True
                case _:
                    raise Close(NOT_ALLOWED)


def _instant(moment: datetime | None) -> str | None:
    return moment.isoformat().replace("+00:00", "Z") if moment else None
