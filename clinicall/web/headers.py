"""What browsers may do on our pages: nothing that the pages do not need, and no other site's.

Scripts run where our page names them by the nonce of its answer, and so does what these load; the back
office alone, whose pages are Django's, takes any of our own files. No page has inline scripts or
styles. Only the call's page and the
device check may use camera and microphone, and only on the call's, when the clinic uses Agora, do its
hosts come in. Only the forms that ask for a time may lead to the payment company.
"""

import secrets
from collections.abc import Callable
from typing import cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from clinicall import wiring

# Access points, gateways and remote configuration, as Agora's Web SDK asks for them.
AGORA = "https://*.agora.io https://*.sd-rtn.com wss://*.edge.agora.io:* wss://*.edge.sd-rtn.com:*"
NO_PAGE = "default-src 'none'; frame-ancestors 'none'"
# Of a mail, which is styled in itself: shown in a frame of ours where it can run and fetch nothing.
SHEET = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'self'; sandbox allow-top-navigation-by-user-activation"
)
BACK_OFFICE = "/admin/"
NOTHING_ELSE = "geolocation=(), payment=()"
NO_DEVICES = f"camera=(), microphone=(), display-capture=(), {NOTHING_ELSE}"
OWN = "camera=(self), microphone=(self), fullscreen=(self), autoplay=(self)"
DEVICES = f"{OWN}, display-capture=(), {NOTHING_ELSE}"
DEVICES_AND_SCREEN = f"{OWN}, display-capture=(self), {NOTHING_ELSE}"


def content_policy(request: HttpRequest, *, connect: str = "", form_leads_to: str = "") -> str:
    # Older Safari does not count a WebSocket of the same host as 'self'.
    socket = f"{'wss' if request.is_secure() else 'ws'}://{request.get_host()}"
    connections = " ".join(filter(None, ("'self'", socket, connect)))
    forms = " ".join(filter(None, ("'self'", form_leads_to)))
    return (
        f"default-src 'none'; script-src {_scripts(request)}; style-src {_styles(request)};"
        f" font-src 'self'; img-src 'self'; media-src 'self'; connect-src {connections};"
        f" manifest-src 'self'; worker-src 'self'; form-action {forms};"
        " base-uri 'none'; frame-ancestors 'none'"
    )


def _scripts(request: HttpRequest) -> str:
    if request.path_info.startswith(BACK_OFFICE):
        return "'self'"
    return f"{_nonce(request)} 'strict-dynamic'"


def _styles(request: HttpRequest) -> str:
    if request.path_info.startswith(BACK_OFFICE):
        return "'self'"
    # For the sheet that a first visit's page brings along (first_visit.py).
    return f"'self' {_nonce(request)}"


def _nonce(request: HttpRequest) -> str:
    return f"'nonce-{cast('NoncedRequest', request).csp_nonce}'"


class NoncedRequest(HttpRequest):
    """A request that came through HeadersMiddleware. A page's scripts carry `csp_nonce`."""

    csp_nonce: str


class HeadersMiddleware:
    def __init__(self, get_response: Callable[[NoncedRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: NoncedRequest) -> HttpResponse:
        request.csp_nonce = secrets.token_urlsafe(16)
        response = self.get_response(request)
        policy = content_policy(request) if _is_page(response) else NO_PAGE
        response.setdefault("Content-Security-Policy", policy)
        response.setdefault("Permissions-Policy", NO_DEVICES)
        if _is_of_somebody(request) and _may_be_kept(response):
            response["Cache-Control"] = "no-store"
        elif _is_page(response):
            response.setdefault("Cache-Control", "no-cache")
        return response


def _is_of_somebody(request: HttpRequest) -> bool:
    return settings.SESSION_COOKIE_NAME in request.COOKIES


def _is_page(response: HttpResponse) -> bool:
    return response.get("Content-Type", "").startswith("text/html")


def _may_be_kept(response: HttpResponse) -> bool:
    """Files are everybody's; a page has its reader's name in it."""
    said = response.get("Cache-Control", "")
    return "no-store" not in said and (not said or _is_page(response))


def admit_call(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """The same response as a page on which people may call each other."""
    connect = AGORA if settings.AGORA_APP_ID else ""
    response["Content-Security-Policy"] = content_policy(request, connect=connect)
    response["Permissions-Policy"] = DEVICES_AND_SCREEN
    return response


def admit_payment(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """The same response as a page whose form is answered with the way to pay: Chromium holds the policy
    also against where a form's answer leads."""
    policy = content_policy(request, form_leads_to=wiring.payment_pages())
    response["Content-Security-Policy"] = policy
    return response


def admit_frame(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """The same response as a page that has one of ours in a frame."""
    response["Content-Security-Policy"] = f"{content_policy(request)}; frame-src 'self'"
    return response


def admit_devices(response: HttpResponse) -> HttpResponse:
    """The same response as a page that may use camera and microphone."""
    response["Permissions-Policy"] = DEVICES
    return response
