"""The way into the call, for the doctor and the patient of one appointment."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from clinicall.consultation import attending
from clinicall.core import clock
from clinicall.web.headers import admit_call
from clinicall.web.patient.appointments import shown_to
from clinicall.web.signed_in import SignedInRequest, signed_in
from clinicall.web.standing import Standing


@require_safe
@signed_in
def room(request: SignedInRequest, appointment_id: UUID) -> HttpResponse:
    """The room while its door is open; before and after, a page that says when or why not."""
    found = get_object_or_404(shown_to(request.user), pk=appointment_id)
    standing = Standing(found, request.user, clock.now())
    if standing.may_join:
        context = {"a": standing, "ticket": attending.ticket_for(found, request.user)}
        return admit_call(request, render(request, "patient/room.html", context))
    return render(request, "patient/no_room.html", {"a": standing})
