"""Statements that PostgreSQL plans once for a connection, and not each time they are asked.

For those that every booking asks, by keys alone: to plan one takes longer than to run it, and whatever the
values, the plan is the same. Where it is not, as in a search, a plan for all values may be a bad one.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any, TypeVar

import psycopg
from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.db.models import Model

ASKED_BEFORE = 5  # times, on the same connection

Facts = Sequence[Any] | Mapping[str, Any]
Row = TypeVar("Row", bound=Model)


def execute(statement: str, facts: Facts) -> int:
    """How many rows it wrote."""
    with _cursor() as cursor:
        cursor.execute(statement, facts)
        rows: int = cursor.rowcount
    return rows


def fetch(statement: str, facts: Facts = ()) -> Any:
    """The first row; None where there is none."""
    with _cursor() as cursor:
        cursor.execute(statement, facts)
        return cursor.fetchone()


def fetch_object(model: type[Row], which: str, facts: Facts) -> Row | None:
    """The first object of this model that `which` picks, a WHERE in which its row is called `it`."""
    row = fetch(f"select {columns_of(model)} from {model._meta.db_table} it {which}", facts)  # noqa: S608, SLF001 (all text of ours; Django documents _meta)
    return made_of(model, row) if row else None


@cache
def columns_of(model: type[Model], row: str = "it") -> str:
    """All its columns of that row, as `made_of` takes them."""
    return ", ".join(f"{row}.{field.column}" for field in _fields(model))


def made_of(model: type[Row], values: Sequence[Any]) -> Row:
    """The object that Django would make of them."""
    return model.from_db(connection.alias, [field.attname for field in _fields(model)], values)


def made_of_each(models: Sequence[type[Model]], values: Sequence[Any]) -> Iterator[Any]:
    """One object of each, from their columns side by side; None where an outer join found no row."""
    for model in models:
        count = len(_fields(model))
        its, values = values[:count], values[count:]
        yield made_of(model, its) if its[0] is not None else None


@cache
def _fields(model: type[Model]) -> Sequence[Any]:
    fields: Sequence[Any] = model._meta.concrete_fields  # noqa: SLF001 (Django documents _meta)
    assert not any(hasattr(field, "from_db_value") for field in fields), "as the driver reads them"
    return fields


def _cursor() -> CursorWrapper:
    """Like `connection.cursor()`, but its parameters travel beside the statement, typed: where PostgreSQL
    cannot tell of which type one is, the statement has to."""
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    # Of no effect on Django's own cursors, which write the parameters into the statement.
    connection.connection.prepare_threshold = ASKED_BEFORE
    return connection.make_cursor(psycopg.Cursor(connection.connection))  # type: ignore[arg-type]
