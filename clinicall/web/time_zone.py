"""The page where a viewer says which zone to show times in."""

from itertools import groupby

from django import forms
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods

from clinicall.core.zones import places
from clinicall.web.viewer import PageRequest

A_YEAR = 365 * 24 * 3600
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
    ] + [("World", [("UTC", "UTC")])]


class TimeZoneForm(forms.Form):
    timezone = forms.ChoiceField(
        choices=zone_choices,
        label="Time zone",
        help_text="Choose the town nearest to you that keeps the same time.",
        error_messages={"invalid_choice": "Choose a town from the list"},
    )


@require_http_methods(["GET", "HEAD", "POST"])
def time_zone(request: PageRequest) -> HttpResponse:
    """Choose a zone by hand. From then on the browser's own zone no longer changes it."""
    back = request.POST.get("next") or request.GET.get("next", "")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts=None):
        back = resolve_url("search")
    if request.method != "POST":
        form = TimeZoneForm(initial={"timezone": request.zone.key})
        return render(request, "time_zone.html", {"form": form, "next": back})
    form = TimeZoneForm(request.POST)
    if not form.is_valid():
        return render(request, "time_zone.html", {"form": form, "next": back}, status=422)
    answer = HttpResponseRedirect(back)
    for name, value in {"timezone": form.cleaned_data["timezone"], "timezone_chosen": "1"}.items():
        # Not HttpOnly: site.ts reads both before it decides on the browser's zone.
        answer.set_cookie(name, value, max_age=A_YEAR, samesite="Lax", secure=request.is_secure())
    return answer
