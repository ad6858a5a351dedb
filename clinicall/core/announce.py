"""Announcing what happened to whoever looks on now, over PostgreSQL's NOTIFY.

A payload must stay under 8,000 bytes, so a message travels as numbered parts, `id part/parts text`;
the text of all parts is a topic, a space and a JSON object. clinicall/live/hub.py puts them together.
"""

import json
import secrets
from functools import partial
from uuid import UUID

from django.db import transaction

from clinicall.core.prepared import execute

CHANNEL = "clinicall"
NOTIFY = "select pg_notify('clinicall', part) from unnest(%s::text[]) part"
LONGEST_PART = 7_900


def doctor_topic(doctor_id: UUID) -> str:
    """Where news of a doctor's openings goes."""
    return f"doctor:{doctor_id}"


def call_topic(appointment_id: UUID) -> str:
    """Where the two people of one call hear of each other, and of its end."""
    return f"call:{appointment_id}"


def agenda_topic(doctor_id: UUID) -> str:
    """Where a doctor's own page hears that somebody has come to a visit of theirs, or gone."""
    return f"agenda:{doctor_id}"


def session_topic(session: str) -> str:
    """Where the sockets that a session opened hear that it may have ended; `session` is its name."""
    return f"session:{session}"


def announce(topic: str, message: dict[str, object]) -> None:
    """Tell the listeners of `topic`, after the present transaction commits.

    Inside a transaction, NOTIFY would make its commit wait for all others (it takes one lock for
    the whole database). An announcement that fails is logged and lost: it is news, not a record.
    """
    transaction.on_commit(partial(_notify, in_parts(topic, message)), robust=True)


def in_parts(topic: str, message: dict[str, object]) -> list[str]:
    """The payloads that say it. `topic` is ASCII without spaces."""
    # ASCII, so that a character is a byte.
    text = f"{topic} {json.dumps(message, separators=(',', ':'))}"
    pieces = [text[at : at + LONGEST_PART] for at in range(0, len(text), LONGEST_PART)]
    # A name of its own, because PostgreSQL drops a payload that a transaction said before.
    name = secrets.token_hex(8)
    return [f"{name} {n}/{len(pieces)} {piece}" for n, piece in enumerate(pieces, 1)]


def _notify(parts: list[str]) -> None:
    execute(NOTIFY, [parts])
