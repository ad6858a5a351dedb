"""Whoever looks at a page: the zone they see times in, and what every page says of the clinic."""

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from clinicall.people.clinics import clinic_phone
from clinicall.people.reading import zone_of_browser
from clinicall.web.first_visit import knows_us, style

# Who to call instead of us, by the clinic's country.
EMERGENCY_NUMBERS = {"LK": "1990"}
THEMES = ("light", "dark")


class PageRequest(HttpRequest):
    """A request that came through ViewerMiddleware; `zone` is where its viewer is."""

    zone: ZoneInfo


class ViewerMiddleware:
    """Shows times in the viewer's zone: the browser's, else the account's, else the clinic's."""

    def __init__(self, get_response: Callable[[PageRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: PageRequest) -> HttpResponse:
        request.zone = ZoneInfo(zone_of(request))
        with timezone.override(request.zone):
            return self.get_response(request)


def zone_of(request: HttpRequest) -> str:
    """The tz database name of the viewer's zone."""
    if told := zone_of_browser(request):
        return told
    if request.user.is_authenticated and request.user.timezone:
        return request.user.timezone
    return str(settings.CLINIC_TIMEZONE)


def theme_of(request: HttpRequest) -> str:
    """One of THEMES, if it was chosen in this browser; empty where that follows its system."""
    cookie = request.COOKIES.get("theme", "")
    return cookie if cookie in THEMES else ""


def clinic(request: PageRequest) -> dict[str, Any]:
    """What every template may say of the clinic and its viewer."""
    return {
        "clinic_name": settings.CLINIC_NAME,
        # Asked for by the pages that show it, and by no others.
        "clinic_phone": clinic_phone,
        "site_url": settings.SITE_URL,
        # Known to the views that have asked for it; else asked for once more where it is shown.
        "now": None,
        "theme": theme_of(request),
        "style_of_a_first_visit": "" if knows_us(request) else style(),
        "emergency_number": EMERGENCY_NUMBERS.get(settings.COUNTRY),
        # What is refused before anyone looks at its viewer, like a foreign host name, has no zone yet.
        "zone": getattr(request, "zone", None) or ZoneInfo(settings.CLINIC_TIMEZONE),
    }
