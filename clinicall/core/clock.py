"""The one clock. SQL reads `clinic_now()` itself; Python asks the database, so that all workers agree."""

from datetime import datetime

from django.db import connection
from django.db.models import DateTimeField, Func


def now() -> datetime:
    """The clinic's present instant, in UTC, by the database's clock."""
    with connection.cursor() as cursor:
        cursor.execute("select clinic_now()")
        (instant,) = cursor.fetchone()
    assert isinstance(instant, datetime)
    return instant


class ClinicNow(Func):
    """The same instant inside a query; asked once for the whole query, so that an index can serve it."""

    template = "(select clinic_now())"
    output_field = DateTimeField()
