"""Statements that PostgreSQL plans once for a connection, and not each time they are asked.

For those that every booking asks, by keys alone: to plan one takes longer than to run it, and whatever the
values, the plan is the same. Where it is not, as in a search, a plan for all values may be a bad one.
"""

import psycopg
from django.db import connection
from django.db.backends.utils import CursorWrapper

ASKED_BEFORE = 5  # times, on the same connection


def prepared_cursor() -> CursorWrapper:
    """Like `connection.cursor()`, but its parameters travel beside the statement, typed: where PostgreSQL
    cannot tell of which type one is, the statement has to."""
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    # Of no effect on Django's own cursors, which write the parameters into the statement.
    connection.connection.prepare_threshold = ASKED_BEFORE
    return connection.make_cursor(psycopg.Cursor(connection.connection))  # type: ignore[arg-type]
