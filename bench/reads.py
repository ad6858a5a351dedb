"""What everybody asks: a day's open slots, a month's free days, search, specializations.

The baseline of each are the statements of booking/as_json.py (for a specialization, also the one that
looks whether there is such a one), with the same questions in the same order. Each of many clients asks
something else, so that few are told what was kept of a moment ago: the statements per request say how
many. The last row is the other extreme: all ask for days of one doctor.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from itertools import product
from random import Random
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from bench import wrk
from bench.pgbench import CLIENTS, script
from bench.rounds import Bench, Row
from bench.sized import DAYS
from clinicall.booking import as_json
from clinicall.booking.as_json import Statement
from clinicall.booking.searching import Search
from clinicall.core.clock import now
from clinicall.core.folding import folded
from clinicall.live.reads import KNOWN
from clinicall.people.models import Doctor

AT_ONCE = 20  # of pgbench's askings
ZONES = ["Asia/Colombo", "Europe/London"]
SIZES = range(16, 26)

Question = tuple[str, Statement]  # its address, and what it asks the database
Days = Callable[[UUID, date, date, ZoneInfo], Statement]


def measure(bench: Bench) -> list[Row]:
    doctors = list(Doctor.objects.order_by("pk"))
    day = _row(bench, "a day's slots", _days("slots", as_json.open_slots, doctors, 1))
    month = _row(bench, "a month's days", _days("days", as_json.free_days, doctors, DAYS))
    both = _row(bench, "search by both", _searches(doctors, by_name=True, by_field=True))
    return [
        day.wants("ratio", 0.35),
        month.wants("ratio", 0.35),
        both.wants("p95", 25),
        _row(bench, "search by name", _searches(doctors, by_name=True, by_field=False)),
        _row(bench, "search for all", _searches(doctors, by_name=False, by_field=False)),
        _row(bench, "specializations", iter([("specializations", as_json.specializations())])),
        _row(bench, "one doctor's days", _days("slots", as_json.open_slots, doctors[:1], 1)),
    ]


def _row(bench: Bench, name: str, asked: Iterator[Question]) -> Row:
    questions = list(asked)
    while len(questions) < 2 * AT_ONCE:  # some for each client, too
        questions *= 2
    Random(1).shuffle(questions)
    lines = bench.cluster.folder / "questions"
    lines.write_text("".join(f"/api/v1/{path}\n" for path, _ in questions))
    facts = [facts for _, (_, facts) in questions]
    (text,) = {text for _, (text, _) in questions}
    statements = [text]
    if "specialization" in facts[0]:
        statements.insert(0, KNOWN.replace("%s", "%(specialization)s"))
    baseline = script(
        bench.cluster,
        "".join(filter(str.isalpha, name)),
        statements,
        facts,
        at_once=AT_ONCE,
        again=True,
    )

    def load(seconds: int) -> wrk.Load:
        port = bench.server.port
        return wrk.drive("asking.lua", lines, port, clients=CLIENTS, seconds=seconds)

    return bench.row(name, load, {"the same": baseline})


def _days(what: str, statement: Days, doctors: Sequence[Doctor], length: int) -> Iterator[Question]:
    """So many days of each doctor, from each of the coming days on, as seen in two zones."""
    tomorrow = now().date() + timedelta(days=1)
    for doctor, ahead, zone in product(doctors, range(DAYS), ZONES):
        first = tomorrow + timedelta(days=ahead)
        last = first + timedelta(days=length - 1)
        asked = urlencode({"from": first, "to": last, "timezone": zone})
        yield (
            f"doctors/{doctor.pk}/{what}?{asked}",
            statement(doctor.pk, first, last, ZoneInfo(zone)),
        )


def _searches(doctors: Sequence[Doctor], *, by_name: bool, by_field: bool) -> Iterator[Question]:
    """For each doctor, by the beginning of a name of theirs; pages of several sizes."""
    names = {(folded(one.name).split()[-1][:4], one.specialization_id) for one in doctors}
    wanted = {(name if by_name else "", field if by_field else None) for name, field in names}
    for (name, field), size in product(sorted(wanted, key=str), SIZES):
        filters = {"name": name, "specialization": field}
        given = {key: value for key, value in filters.items() if value}
        yield (
            f"doctors?{urlencode({**given, 'pageSize': size})}",
            as_json.doctors(Search(name, field), page=1, size=size),
        )
