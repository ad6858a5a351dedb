"""The table of bad input is whole, the tests it names are there, and the few that stand nowhere else."""

import ast
from pathlib import Path

import pytest
from django.test import Client

from clinicall.people.models import Clinic
from tests import cast
from tests.api.conftest import Caller, refusal
from tests.bad_input.table import TABLE
from tests.conftest import four_slots

ROOT = Path(__file__).parents[2]


def test_each_of_the_inputs_has_its_answer() -> None:
    assert sorted(TABLE) == list(range(1, 167))


def test_the_tests_that_the_table_names_are_there() -> None:
    named = {test for tests in TABLE.values() if isinstance(tests, list) for test in tests}
    there = {
        f"{file}::{node.name}"
        for file in {test.partition("::")[0] for test in named}
        for node in ast.walk(ast.parse((ROOT / file).read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef)
    }
    assert named - there == set()


@pytest.mark.parametrize("accepted", ["image/png", "text/html", "nonsense", "*/*;q=0", ""])
def test_what_a_program_accepts_does_not_matter(db: None, accepted: str) -> None:
    assert Caller(Client()).get("/doctors", Accept=accepted).status_code == 200
    for path, answer in (
        ("/appointments", (401, "not_signed_in")),
        ("/doctors?page=0", (422, "invalid")),
        ("/nothing", (404, "not_found")),
    ):
        assert refusal(Caller(Client()).get(path, Accept=accepted)) == answer


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("Dr İpek Işık", "işık"),
        ("Dr Groß", "groß"),
        ("Dr සුනිල් පෙරේරා", "සුනිල්"),
        ("Dr முருகன்", "முருகன்"),
        ("Dr محمد", "محمد"),
        ("Dr Nguyễn", "nguyễn"),
    ],
)
def test_a_name_is_looked_for_in_any_script(clinic: Clinic, name: str, asked: str) -> None:
    four_slots(cast.a_doctor(clinic, name, "Cardiology"))
    for sent in (asked, name):
        found = Client().get("/api/v1/doctors", {"name": sent})
        assert [one["name"] for one in found.json()["items"]] == [name]
    for other in ("\u202e", "\u200b\u200b", "ﬀ", "🩺"):
        assert Client().get("/api/v1/doctors", {"name": other}).status_code == 200
