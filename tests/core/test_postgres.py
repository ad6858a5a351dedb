"""Before a request's first statement, a connection whose server has ended is replaced; no other is asked."""

import pytest
from django.db import connection
from django.db.backends.postgresql.base import DatabaseWrapper

pytestmark = pytest.mark.django_db(transaction=True)


def backend() -> int:
    with connection.cursor() as cursor:
        cursor.execute("select pg_backend_pid()")
        (pid,) = cursor.fetchone()
    assert isinstance(pid, int)
    return pid


def a_request_begins() -> None:
    connection.close_if_unusable_or_obsolete()
    assert connection.health_check_enabled  # type: ignore[attr-defined]  # the stubs do not know it


def somebody(statement: str, *values: int) -> None:
    """From a connection of their own."""
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute(statement, values)
    other.close()


def test_a_connection_that_was_cut_is_replaced() -> None:
    cut = backend()
    somebody("select pg_terminate_backend(%s, 5000)", cut)
    a_request_begins()
    assert backend() != cut


def test_one_that_stands_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    standing = backend()

    def is_usable(_self: DatabaseWrapper) -> bool:
        raise AssertionError("it was asked")

    monkeypatch.setattr(DatabaseWrapper, "is_usable", is_usable)
    a_request_begins()
    assert backend() == standing


def test_one_that_was_told_something_unasked_stands_too() -> None:
    standing = backend()
    with connection.cursor() as cursor:
        cursor.execute("listen news")
    somebody("notify news")
    a_request_begins()
    assert backend() == standing
