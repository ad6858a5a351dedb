"""Pages for what went wrong before anybody knows who asks, or beyond what the database can answer."""

import sys

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from clinicall.core.away import database_is_away
from clinicall.core.refusals import DatabaseAway, waiting_time
from clinicall.core.requests import id_of
from clinicall.web.viewer import EMERGENCY_NUMBERS


def said_without_a_viewer() -> dict[str, str | None]:
    """What such a page says of the clinic: from the settings alone."""
    return {
        "clinic_name": settings.CLINIC_NAME,
        "emergency_number": EMERGENCY_NUMBERS.get(settings.COUNTRY),
    }


def unreadable(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 (Django calls it so)
    return HttpResponse(render_to_string("400.html", said_without_a_viewer()), status=400)


def fault(request: HttpRequest) -> HttpResponse:
    """A fault of ours, and the log has more under the id that the page shows; or the database is away."""
    if database_is_away(sys.exception()):
        page = render_to_string("503.html", said_without_a_viewer())
        return HttpResponse(page, status=503, headers=waiting_time(DatabaseAway()))
    said = {**said_without_a_viewer(), "reference": id_of(request)}
    return HttpResponse(render_to_string("500.html", said), status=500)
