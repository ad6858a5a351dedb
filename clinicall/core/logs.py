"""Logs name routes and ids. PostgreSQL's own words may name people, and a feed's address is its key."""

import logging
import re
from types import TracebackType
from typing import TypeAlias

ExcInfo: TypeAlias = (
    tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
)

# The line under a constraint's name repeats the row that broke it.
ROW = re.compile(r"DETAIL: .*")
# Django names the path of what it answers with a fault.
FEED = re.compile(r"/feeds/[^/\s]+")


class DiscreetFormatter(logging.Formatter):
    """Leaves out the rows that PostgreSQL quotes in its errors, and what opens a calendar feed."""

    def format(self, record: logging.LogRecord) -> str:
        return FEED.sub("/feeds/(left out)", super().format(record))

    def formatException(self, ei: ExcInfo) -> str:  # noqa: N802 (the library's name)
        return ROW.sub("DETAIL: (left out)", super().formatException(ei))
