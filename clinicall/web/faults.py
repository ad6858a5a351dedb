"""Pages for what went wrong before anybody knows who asks, or beyond what the database can answer."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

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
    """A fault of ours: the log has more under the id that the page shows."""
    said = {**said_without_a_viewer(), "reference": id_of(request)}
    return HttpResponse(render_to_string("500.html", said), status=500)
