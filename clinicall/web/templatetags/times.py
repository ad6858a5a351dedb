"""How pages write instants, zones and money. A builtin of every template."""

from collections.abc import Callable
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from django import template
from django.utils import timezone
from django.utils.formats import date_format, number_format, time_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from clinicall.core import clock
from clinicall.core.money import Money, exponent

register = template.Library()


@register.filter
def instant_date(instant: datetime) -> str:
    """The viewer's date: `Tuesday 24 November 2026`."""
    return date_format(timezone.localtime(instant))


@register.filter
def instant_time(instant: datetime) -> str:
    """The viewer's time of day: `10:15am`, and `midday` and `midnight` in words."""
    return clock_time(timezone.localtime(instant).time())


@register.filter
def clock_time(at: time) -> str:
    """A time of day without a date, such as the start of a doctor's hours: `9:00am`."""
    if at == time(0):
        return _("midnight")
    if at == time(12):
        return _("midday")
    # Django's English has points in them, which are read aloud.
    return time_format(at).replace("a.m.", "am").replace("p.m.", "pm")


@register.filter
def iso(instant: datetime) -> str:
    """For machines: `2026-11-24T04:45:00Z`."""
    return instant.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


@register.filter
def countdown(until: datetime, now: datetime) -> str:
    """What is left until then, never less than nothing: `9:41`."""
    seconds = max(0, int((until - now).total_seconds()))
    return f"{seconds // 60}:{seconds % 60:02}"


SHOWS: dict[str, Callable[[datetime], str]] = {
    "time": instant_time,
    "date": instant_date,
    "datetime": lambda instant: f"{instant_date(instant)}, {instant_time(instant)}",
    "weekday": lambda instant: date_format(timezone.localtime(instant), "l"),
    "day": lambda instant: date_format(timezone.localtime(instant), "j"),
    "month": lambda instant: date_format(timezone.localtime(instant), "YEAR_MONTH_FORMAT"),
}


@register.simple_tag(name="time")
def time_element(instant: datetime, show: str, zone: ZoneInfo | None = None) -> SafeString:
    """A `<time>` in the viewer's zone, which the browser may write anew once it knows a better one.

    With `zone` it is that zone's time, whoever looks. `show` is a key of SHOWS.
    """
    if zone is None:
        return format_html(
            '<time datetime="{}" data-show="{}" class="show-{}">{}</time>',
            iso(instant),
            show,
            show,
            SHOWS[show](instant),
        )
    with timezone.override(zone):
        return format_html(
            '<time datetime="{}" class="show-{}">{}</time>',
            iso(instant),
            show,
            SHOWS[show](instant),
        )


@register.filter
def zone_city(zone: ZoneInfo) -> str:
    """The place a zone is named after: `Colombo`, `Buenos Aires`."""
    return zone.key.rpartition("/")[2].replace("_", " ")


@register.filter
def zone_label(zone: ZoneInfo, instant: datetime | None = None) -> str:
    """A zone with its offset at `instant`, else now: `Colombo time (GMT+5:30)`."""
    offset = (instant or clock.now()).astimezone(zone).utcoffset()
    assert offset is not None
    minutes = int(offset.total_seconds()) // 60
    hours, rest = divmod(abs(minutes), 60)
    ahead = f"{'+' if minutes > 0 else '-'}{hours}" if minutes else ""
    offset_in_words = f"GMT{ahead}{f':{rest:02}' if rest else ''}"
    return _("%(city)s time (%(offset)s)") % {"city": zone_city(zone), "offset": offset_in_words}


@register.filter
def money(price: Money) -> str:
    """In the viewer's figures: `LKR 2,500.00`."""
    digits = exponent(price.currency)
    amount = number_format(price.amount / 10**digits, digits, use_l10n=True, force_grouping=True)
    return f"{price.currency} {amount}"
