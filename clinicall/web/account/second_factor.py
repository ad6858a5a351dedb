"""Doctors, staff and admins see nothing before they have a second factor."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from clinicall.people import second_factor

# Their own edge answers there, in JSON; signing in and enrolling by it stay possible.
NOT_PAGES = ("/api/", "/_allauth/", "/webhooks/")
# What one may open on the way to a second factor, beside all of allauth.mfa's own pages.
ON_THE_WAY = {
    "account_logout",
    "account_reauthenticate",
    "reauthenticate_by_code",
    "account_email_verification_sent",
    "time_zone",
}
GOING_TO = "going_to_after_second_factor"


class SecondFactorMiddleware:
    """Leads who lacks a second factor to the page that sets one up, wherever they were going; that
    page's template asks `request.must_enrol` and `request.session.going_to_after_second_factor`."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, _view: object, _args: object, _kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        if request.path_info.startswith(NOT_PAGES) or not request.user.is_authenticated:
            return None
        if not second_factor.is_missing(request.user):
            return None
        request.must_enrol = True  # type: ignore[attr-defined]
        assert request.resolver_match
        name = request.resolver_match.url_name or ""
        if name in ON_THE_WAY or name.startswith("mfa_"):
            return None
        if request.method == "GET":
            request.session[GOING_TO] = request.get_full_path()
        return redirect("mfa_index")
