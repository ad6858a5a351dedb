"""The one clock. SQL reads `clinic_now()` itself; Python asks the database, so that all workers agree."""

from datetime import datetime

from django.db.models import DateTimeField, Func

from clinicall.core.prepared import fetch


def now() -> datetime:
    """The clinic's present instant, in UTC, by the database's clock."""
    (instant,) = fetch("select clinic_now()")
    assert isinstance(instant, datetime)
    return instant


class ClinicNow(Func):
    """The same instant inside a query; asked once for the whole query, so that an index can serve it."""

    template = "(select clinic_now())"
    output_field = DateTimeField()
