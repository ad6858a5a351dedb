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
    full: float = 0.5  # of a core, at most, then or as visits begin
    page: tuple[float, float] = (17_000, 8_000)  # of the server and of the database
    password: float = 200_000  # at a sign-in; of which a booking has one, and the visit another
    # For one booking.
    lost_holds: float = 0.3
    pages: float = 8
    reads: float = 20  # of free times and days, by the pages' script
    looking: float = 180  # seconds with a doctor's page open
    # As a visit begins.
    together: float = 0.05  # of a day's visits, in one moment
    arriving: float = 300  # seconds, in which the two of each of these come
    pages_to_come: float = 4
    news: float = 40
    hearing: float = 150  # one piece of it, in each process
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
    begin = visits * one.together / one.arriving
    booked = [one.password, 0.0]
    come = [one.password, 0.0]
    for n, part in enumerate(("server", "database")):
        read = (rows["a day's slots"][part] + rows["a month's days"][part]) / 2
        booked[n] += rows["booking"][part] + one.lost_holds * rows["hold"][part]
        booked[n] += one.pages * one.page[n] + one.reads * read
        come[n] += one.pages_to_come * one.page[n]
    a_second = 1e6 * one.full  # of a core
    processes = max(2, ceil(max(bookings * booked[0], begin * come[0]) / a_second))
    heard = begin * one.news
    notified = one.notifying[0] + one.notifying[1] * processes
    sockets = 2 * visits * one.together + bookings * one.looking
    memory = processes * one.process + sockets * one.socket
    return {
        "visits a day": visits,
        "bookings a second": bookings,
        "cores of the servers": bookings * booked[0] / a_second,
        "cores of the database": bookings * booked[1] / a_second,
        "– of these, for the bookings alone": bookings * rows["booking"]["database"] / a_second,
        "as visits begin: cores of the servers": begin * come[0] / a_second,
        "– cores of the database": (begin * come[1] + heard * notified) / a_second,
        "– of these, for news": heard * notified / a_second,
        "– of each process, to hear it (%)": heard * one.hearing / 1e4,
        "processes": processes,
        "connections": processes * one.connections,
        "sockets": sockets,
        "memory of the processes (GB)": memory / 1e3,
        "disk a year (GB)": one.people * one.visits * one.visit / 1e6,
        "log a second (MB)": bookings * one.log / 1e3,
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
