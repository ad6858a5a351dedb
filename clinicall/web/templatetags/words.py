"""How pages shorten a name, say a length of time, and show what is sealed."""

from django import template
from django.db.models import Model
from django.utils.translation import gettext as _
from django.utils.translation import ngettext_lazy

from clinicall.records.sealed import readable

register = template.Library()

# By how many minutes they have, the largest first.
UNITS = {
    24 * 60: ngettext_lazy("%(count)d day", "%(count)d days", "count"),
    60: ngettext_lazy("%(count)d hour", "%(count)d hours", "count"),
    1: ngettext_lazy("%(count)d minute", "%(count)d minutes", "count"),
}


@register.filter
def initials(name: str) -> str:
    """Of the first and the last name, without the title: `AS` of `Dr Amara Silva`."""
    words = [word for word in name.split() if word.strip(".").lower() not in ("dr", "prof")]
    return "".join(word[0].upper() for word in [*words[:1], *words[1:][-1:]])


@register.filter
def opened(row: Model, name: str) -> str:
    """A sealed field of this row, or that nobody can read it."""
    text = readable(row, name)
    return _("Cannot be read: tell the clinic’s operator.") if text is None else text


@register.filter
def minutes_in_words(minutes: int) -> str:
    """In the largest unit that measures it: `2 hours`, `90 minutes`, `1 day`."""
    size = next(size for size in UNITS if minutes % size == 0)
    return UNITS[size] % {"count": minutes // size}


@register.filter
def hours_in_words(hours: int) -> str:
    return minutes_in_words(hours * 60)
