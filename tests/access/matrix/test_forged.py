"""Another site that lets a browser send something in its owner's name: nothing of it is done."""

import pytest
from django.test.client import ClientHandler

from tests.access.matrix.scene import Scene, mark_of, undone, written_tables
from tests.access.matrix.table import ACTORS, TABLE, Row

# The payer may come from anywhere, with no session; programs and providers bring no cookie.
WITHOUT_COOKIES = ("sandbox/", "_allauth/", "webhooks/")
HARMLESS = ("theme/",)
# Noted about the browser itself.
WRITTEN = {"django_session", "usersessions_usersession"}
ROWS = [
    row
    for row in TABLE
    if "POST" in row.methods.split()
    and not row.path.startswith(WITHOUT_COOKIES + HARMLESS)
    and not (row.path.startswith("api/") and row.door in ("anyone", "nobody"))
]


@pytest.fixture(scope="module")
def scene(scene: Scene) -> Scene:
    """All browsers are as strict as in use."""
    scene.handler = ClientHandler(enforce_csrf_checks=True)
    return scene


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.path} {row.of}".strip())
def test_without_a_token_of_ours_nothing_is_changed(scene: Scene, row: Row) -> None:
    who = next(actor for actor in ACTORS if row.expected(actor) == row.then)
    with undone(), written_tables() as written:
        answer = scene.send(scene.client(who), "POST", row)
    assert mark_of(answer) == "F", f"{who}: {answer.status_code}"
    assert written <= WRITTEN
