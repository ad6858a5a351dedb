"""The light or the dark look, for who wants another than their system's."""

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from clinicall.web.time_zone import A_YEAR, way_back
from clinicall.web.viewer import THEMES

SYSTEM = "system"


# With a token in it, the footer would give every stranger a cookie and make each page different each time.
# The most another site can do here is to turn our colours.
@csrf_exempt
@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """What was pressed in the footer, kept in this browser alone, and back to the page."""
    chosen = request.POST.get("theme", "")
    if chosen not in (SYSTEM, *THEMES):
        raise BadRequest
    answer = HttpResponseRedirect(way_back(request))
    if chosen == SYSTEM:
        answer.delete_cookie("theme", samesite="Lax")
    else:
        answer.set_cookie(
            "theme",
            chosen,
            max_age=A_YEAR,
            samesite="Lax",
            secure=request.is_secure(),
            httponly=True,
        )
    return answer
