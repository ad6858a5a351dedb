"""Where a person is signed in, and signing out there."""

from allauth.usersessions.internal.flows.sessions import end_sessions
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from clinicall.web.signed_in import SignedInRequest, signed_in


@require_POST
@signed_in
def end_session(request: SignedInRequest, session_id: int) -> HttpResponse:
    session = get_object_or_404(UserSession, pk=session_id, user=request.user)
    end_sessions(request, [session])
    messages.success(request, _("That device is signed out."))
    return redirect("usersessions_list")
