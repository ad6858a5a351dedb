"""The least that PostgreSQL could do: the same statements by its own pgbench, prepared, from 8 clients.

What differs from one asking to the next is read from a side table, several askings at once, so that this
weighs little. The first second is left out: in it each client prepares its statements.
"""

import re
import statistics
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from psycopg import sql

from bench.cluster import Cluster
from clinicall.server.postgres import NAME, PORT

CLIENTS, UNTIL_PREPARED = 8, 1  # seconds
TEXT = re.compile(r"(\b[eE])?'((?:[^']|'')*)'")
PER_SECOND = re.compile(r"progress: [\d.]+ s, ([\d.]+) tps")


@dataclass(frozen=True)
class Script:
    """Statements with variables, `at_once` times over for each row of a side table."""

    name: str
    path: Path
    at_once: int
    cluster: Cluster
    before: str

    def rate(self, seconds: int) -> float:
        """How often per second all of its statements were done. Raises SystemExit when one failed, also
        for want of rows in the side table."""
        if self.before:
            with self.cluster.connect() as connection:
                connection.execute(self.before.encode())
        told = subprocess.run(
            [
                self.cluster.embedded.programs.folder / "pgbench",
                *("-h", self.cluster.embedded.sockets, "-p", PORT, "-U", NAME, "-n"),
                *("-M", "prepared", "-c", str(CLIENTS), "-j", "2", "-P", "1"),
                *("-T", str(seconds + UNTIL_PREPARED), "-f", self.path, NAME),
            ],
            check=False,
            capture_output=True,
            text=True,
        )
        if told.returncode:
            raise SystemExit(f"pgbench failed at {self.name}: {told.stderr[-2000:]}")
        rates = [float(rate) for rate in PER_SECOND.findall(told.stderr)]
        return statistics.mean(rates[UNTIL_PREPARED:]) * self.at_once


def script(
    cluster: Cluster,
    name: str,
    statements: Sequence[str],
    askings: Iterable[Mapping[str, object]],
    *,
    at_once: int,
    again: bool,
    before: str = "",
) -> Script:
    """Of statements as Python gives them to psycopg, with `%(name)s` for a fact. `again`: after the last
    of the askings comes the first. `before` is a statement for the beginning of each round."""
    facts = list(askings)
    rows = [facts[n : n + at_once] for n in range(0, len(facts) - at_once + 1, at_once)]
    names = [f"{fact}_{n}" for n in range(at_once) for fact in facts[0]]
    side, order = (sql.Identifier(f"bench_{name}{kind}") for kind in ("", "_order"))
    columns = sql.SQL(", ").join(sql.Identifier(column) + sql.SQL(" text") for column in names)
    with cluster.connect() as connection, connection.cursor() as cursor:
        cursor.execute(sql.SQL("create table {} (id bigint primary key, {})").format(side, columns))
        with cursor.copy(sql.SQL("copy {} from stdin").format(side)) as copy:
            for number, row in enumerate(rows, 1):
                copy.write_row([number, *(_text(fact) for one in row for fact in one.values())])
        cycle = sql.SQL(f"maxvalue {len(rows)} cycle" if again else "")
        cursor.execute(sql.SQL("create sequence {} {}").format(order, cycle))
        cursor.execute(sql.SQL("analyze {}").format(side))
    lines = [
        f"select {', '.join(names)} from bench_{name}"
        f" where id = (select nextval('bench_{name}_order')) \\gset"
    ]
    for n in range(at_once):
        # A variable has no type; psycopg gives one to numbers alone.
        variables = {
            name: f":{name}_{n}{'::bigint' if isinstance(fact, int) else ''}"
            for name, fact in facts[0].items()
        }
        lines += [f"{TEXT.sub(_without_colons, one) % variables};" for one in statements]
    path = cluster.folder / f"{name}.sql"
    path.write_text("\n".join(lines))
    return Script(name, path, at_once, cluster, before)


def _without_colons(text: re.Match[str]) -> str:
    """The same text; pgbench would take what follows a colon for a variable."""
    escaped, content = text.groups()
    if ":" not in content:
        return text[0]
    content = content if escaped else content.replace("\\", "\\\\")
    return "E'" + content.replace(":", "\\x3a") + "'"


def _text(fact: object) -> str:
    """As PostgreSQL reads it."""
    if isinstance(fact, list):
        return "{" + ",".join(f'"{one}"' for one in fact) + "}"
    return str(fact)
