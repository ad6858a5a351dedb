"""What of a patient and of a doctor is told to whom, in every answer to those who get through.

Who does not get through is answered with the same bytes as for what there is not
(tests/access/matrix/test_matrix.py), so nothing can be in them.
"""

import pytest

from tests.access.matrix.fields import ALLOWED, TOLD
from tests.access.matrix.scene import CANARIES, Scene
from tests.access.matrix.table import ACTORS, TABLE, Row

LOOKS = [row for row in TABLE if "GET" in row.methods.split()]
REVEALS = [row for row in TABLE if row.path.endswith(("/nic", "/nic/")) and row not in LOOKS]


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
    if CANARIES["nic"][-4:] in body.replace(CANARIES["nic"], ""):
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
