"""docs/data.md says of every column what it is and when it goes."""

from pathlib import Path

from django.apps import apps

DOCUMENT = Path(__file__).parents[2] / "docs" / "data.md"
CLASSES = {"open", "clinic", "trace", "personal", "health", "secret", "money"}


def rows() -> list[tuple[str, list[str], str]]:
    lines = [line for line in DOCUMENT.read_text().splitlines() if line.startswith("| ")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [(table, columns.split(), kind) for table, columns, kind, _ in cells[1:]]


def columns() -> set[tuple[str, str]]:
    return {
        (model._meta.label, field.column or field.name)
        for model in apps.get_models(include_auto_created=True)
        for field in [*model._meta.concrete_fields, *model._meta.many_to_many]
    }


def classified() -> list[tuple[str, str]]:
    known = columns()
    named = []
    for table, names, _ in rows():
        of_table = [column for label, column in known if label == table]
        named += [(table, name) for name in (of_table if names == ["*"] else names)]
    return named


def test_every_column_has_one_class() -> None:
    named = classified()
    assert sorted(columns() - set(named)) == []
    assert len(named) == len(set(named))
    assert {kind for _, _, kind in rows()} <= CLASSES


def test_nothing_is_classified_that_is_not_there() -> None:
    assert sorted(set(classified()) - columns()) == []
    assert {table for table, _, _ in rows()} == {label for label, _ in columns()}


def test_what_is_sealed_is_what_would_harm() -> None:
    sealed = {name for _, name in columns() if name.endswith("_sealed")}
    classes = {name: kind for _, names, kind in rows() for name in names}
    assert {classes[name] for name in sealed} <= {"personal", "health", "secret"}
    assert {name for name, kind in classes.items() if kind == "health"} <= sealed
