"""Time zones by their tz database names."""

from functools import cache
from zoneinfo import available_timezones

# Names that `zoneinfo` can open but that are not places: they change with the machine, or are links
# kept for other software.
NOT_PLACES = ("localtime", "Factory", "posix/", "posixrules", "right/")


@cache
def places() -> frozenset[str]:
    """Every zone of the tz database that a clinic or a patient can be in."""
    # Kept, because zoneinfo opens some six hundred files each time it is asked.
    return frozenset(name for name in available_timezones() if not name.startswith(NOT_PLACES))


def is_timezone(name: str) -> bool:
    """Whether `name` is one of `places()`."""
    return name in places()
