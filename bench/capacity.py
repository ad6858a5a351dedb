"""Capacity on paper: what people ask of servers and of a database, by what `make bench` measured.

    python -m bench.capacity RESULTS.json

All that is assumed stands here, to be changed; docs/capacity.md says where it comes from.
"""

import json
import sys
from dataclasses import dataclass
from math import ceil
from pathlib import Path


@dataclass(frozen=True)
class Assumed:
    """CPU is in microseconds, memory in MB, what is written in kB."""

    people: float
    visits: float = 1  # by video, of each of them in a year
    days: int = 300  # of a year, on which they come
    busiest_hour: float = 0.15  # of a day's bookings
    busiest_minute: float = 3  # times that hour's average
    full: float = 0.5  # of a core, at most, in that minute
    # For one booking.
    lost_holds: float = 0.3
    pages: float = 8
    page: tuple[float, float] = (17_000, 8_000)  # of the server and of the database
    reads: float = 20  # of free times and days, by the pages' script
    passwords: float = 1
    password: float = 200_000
    looking: float = 180  # seconds with a doctor's page open
    # As visits begin.
    together: float = 0.05  # of a day's visits
    arriving: float = 180  # seconds, in which all of these come
    news: float = 40  # of one visit
    hearing: float = 150  # one piece of news, in each process
    notifying: tuple[float, float] = (65, 33)  # the same in PostgreSQL, and for each that listens
    # What it takes up.
    process: float = 100
    socket: float = 0.19
    connections: int = 15  # of a process
    visit: float = 8  # on the disk, for good
    log: float = 36  # of a booking, in PostgreSQL's


def needs(assumed: Assumed, rows: dict[str, dict[str, float]]) -> dict[str, float]:
    """`rows` are those of the bench, by their names."""
    one = assumed
    visits = one.people * one.visits / one.days
    bookings = visits * one.busiest_hour / 3600 * one.busiest_minute
    costs = []
    for part, page in zip(("server", "database"), one.page, strict=True):
        booked = rows["booking"][part] + one.lost_holds * rows["hold"][part]
        read = (rows["a day's slots"][part] + rows["a month's days"][part]) / 2
        costs.append(booked + one.pages * page + one.reads * read)
    server, database = costs[0] + one.passwords * one.password, costs[1]
    processes = max(2, ceil(bookings * server / 1e6 / one.full))
    heard = visits * one.together * one.news / one.arriving
    notified = one.notifying[0] + one.notifying[1] * processes
    sockets = 2 * visits * one.together + bookings * one.looking
    memory = processes * one.process + sockets * one.socket
    return {
        "visits a day": visits,
        "bookings per second": bookings,
        "cores of the servers": bookings * server / 1e6 / one.full,
        "cores of the database": bookings * database / 1e6 / one.full,
        "of these, for bookings alone": bookings * rows["booking"]["database"] / 1e6 / one.full,
        "for news, as visits begin": heard * notified / 1e6 / one.full,
        "% of each process, to hear it": heard * one.hearing / 1e4,
        "processes": processes,
        "connections": processes * one.connections,
        "sockets": sockets,
        "GB of memory, the database's beside": memory / 1e3,
        "GB of disk a year": one.people * one.visits * one.visit / 1e6,
        "MB of log per second": bookings * one.log / 1e3,
    }


ASKED = {
    "1 million": Assumed(1e6),
    "60 million": Assumed(60e6),
    "… all their consultations": Assumed(60e6, visits=6),
    "… a rush": Assumed(60e6, busiest_minute=30),
}


def main(results: str) -> None:
    rows = {row["name"]: row for row in json.loads(Path(results).read_text())["rows"]}
    found = [needs(assumed, rows) for assumed in ASKED.values()]
    print(f"| in the busiest minute | {' | '.join(ASKED)} |\n|---|{'---:|' * len(ASKED)}")
    for name in found[0]:
        print(f"| {name} | {' | '.join(_figure(one[name]) for one in found)} |")


def _figure(number: float) -> str:
    """Two digits, which is more than such figures know."""
    return f"{float(f'{number:.2g}'):,.10g}"


if __name__ == "__main__":
    main(*sys.argv[1:])
