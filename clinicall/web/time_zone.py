"""The page where a viewer says which zone to show times in."""

from datetime import UTC, datetime
from itertools import groupby
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from clinicall.core.zones import places
from clinicall.people.reading import remember
from clinicall.web.templatetags.times import instant_date, instant_time, zone_city
from clinicall.web.viewer import PageRequest

A_YEAR = 365 * 24 * 3600
EARLIEST, LAST = datetime(1970, 1, 2, tzinfo=UTC), datetime(9998, 1, 1, tzinfo=UTC)
# The regions of the tz database. Names outside them, like `EST` or `GB`, are kept for old software;
# a browser may report one, but nobody looks for their town under it.
REGIONS = {
    *("Africa", "America", "Antarctica", "Arctic", "Asia"),
    *("Atlantic", "Australia", "Europe", "Indian", "Pacific"),
}


def zone_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """Towns by region, as a select wants them."""
    names = sorted(name for name in places() if name.partition("/")[0] in REGIONS)
    return [
        (region, [(name, name.partition("/")[2].replace("_", " ")) for name in group])
        for region, group in groupby(names, key=lambda name: name.partition("/")[0])
    ] + [(_("World"), [("UTC", "UTC")])]


class TimeZoneForm(forms.Form):
    timezone = forms.ChoiceField(
        choices=zone_choices,
        label=gettext_lazy("Time zone"),
        help_text=gettext_lazy("Choose the town nearest to you that keeps the same time."),
        error_messages={"invalid_choice": gettext_lazy("Choose a town from the list.")},
    )


def way_back(request: HttpRequest) -> str:
    """Where `next` of the form or the address leads, never to another site; else to the search."""
    asked = request.POST.get("next") or request.GET.get("next", "")
    inside = url_has_allowed_host_and_scheme(asked, allowed_hosts=None)
    return asked if inside else resolve_url("search")


@require_http_methods(["GET", "HEAD", "POST"])
def time_zone(request: PageRequest) -> HttpResponse:
    """Choose a zone by hand. From then on the browser's own zone no longer changes it.

    Brought along, `chosen` is the start of the time that somebody chose, `first` that of the first of the
    day that they chose: they are told what becomes of it.
    """
    asked = request.POST if request.method == "POST" else request.GET
    chosen, first = (read_instant(asked.get(name, "")) for name in ("chosen", "first"))
    back = way_back(request)
    context = {"next": back, "chosen": chosen, "first": first}
    if request.method != "POST":
        form = TimeZoneForm(initial={"timezone": request.zone.key})
        return render(request, "time_zone.html", context | {"form": form})
    form = TimeZoneForm(request.POST)
    if not form.is_valid():
        return render(request, "time_zone.html", context | {"form": form}, status=422)
    zone = ZoneInfo(form.cleaned_data["timezone"])
    if request.user.is_authenticated:
        remember(request.user, timezone=zone.key)
    if chosen and zone != request.zone:
        told = _("You chose %(before)s; that is %(after)s.")
        messages.info(request, told % in_both(chosen, request.zone, zone))
    elif first and zone != request.zone:
        told = _("The first time of the day you chose, %(before)s, is %(after)s.")
        messages.info(request, told % in_both(first, request.zone, zone))
    answer = HttpResponseRedirect(back)
    for name, value in {"timezone": zone.key, "timezone_chosen": "1"}.items():
        # Not HttpOnly: site.ts reads both before it decides on the browser's zone.
        answer.set_cookie(name, value, max_age=A_YEAR, samesite="Lax", secure=request.is_secure())
    return answer


def in_both(instant: datetime, before: ZoneInfo, after: ZoneInfo) -> dict[str, str]:
    """`10:15am Colombo time`, and `4:45am London time, on Wednesday 25 November 2026`."""
    with timezone.override(before):
        was = _("%(time)s %(city)s time") % {
            "time": instant_time(instant),
            "city": zone_city(before),
        }
    with timezone.override(after):
        now = _("%(time)s %(city)s time, on %(date)s") % {
            "time": instant_time(instant),
            "city": zone_city(after),
            "date": instant_date(instant),
        }
    return {"before": was, "after": now}


def read_instant(text: str) -> datetime | None:
    """None also for what has no zone, or lies where no calendar leads."""
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        return None
    return instant if instant.tzinfo and EARLIEST < instant < LAST else None
