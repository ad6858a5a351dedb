"""Every address, for everybody, by every method: what the table says, and nothing else.

And what of a patient and of a doctor is told to whom, in every answer to those who get through. Who does
not get through is answered with the same bytes as for what there is not, so nothing can be in them.
"""

import re
from collections.abc import Iterator
from urllib.parse import quote

import pytest

from tests.access.matrix.fields import ALLOWED, TOLD
from tests.access.matrix.scene import CANARIES, LOOKING, Answer, Scene, routes
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
PATHS = sorted({row.path for row in TABLE})
LOOKS = [row for row in TABLE if "GET" in row.methods.split()]
REVEALS = [row for row in TABLE if row.path.endswith(("/nic", "/nic/")) and row not in LOOKS]


def rows_of(path: str) -> list[Row]:
    return [row for row in TABLE if row.path == path]


def questions(path: str) -> Iterator[tuple[Row, str, str]]:
    """All that is asked of one address: by everybody; where a method does as another one does, by
    nobody and by one who gets through."""
    for row in rows_of(path):
        for method in row.methods.split():
            few = "nobody", who_gets_through(row)
            for actor in ACTORS if is_its_own(method, row) else few:
                yield row, method, actor


def is_its_own(method: str, row: Row) -> bool:
    """Not GET's HEAD, not allauth's PUT, which is its POST, and none of those that only the API takes."""
    return method in ("GET", "POST") or (row.is_call and method not in ("HEAD", "OPTIONS"))


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
    first, *_ = rows_of(path)
    for method in methods_beside(path):
        is_closed(scene, first, method, who_gets_through(first))


@pytest.mark.deep
@pytest.mark.parametrize("path", PATHS)
def test_so_it_is_for_everybody_by_every_method(scene: Scene, path: str) -> None:
    first, *_ = rows_of(path)
    for actor in ACTORS:
        for method in methods_beside(path):
            is_closed(scene, first, method, actor)
        for row in rows_of(path):
            for method in row.methods.split():
                mark = scene.ask(actor, method, row).mark
                assert is_as_told(row, method, actor, mark), f"{actor} {method} /{path}: {mark}"


def methods_beside(path: str) -> list[str]:
    """Which no row names."""
    known = {method for row in rows_of(path) for method in row.methods.split()}
    return [method for method in METHODS if method not in known]


def is_closed(scene: Scene, row: Row, method: str, actor: str) -> None:
    answer = scene.ask(actor, method, row)
    doors = {DOORS[row.door][row.column(actor)]} | ({row.expected(actor)} - {row.then})
    allowed = {"M", *(doors - {"+"}), *NOT_OURS.get(row.path.partition("/")[0], ())}
    assert answer.mark in allowed, f"{actor} {method} /{row.path}: {answer.status}"


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


# --- What is told to whom ---


def asked(row: Row) -> str:
    return f"{row.path} {row.of}".strip()


def told(scene: Scene, row: Row, method: str = "GET") -> dict[str, str]:
    """What each actor finds in the answer, by the names of CANARIES, in their order."""
    found = {}
    for actor in ACTORS:
        if row.expected(actor) == "+":
            body = scene.ask(actor, method, row).body.decode()
            if names := in_it(scene, body.replace(scene.path(row), "")):
                found[actor] = " ".join(names)
    return found


def in_it(scene: Scene, body: str) -> list[str]:
    texts = CANARIES | {"token": scene.names["room_token"], "checkout": scene.names["token"]}
    names = [name for name, text in texts.items() if text in body]
    # By itself, or behind a dot as JSON writes it: four such digits may stand in a nonce or an id.
    end = CANARIES["nic"][-4:]
    if re.search(rf"((?<![\w-])|(?<=\\u2022)){end}(?![\w-])", body.replace(CANARIES["nic"], "")):
        names.append("nic_end")
    return names


def by_whom(found: dict[str, str]) -> dict[str, str]:
    """The actors who are told the same together."""
    together: dict[str, list[str]] = {}
    for actor, names in found.items():
        together.setdefault(names, []).append(actor)
    return {" ".join(actors): names for names, actors in together.items()}


@pytest.mark.parametrize("row", LOOKS, ids=asked)
def test_each_answer_tells_what_the_snapshot_says(scene: Scene, row: Row) -> None:
    assert by_whom(told(scene, row)) == TOLD.get(asked(row), {})


@pytest.mark.parametrize("row", REVEALS, ids=asked)
def test_the_whole_nic_is_told_to_the_doctor_who_says_what_for(scene: Scene, row: Row) -> None:
    found = told(scene, row, "POST")
    assert list(found) == ["Osei"]
    assert "nic" in found["Osei"].split()


def test_the_snapshot_is_within_everybodys_rights() -> None:
    too_much = [
        f"{address}: {actor} is told {name}"
        for address, answers in TOLD.items()
        for actors, names in answers.items()
        for actor in actors.split()
        for name in names.split()
        if name not in ALLOWED.get(actor, "").split()
    ]
    assert not too_much, "\n".join(too_much)


def test_the_snapshot_has_no_address_of_before() -> None:
    assert TOLD.keys() <= {asked(row) for row in LOOKS}
