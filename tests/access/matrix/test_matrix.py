"""Every address, for everybody, by every method: what the table says, and nothing else."""

import re
from collections.abc import Iterator
from urllib.parse import quote

import pytest

from tests.access.matrix.scene import LOOKING, Answer, Scene, routes
from tests.access.matrix.table import ACTORS, DOORS, METHODS, TABLE, Row

# What may be written while somebody only looks: who looked, that they are still there, how often.
WRITTEN_BY_LOOKING = {
    "records_auditentry",
    "django_session",
    "usersessions_usersession",
    "core_cache",
}
# allauth looks at a body and at who is signed in before the method, and the back office at no method.
NOT_OURS = {
    "account": {"+", "again"},
    "_allauth": {"-", "R", "N", "+"},
    "admin": {"-", "F", "N", "R", "+"},
}
DIFFERENT_EACH_TIME = (
    r'"requestId": "[^"]*"',
    r'name="csrfmiddlewaretoken" value="[^"]*"',
    r'nonce="[^"]*"',
)
ONE_OF_EACH_ROLE = ["nobody", "Ana", "Osei", "staff", "admin"]
PATHS = sorted({row.path for row in TABLE})


def rows_of(path: str) -> list[Row]:
    return [row for row in TABLE if row.path == path]


def questions(path: str) -> Iterator[tuple[Row, str, str]]:
    """All that is asked of one address: by everybody; for HEAD and OPTIONS, by one of each role."""
    for row in rows_of(path):
        for method in row.methods.split():
            for actor in ONE_OF_EACH_ROLE if method in ("HEAD", "OPTIONS") else ACTORS:
                yield row, method, actor


def is_as_told(row: Row, method: str, actor: str, mark: str) -> bool:
    """A form of allauth's with nothing sensible in it is refused, and that is behind the door."""
    told = row.expected(actor)
    refused = method == "POST" and row.path.startswith(("account/", "admin/login/"))
    return mark == told or (mark == "R" and told == "+" and refused)


@pytest.mark.parametrize("path", PATHS)
def test_everybody_is_answered_as_the_table_says(scene: Scene, path: str) -> None:
    wrong = [
        f"{actor} {method} {row.of}: {answer.status} ({answer.mark}) instead of {row.expected(actor)}"
        for row, method, actor in questions(path)
        if not is_as_told(row, method, actor, (answer := scene.ask(actor, method, row)).mark)
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("path", PATHS)
def test_no_other_method_gets_through(scene: Scene, path: str) -> None:
    first, *others = rows_of(path)
    known = {method for row in (first, *others) for method in row.methods.split()}
    for method in METHODS:
        for actor in ("nobody", who_gets_through(first)) if method not in known else []:
            answer = scene.ask(actor, method, first)
            doors = {DOORS[first.door][first.column(actor)]} - {"+"}
            allowed = {"M", *doors, *NOT_OURS.get(path.partition("/")[0], ())}
            assert answer.mark in allowed, f"{actor} {method} /{path}: {answer.status}"


def who_gets_through(row: Row) -> str:
    """The others come no further by another method than by those of the table."""
    return next((actor for actor in ACTORS if row.expected(actor) == row.then), "admin")


@pytest.mark.parametrize("path", PATHS)
def test_looking_changes_nothing(scene: Scene, path: str) -> None:
    for row, method, actor in questions(path):
        if method in LOOKING:
            written = scene.ask(actor, method, row).written
            assert written <= WRITTEN_BY_LOOKING | row.writes, f"{actor} {method} /{path}"


@pytest.mark.parametrize("path", [path for path in PATHS if "<" in path])
def test_what_is_not_yours_looks_like_what_is_not_there(scene: Scene, path: str) -> None:
    for row, method, actor in questions(path):
        if row.expected(actor) in ("F", "N"):
            of_another = bare(scene, row, scene.ask(actor, method, row))
            of_nobody = bare(scene, row, scene.ask(actor, method, row, named="no"), "no")
            assert of_another == of_nobody, f"{actor} {method} /{path}"


@pytest.mark.parametrize("row", [row for row in TABLE if row.asks_again], ids=lambda row: row.path)
def test_who_has_not_shown_for_long_who_they_are_must_do_so_again(scene: Scene, row: Row) -> None:
    for method in {"GET", "POST"} & set(row.methods.split()):
        assert scene.ask("long_ago", method, row).mark == "again"


def bare(scene: Scene, row: Row, answer: Answer, named: str | None = None) -> tuple[object, ...]:
    """An answer without what is different each time, and without the address that was asked for."""
    path = scene.path(row, named)
    body = answer.body.decode().replace(path, "").replace(quote(path, safe=""), "")
    for pattern in DIFFERENT_EACH_TIME:
        body = re.sub(pattern, "", body)
    headers = {name: answer.headers.get(name) for name in ("Content-Type", "Location", "Allow")}
    return answer.status, headers, body


def test_the_table_knows_every_address_and_no_other() -> None:
    known = {row.path for row in TABLE}
    missing = "\n".join(f'    Row("???", LOOKS, "{path}"),' for path in sorted(routes() - known))
    assert not missing, f"Add to tests/access/matrix/table.py, with the door it has:\n{missing}"
    assert not known - routes(), "There are no such addresses any more"
