"""Telling a database that is away from one that answers and refuses."""

import psycopg
from django.db import InterfaceError, OperationalError

# PostgreSQL's codes (Appendix A): the connection was lost; the server stops, or starts; too many are there.
AWAY = ("08", "57P", "53300")


def database_is_away(error: BaseException | None) -> bool:
    """Whether it restarts, is stopped or cannot be reached. What was asked may be done all the same."""
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    state = error.__cause__.sqlstate if isinstance(error.__cause__, psycopg.Error) else None
    return state is None or state.startswith(AWAY)
