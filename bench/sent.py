"""What a request really sends to PostgreSQL, as PostgreSQL has logged it, to be sent again for others."""

import re
import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from uuid import UUID, uuid4

from bench.pgbench import TEXT
from bench.sized import Wanted
from clinicall.core.ids import new_reference

# For the address of a database, whose sessions are then logged whole.
LOGGED = "?options=-c%20log_statement%3Dall%20-c%20log_error_verbosity%3Ddefault"
LINE = re.compile(r"^\d{4}-\d\d-\d\d \S+ \S+ \[\d+\] (\w+):  ", re.MULTILINE)
STATEMENT = re.compile(r"(?:statement|execute [^:]+): (.*)", re.DOTALL)
PARAMETER = re.compile(r"\$(\d+) = (NULL|'(?:[^']|'')*')")
ID = re.compile(r"\b[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}\b")


class Log:
    """Of a server, from here on."""

    def __init__(self, path: Path) -> None:
        self.path, self.start = path, path.stat().st_size

    def statements(self, until: int | None = None) -> list[str]:
        """In their order, with the values that were given to them."""
        _, *parts = LINE.split(self.path.read_bytes()[self.start : until].decode())
        found: list[str] = []
        for kind, text in zip(parts[::2], parts[1::2], strict=True):
            if kind == "LOG" and (statement := STATEMENT.match(text)):
                found.append(statement[1].replace("\n\t", "\n").strip().rstrip(";"))
            elif kind == "DETAIL":
                values = dict(PARAMETER.findall(text))
                found[-1] = re.sub(r"\$(\d+)", lambda at: values[at[1]], found[-1])  # noqa: B023
        return found


class Booking:
    """The statements of a booking, with what is another's in another booking left open.

    An id is new in each if `another`, the statements of one more, has not got it. What is sealed stays as
    it is, as it would be of the same length; so does the session. News goes to a channel of its own, or the
    server would hear of it.
    """

    def __init__(
        self,
        statements: Sequence[str],
        another: Sequence[str],
        *,
        of: Wanted,
        reference: str,
        token: str,
    ) -> None:
        made = _ids(statements) - _ids(another) - {of.patient, of.doctor, UUID(of.session)}
        self.changing: dict[str, Callable[[Wanted], str]] = {
            str(of.patient): lambda wanted: str(wanted.patient),
            str(of.doctor): lambda wanted: str(wanted.doctor),
            str(of.slot): lambda wanted: str(wanted.slot),
            reference: lambda _: new_reference(),
            token: lambda _: secrets.token_urlsafe(32),
            **dict.fromkeys(map(str, made), lambda _: str(uuid4())),
        }
        self.texts: list[str] = []
        slot = re.compile(rf"(?<![\w.:$]){of.slot}(?![\w.])")
        self.statements = [
            slot.sub("%(slot)s", TEXT.sub(self._open, statement.replace("%", "%%")))
            for statement in statements
        ]

    def _open(self, literal: re.Match[str]) -> str:
        escaped, content = literal.groups()
        if content == "clinicall":
            return "'bench'"
        text = content.replace("''", "'").replace("%%", "%")
        text = text.replace("\\\\", "\\") if escaped else text
        if not any(old in text or _bare(old) in text for old in self.changing):
            return literal[0]
        if text not in self.texts:
            self.texts.append(text)
        return f"%(text{self.texts.index(text)})s"

    def askings(self, others: Iterable[Wanted]) -> Iterator[dict[str, object]]:
        for wanted in others:
            texts = self.texts
            for old, new in self.changing.items():
                now = new(wanted)
                texts = [text.replace(old, now).replace(_bare(old), _bare(now)) for text in texts]
            yield {"slot": wanted.slot, **{f"text{n}": text for n, text in enumerate(texts)}}


def _ids(statements: Sequence[str]) -> set[UUID]:
    return {UUID(found) for found in ID.findall(" ".join(statements))}


def _bare(text: str) -> str:
    """An id as psycopg writes it."""
    return text.replace("-", "") if ID.fullmatch(text) else text
