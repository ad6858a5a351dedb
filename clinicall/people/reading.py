"""Where and in which language somebody reads our pages. What we write to them is in these, so they are kept
at the moments after which we write: signing in, asking for a time, choosing a zone or a language."""

from django.http import HttpRequest
from django.utils.translation import get_language_from_request

from clinicall.core.zones import is_timezone
from clinicall.people.models import User


def remember(user: User, *, timezone: str = "", language: str = "") -> None:
    """Keep what is told and differs. `timezone` is a tz database name, `language` one of LANGUAGES."""
    told = {"timezone": timezone, "language": language}
    new = {name: value for name, value in told.items() if value and getattr(user, name) != value}
    if new:
        User.objects.filter(pk=user.pk).update(**new)


def remember_browser(request: HttpRequest, user: User, **_: object) -> None:
    """As the browser says that sent this; a program may tell neither. Heard from `user_logged_in` too."""
    asks_for_one = "Accept-Language" in request.headers
    language = get_language_from_request(request) if asks_for_one else ""
    remember(user, timezone=zone_of_browser(request), language=language)


def zone_of_browser(request: HttpRequest) -> str:
    """Empty where it says none."""
    told = request.COOKIES.get("timezone", "")
    return told if is_timezone(told) else ""
