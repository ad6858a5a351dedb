from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpResponse
from django.test import RequestFactory
from django.utils import timezone

from clinicall.people.models import User
from clinicall.web.viewer import PageRequest, ViewerMiddleware


def zone_seen(user: User | AnonymousUser, cookie: str | None = None) -> str:
    """The zone that a page is written in for this viewer."""
    request = RequestFactory().get("/")
    request.user = user
    if cookie is not None:
        request.COOKIES["timezone"] = cookie
    seen = []

    def page(request: PageRequest) -> HttpResponse:
        seen.append((request.zone.key, timezone.get_current_timezone_name()))
        return HttpResponse()

    ViewerMiddleware(page)(request)  # type: ignore[arg-type]  # it becomes a PageRequest in there
    [(of_request, active)] = seen
    assert of_request == active
    return of_request


def test_the_browsers_zone_comes_first() -> None:
    assert zone_seen(User(timezone="Europe/London"), "Asia/Tokyo") == "Asia/Tokyo"


def test_without_a_browsers_zone_the_accounts_is_used() -> None:
    assert zone_seen(User(timezone="Europe/London")) == "Europe/London"


def test_a_stranger_sees_the_clinics_zone() -> None:
    assert zone_seen(AnonymousUser()) == settings.CLINIC_TIMEZONE
    assert zone_seen(User(timezone="")) == settings.CLINIC_TIMEZONE


def test_a_cookie_that_is_no_place_is_passed_over() -> None:
    for junk in ("", "Mars/Olympus", "localtime", "posix/Asia/Tokyo", "../../etc/passwd", "a\x00b"):
        assert zone_seen(User(timezone="Europe/London"), junk) == "Europe/London"


def test_one_viewers_zone_is_not_left_behind_for_the_next() -> None:
    before = timezone.get_current_timezone_name()
    zone_seen(AnonymousUser(), "Asia/Tokyo")
    assert timezone.get_current_timezone_name() == before
