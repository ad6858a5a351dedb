"""Pure: hours as a CSV file (RFC 4180), the way spreadsheet programs write it.

The first line is `date,start,end,minutes`, and each line after it is one window: `2026-11-25,09:00,12:00,15`.
Either comma or semicolon, whichever the first line has; UTF-8, with or without a byte order mark; CRLF or
LF. A line of nothing but separators is blank.
"""

import csv
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, time

from django.utils.translation import gettext as _

from clinicall.core.refusals import Refusal, TooLarge, WrongType
from clinicall.schedule.slotting import LONGEST, SHORTEST, Window

COLUMNS = ("date", "start", "end", "minutes")
LARGEST = 256 << 10  # bytes
MOST_ROWS = 750  # as many windows as the API takes in one call
MOST_FAULTS = 100  # told at once

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
# A byte order mark of UTF-16, and with what zip files (all newer spreadsheets) and older ones begin.
UTF_16 = (b"\xff\xfe", b"\xfe\xff")
SPREADSHEETS = (b"PK", b"\xd0\xcf\x11\xe0")
NO_TEXT = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")

DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
TIME = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]")
MINUTES = re.compile(r"[0-9]{1,3}")


@dataclass(frozen=True, order=True)
class LineFault:
    """One thing wrong in one line, counted from 1; line 0 is the file as a whole.

    `column` is empty where it is not one cell alone. The detail repeats nothing of what was sent.
    """

    line: int
    column: str
    detail: str


class UnusableFile(Refusal):
    """Nothing of the file was saved. `faults` are in the order of the lines, the first hundred of
    `count`."""

    code, status, title = "invalid", 422, "Some of the file cannot be used, so nothing was saved"

    def __init__(self, faults: Iterable[LineFault]) -> None:
        super().__init__()
        found = sorted(faults)
        self.count = len(found)
        self.faults: Sequence[LineFault] = found[:MOST_FAULTS]


@dataclass(frozen=True)
class Row:
    line: int
    window: Window


@dataclass
class Read:
    """What a file says, and which of its lines say nothing that can be understood."""

    rows: list[Row] = field(default_factory=list)
    faults: list[LineFault] = field(default_factory=list)


def write(windows: Iterable[Window]) -> str:
    """A file that `parse` reads back as these windows."""
    lines = [
        ",".join(COLUMNS),
        *(f"{w.date},{w.start:%H:%M},{w.end:%H:%M},{w.minutes}" for w in windows),
    ]
    return "".join(f"{line}\r\n" for line in lines)


def parse(content: bytes) -> Read:
    """Raises TooLarge and WrongType for what is no such file at all."""
    _refuse_what_is_no_text(content)
    read = Read()
    lines = enumerate(content.removeprefix(BYTE_ORDER_MARK).split(b"\n"), start=1)
    filled = ((number, line) for number, line in lines if line.strip(b'\r\t ,;"'))
    line, header = next(filled, (1, b""))
    separator = ";" if b";" in header else ","
    if _cells(header, separator) != list(COLUMNS):
        told = _("The first line must be %(columns)s and nothing else.")
        read.faults.append(LineFault(line, "", told % {"columns": ",".join(COLUMNS)}))
        return read
    for place, (number, text) in enumerate(filled, start=1):
        if place > MOST_ROWS:
            told = _("A file has at most %(most)s lines of hours.") % {"most": MOST_ROWS}
            read.faults.append(LineFault(number, "", told))
            break
        _read_line(read, number, _cells(text, separator))
    read.faults += _clashes(read.rows)
    if not read.rows and not read.faults:
        read.faults.append(LineFault(line, "", _("There are no hours after this line.")))
    return read


def _refuse_what_is_no_text(content: bytes) -> None:
    if len(content) > LARGEST:
        told = _("This file is larger than %(most)s KiB, the most that is read.")
        raise TooLarge(told % {"most": LARGEST >> 10})
    if content.startswith(SPREADSHEETS):
        raise WrongType(
            _("This is a spreadsheet or a zip file. Save the sheet as CSV and send that.")
        )
    if content.startswith(UTF_16):
        raise WrongType(_("This file is in UTF-16. Save it as CSV in UTF-8."))
    if NO_TEXT.search(content):
        raise WrongType(_("This is not a text file. Save the sheet as CSV in UTF-8."))


def _cells(line: bytes, separator: str) -> list[str] | str:
    """The cells of a line, or what keeps it from being read."""
    # Line by line, so that a forgotten quotation mark spoils its own line only.
    try:
        text = line.removesuffix(b"\r").decode()
    except UnicodeDecodeError:
        return _("This line is not in UTF-8.")
    try:
        (cells,) = csv.reader([text], delimiter=separator, strict=True)
    except (csv.Error, ValueError):
        return _("The quotation marks or line ends here do not fit together.")
    return cells


def _read_line(read: Read, line: int, cells: list[str] | str) -> None:
    if isinstance(cells, str):
        read.faults.append(LineFault(line, "", cells))
        return
    if len(cells) != len(COLUMNS):
        told = _("Write %(count)s values, %(columns)s; this line has %(found)s.") % {
            "count": len(COLUMNS),
            "columns": ", ".join(COLUMNS),
            "found": len(cells),
        }
        read.faults.append(LineFault(line, "", told))
        return
    day, start, end = _date(cells[0]), _time(cells[1]), _time(cells[2])
    minutes = int(cells[3]) if MINUTES.fullmatch(cells[3]) else None
    if day is None:
        read.faults.append(
            LineFault(line, "date", _("Write a date of the calendar like 2026-11-25."))
        )
    for column, wall in (("start", start), ("end", end)):
        if wall is None:
            told = _("Write a time from 00:00 to 23:59, like 09:30.")
            read.faults.append(LineFault(line, column, told))
    if minutes is None:
        told = _("Write whole minutes from %(shortest)s to %(longest)s, in digits.") % {
            "shortest": SHORTEST,
            "longest": LONGEST,
        }
        read.faults.append(LineFault(line, "minutes", told))
    if day and start is not None and end is not None and minutes is not None:
        read.rows.append(Row(line, Window(day, start, end, minutes)))


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if DATE.fullmatch(text) else None
    except ValueError:
        return None  # not in the calendar


def _time(text: str) -> time | None:
    return time.fromisoformat(text) if TIME.fullmatch(text) else None


def _clashes(rows: Iterable[Row]) -> Iterable[LineFault]:
    """Lines that say the same, or hours that another line has already."""
    by_date: dict[date, list[Row]] = defaultdict(list)
    for row in rows:
        if row.window.start < row.window.end:  # else that alone is what is wrong
            by_date[row.window.date].append(row)
    for of_a_day in by_date.values():
        ordered = sorted(of_a_day, key=lambda row: (row.window.start, row.line))
        longest = ordered[0]
        for row in ordered[1:]:
            if row.window.start < longest.window.end:
                first, second = sorted((longest.line, row.line))
                if row.window == longest.window:
                    told = _("This line says the same as line %(line)s.")
                else:
                    told = _("These hours overlap those of line %(line)s.")
                yield LineFault(second, "", told % {"line": first})
            if row.window.end > longest.window.end:
                longest = row
