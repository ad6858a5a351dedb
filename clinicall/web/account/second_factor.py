"""Doctors, staff and admins see nothing before they have a second factor; nor do their programs."""

from collections.abc import Callable
from typing import Any

from allauth.headless.internal.sessionkit import authenticate_by_x_session_token
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect

from clinicall.core.refusals import PROBLEM, SecondFactorRequired, problem_document
from clinicall.core.requests import id_of
from clinicall.people import second_factor

# Their own edge answers there, in JSON.
NOT_PAGES = ("/api/", "/webhooks/")
# What one may open on the way to a second factor, beside all of allauth.mfa's own pages.
ON_THE_WAY = {
    "account_logout",
    "account_reauthenticate",
    "reauthenticate_by_code",
    "account_email_verification_sent",
    "time_zone",
    "theme",
}
# The same for programs: signing in and out, proving an address, enrolling.
PROGRAMS_ON_THE_WAY = {
    "config",
    "current_session",
    "login",
    "signup",
    "request_login_code",
    "resend_login_code",
    "confirm_login_code",
    "reauthenticate",
    "verify_email",
    "resend_email_verification_code",
    "authenticate",
    "authenticate_webauthn",
    "reauthenticate_webauthn",
    "login_webauthn",
    "authenticators",
    "app_by_program",
    "passkeys_by_program",
    "manage_recovery_codes",
}
GOING_TO = "going_to_after_second_factor"


class SecondFactorMiddleware:
    """Leads who lacks a second factor to the page that sets one up, wherever they were going; that
    page's template asks `request.must_enrol` and `request.session.going_to_after_second_factor`.
    Programs are refused with 403 `second_factor_required`."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, _view: object, _args: object, _kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        if request.path_info.startswith("/_allauth/"):
            return _refuse_program(request)
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


def _refuse_program(request: HttpRequest) -> HttpResponse | None:
    assert request.resolver_match
    if request.resolver_match.url_name in PROGRAMS_ON_THE_WAY:
        return None
    signed_in = authenticate_by_x_session_token(request.headers.get("X-Session-Token", ""))
    if signed_in is None or not second_factor.is_missing(signed_in[0]):
        return None
    content = problem_document(SecondFactorRequired(), request_id=id_of(request))
    return JsonResponse(content, status=SecondFactorRequired.status, content_type=PROBLEM)
