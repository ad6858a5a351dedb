"""Pure: what the presence of the two people says of a visit that nobody has marked.

Being connected and being in a consultation are two facts. This file reads the first and answers about
the second only where that is beyond doubt.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

# A line that is back so soon was never gone.
GRACE = timedelta(seconds=90)
TOGETHER_FOR = timedelta(seconds=60)
DOCTOR_WAITS = timedelta(minutes=10)  # or half the visit, if that is shorter


@dataclass(frozen=True, order=True)
class Span:
    """Somebody was there, without a break that counts."""

    since: datetime
    until: datetime


@dataclass(frozen=True)
class Told:
    """A video provider's word that somebody came or left. `sequence` rises with each event of theirs;
    `stayed` is how long they had been there, where it says so."""

    sequence: int
    at: datetime
    came: bool
    stayed: timedelta | None = None


def spans_told(words: Iterable[Told]) -> list[Span]:
    """What they come to, in whatever order they arrived, repeated or with some of them missing.

    Of a coming or a leaving alone nothing is known but the moment, unless the latter says how long.
    """
    spans: list[Span] = []
    since: datetime | None = None
    for word in sorted(set(words), key=lambda word: word.sequence):
        if word.came:
            if since:
                spans.append(Span(since, since))
            since = word.at
        else:
            began = since or word.at - (word.stayed or timedelta())
            spans.append(Span(min(began, word.at), word.at))
            since = None
    return [*spans, Span(since, since)] if since else spans


class When(StrEnum):
    """When one of the two was there; "before" and "after" are for those who missed the visit itself."""

    NEVER = "never"
    BEFORE = "before"
    DURING = "during"
    AFTER = "after"


class Verdict(StrEnum):
    ATTENDED = "attended"
    NO_SHOW_PATIENT = "no_show_patient"
    NO_SHOW_DOCTOR = "no_show_doctor"
    UNCLEAR = "unclear"  # for the doctor to say


def joined_up(spans: Iterable[Span]) -> list[Span]:
    """The same presence in the order of time, without overlaps and without breaks up to GRACE."""
    whole: list[Span] = []
    for span in sorted(spans):
        if whole and span.since - whole[-1].until <= GRACE:
            whole[-1] = Span(whole[-1].since, max(whole[-1].until, span.until))
        else:
            whole.append(span)
    return whole


def when_there(presence: Sequence[Span], *, starts_at: datetime, ends_at: datetime) -> When:
    """During the visit, else after its end, else before its start, else never."""
    if any(span.until > starts_at and span.since < ends_at for span in presence):
        return When.DURING
    if any(span.since >= ends_at for span in presence):
        return When.AFTER
    return When.BEFORE if presence else When.NEVER


def judge(
    doctor: Iterable[Span], patient: Iterable[Span], *, starts_at: datetime, ends_at: datetime
) -> Verdict:
    """How the visit went, by when each of the two was in the waiting room or the room."""
    here, there = joined_up(doctor), joined_up(patient)
    doctor_came = when_there(here, starts_at=starts_at, ends_at=ends_at)
    patient_came = when_there(there, starts_at=starts_at, ends_at=ends_at)
    if _together(here, there) >= TOGETHER_FOR:
        return Verdict.ATTENDED
    if patient_came is When.NEVER:
        waited = _length(Span(max(span.since, starts_at), span.until) for span in here)
        enough = min(DOCTOR_WAITS, (ends_at - starts_at) / 2)
        came = doctor_came is When.DURING and waited >= enough
        return Verdict.NO_SHOW_PATIENT if came else Verdict.UNCLEAR
    return Verdict.NO_SHOW_DOCTOR if doctor_came is When.NEVER else Verdict.UNCLEAR


def _together(these: Sequence[Span], those: Sequence[Span]) -> timedelta:
    """How long both were there, in all."""
    return _length(Span(max(a.since, b.since), min(a.until, b.until)) for a in these for b in those)


def _length(spans: Iterable[Span]) -> timedelta:
    lengths = (span.until - span.since for span in spans)
    return sum((length for length in lengths if length > timedelta()), timedelta())
