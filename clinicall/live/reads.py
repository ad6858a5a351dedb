"""The public reads that everybody asks, answered on the event loop and kept for a moment.

Each reads the question only where it is put plainly. Anything else is Django's, whose operations of the
same addresses (api/doctors.py) say what is wrong with it, or answer it from the same statements.
"""

import re
from collections.abc import Awaitable, Callable, Hashable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import psycopg
from psycopg_pool import PoolTimeout
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from clinicall.booking import as_json
from clinicall.booking.as_json import LARGEST_PAGE, LONGEST_NAME, LONGEST_SPAN, Statement
from clinicall.booking.searching import Search
from clinicall.core.announce import doctor_topic
from clinicall.core.limits import PUBLIC_READS
from clinicall.core.refusals import SlowDown, TryAgain
from clinicall.core.zones import is_timezone
from clinicall.live.caller import address_of
from clinicall.live.hub import live_of
from clinicall.live.kept import Answer
from clinicall.live.pool import Pool
from clinicall.live.problems import problem

DAY = re.compile(r"2[0-9]{3}-[0-9]{2}-[0-9]{2}")
NUMBER = re.compile(r"[1-9][0-9]{0,8}")
WORTH_PACKING = 200  # bytes
# What tells of all doctors is true for its moment only: nearly all news would be of it.
EVERYBODY = "doctors"

KNOWN = "select 1 from people_specialization where id = %s"
ZONE_OF = "select timezone from people_doctor where user_id = %s and active"

Asked = Mapping[str, str]  # the query's parameters, each sent once


@dataclass(frozen=True)
class Question:
    """`key` is the same for the same question, and `topic` what there may be news of."""

    key: Hashable
    topic: str
    statement: Callable[[Pool], Awaitable[Statement | None]]
    by_keys: bool  # alone, so that one plan is good for all values


# None where it is not put plainly.
Reader = Callable[[Mapping[str, Any], Asked], Question | None]


def routes(django: ASGIApp) -> list[BaseRoute]:
    """`django` answers whatever is not asked plainly."""
    return [
        Route("/api/v1/doctors", Read(_search, django)),
        Route("/api/v1/specializations", Read(_specializations, django)),
        Route(
            "/api/v1/doctors/{doctor:uuid}/slots", Read(partial(_days, as_json.open_slots), django)
        ),
        Route(
            "/api/v1/doctors/{doctor:uuid}/days", Read(partial(_days, as_json.free_days), django)
        ),
    ]


class Read:
    def __init__(self, reader: Reader, django: ASGIApp) -> None:
        self.reader, self.django = reader, django

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = _asked(scope)
        question = None if asked is None else self.reader(scope["path_params"], asked)
        if question is None:
            await self.django(scope, receive, send)
            return
        request = Request(scope)
        live = live_of(request)
        try:
            PUBLIC_READS.count(address_of(request))
            answer = await live.kept.answer(
                question.key,
                question.topic,
                partial(live.reads.ask, question.topic, partial(_answer, question)),
            )
        except SlowDown as refusal:
            await problem(refusal)(scope, receive, send)
        except (psycopg.Error, PoolTimeout):
            await problem(TryAgain())(scope, receive, send)
        else:
            if answer is None:  # it asks for what is not there
                await self.django(scope, receive, send)
            else:
                await _tell(answer, request.headers, send)


def _asked(scope: Scope) -> Asked | None:
    if scope["method"] != "GET":
        return None
    try:
        pairs = parse_qsl(
            scope["query_string"].decode("ascii"),
            keep_blank_values=True,
            strict_parsing=bool(scope["query_string"]),
            errors="strict",
        )
    except ValueError:
        return None
    asked = dict(pairs)
    return asked if len(asked) == len(pairs) else None


async def _answer(question: Question, pool: Pool) -> Answer | None:
    statement = await question.statement(pool)
    told = statement and await _first(pool, *statement, planned_once=question.by_keys)
    return Answer(told.encode()) if told else None


async def _first(pool: Pool, text: str, facts: Any, *, planned_once: bool = True) -> str | None:
    """The one column of the one row, if there is a row. `planned_once` is for what one plan suits always."""
    async with pool.connection() as connection:
        row = await (
            await connection.execute(text, facts, prepare=None if planned_once else False)
        ).fetchone()
    return str(row[0]) if row else None


async def _tell(answer: Answer, headers: Headers, send: Send) -> None:
    packed = len(answer.body) > WORTH_PACKING and "gzip" in headers.get("accept-encoding", "")
    # Two encodings of one answer are not the same bytes (RFC 9110, 8.8.3.3).
    etag = f"W/{answer.etag}" if packed else answer.etag
    known = headers.get("if-none-match", "")
    fresh = answer.etag not in known and known.strip() != "*"
    body = (answer.gzipped if packed else answer.body) if fresh else b""
    told = [
        ("content-type", "application/json"),
        ("cache-control", "no-cache"),
        ("etag", etag),
        ("vary", "Accept-Encoding"),
        ("x-request-id", str(uuid4())),
        *([("content-encoding", "gzip")] if packed and fresh else []),
        *([("content-length", str(len(body)))] if fresh else []),
    ]
    await send(
        {
            "type": "http.response.start",
            "status": 200 if fresh else 304,
            "headers": [(name.encode(), value.encode()) for name, value in told],
        }
    )
    await send({"type": "http.response.body", "body": body})


# --- The questions ---


def _days(
    statement: Callable[[UUID, date, date, ZoneInfo], Statement],
    path: Mapping[str, Any],
    asked: Asked,
) -> Question | None:
    """Of a doctor's days, both of whose ends are given."""
    if not {"from", "to"} <= asked.keys() <= {"from", "to", "timezone"}:
        return None
    first, last = _day(asked["from"]), _day(asked["to"])
    if first is None or last is None or not 0 <= (last - first).days < LONGEST_SPAN:
        return None
    zone = asked.get("timezone")
    if zone is not None and not is_timezone(zone):
        return None
    doctor = path["doctor"]

    async def stated(pool: Pool) -> Statement | None:
        name = zone or await _first(pool, ZONE_OF, [doctor])
        return statement(doctor, first, last, ZoneInfo(name)) if name else None

    return Question(
        (statement, doctor, first, last, zone), doctor_topic(doctor), stated, by_keys=True
    )


def _search(_path: Mapping[str, Any], asked: Asked) -> Question | None:
    if not asked.keys() <= {"name", "specialization", "page", "pageSize"}:
        return None
    name = asked.get("name", "")
    specialization = asked.get("specialization") or None
    page, size = asked.get("page", "1"), asked.get("pageSize", "20")
    numbers = [number for number in (specialization, page, size) if number is not None]
    if not all(map(NUMBER.fullmatch, numbers)) or int(size) > LARGEST_PAGE:
        return None
    if len(name) > LONGEST_NAME or not name.isprintable():
        return None
    wanted = Search(name, int(specialization) if specialization else None)

    async def stated(pool: Pool) -> Statement | None:
        if wanted.specialization and not await _first(pool, KNOWN, [wanted.specialization]):
            return None
        return as_json.doctors(wanted, page=int(page), size=int(size))

    return Question((wanted, page, size), EVERYBODY, stated, by_keys=False)


def _specializations(_path: Mapping[str, Any], asked: Asked) -> Question | None:
    async def stated(_pool: Pool) -> Statement:
        return as_json.specializations()

    return None if asked else Question("specializations", EVERYBODY, stated, by_keys=True)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if DAY.fullmatch(text) else None
    except ValueError:
        return None
