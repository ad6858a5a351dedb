"""The clinic as an application on a phone's start page, and the one page it has without a connection."""

import hashlib
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from clinicall.people.clinics import clinic_phone
from clinicall.web.faults import said_without_a_viewer

STATIC = Path(__file__).parent / "static"
STYLE = "fault.css"
# What a worker fetches is held against the worker's own policy.
WORKERS_POLICY = "default-src 'none'; connect-src 'self'; frame-ancestors 'none'"


@require_safe
@cache_control(no_cache=True)
def manifest(_request: HttpRequest) -> HttpResponse:
    """W3C Web Application Manifest."""
    return JsonResponse(
        {
            "id": "/",
            "name": settings.CLINIC_NAME,
            "short_name": settings.CLINIC_NAME,
            "description": _("See a doctor by video, at a time that suits you."),
            "start_url": reverse("search"),
            "scope": "/",
            "display": "standalone",
            "background_color": "#f6f8f7",
            "theme_color": "#ffffff",
            "icons": [
                icon("icon.svg", "any", "image/svg+xml"),
                icon("icons/app-192.png", "192x192", "image/png"),
                icon("icons/app-512.png", "512x512", "image/png"),
                icon("icons/maskable-512.png", "512x512", "image/png") | {"purpose": "maskable"},
            ],
        },
        content_type="application/manifest+json",
    )


def icon(file: str, sizes: str, kind: str) -> dict[str, str]:
    return {"src": static(file), "sizes": sizes, "type": kind}


@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """The same for everybody, so that a browser may keep it."""
    return render(request, "offline.html", said_offline())


@require_safe
@cache_control(no_cache=True)
def service_worker(request: HttpRequest) -> HttpResponse:
    """Another one whenever the page or its style is another: that is how browsers renew what they keep."""
    kept = render_to_string("offline.html", said_offline()) + (STATIC / STYLE).read_text()
    context = {
        "offline": reverse("offline"),
        "style": static(STYLE),
        "version": hashlib.sha256(kept.encode()).hexdigest()[:16],
    }
    answer = render(request, "service-worker.js", context, content_type="text/javascript")
    answer["Content-Security-Policy"] = WORKERS_POLICY
    return answer


def said_offline() -> dict[str, str | None]:
    return {**said_without_a_viewer(), "clinic_phone": clinic_phone()}
