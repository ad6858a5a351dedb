"""Logs name routes and ids. PostgreSQL's own words may name people."""

import logging
import re
from types import TracebackType
from typing import TypeAlias

ExcInfo: TypeAlias = (
    tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
)

# The line under a constraint's name repeats the row that broke it.
ROW = re.compile(r"DETAIL: .*")


class DiscreetFormatter(logging.Formatter):
    """Leaves out the rows that PostgreSQL quotes in its errors."""

    def formatException(self, ei: ExcInfo) -> str:  # noqa: N802 (the library's name)
        return ROW.sub("DETAIL: (left out)", super().formatException(ei))
