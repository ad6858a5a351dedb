"""How pages shorten a name, say a length of time, and show what is sealed."""

from django import template
from django.db.models import Model

from clinicall.records.sealed import readable

register = template.Library()

MINUTES = {"day": 24 * 60, "hour": 60, "minute": 1}


@register.filter
def initials(name: str) -> str:
    """Of the first and the last name, without the title: `AS` of `Dr Amara Silva`."""
    words = [word for word in name.split() if word.strip(".").lower() not in ("dr", "prof")]
    return "".join(word[0].upper() for word in [*words[:1], *words[1:][-1:]])


@register.filter
def opened(row: Model, name: str) -> str:
    """A sealed field of this row, or that nobody can read it."""
    text = readable(row, name)
    return "Cannot be read: tell the clinic’s operator." if text is None else text


@register.filter
def minutes_in_words(minutes: int) -> str:
    """In the largest unit that measures it: `2 hours`, `90 minutes`, `1 day`."""
    unit = next(unit for unit, size in MINUTES.items() if minutes % size == 0)
    count = minutes // MINUTES[unit]
    return f"{count} {unit}" if count == 1 else f"{count} {unit}s"


@register.filter
def hours_in_words(hours: int) -> str:
    return minutes_in_words(hours * 60)
