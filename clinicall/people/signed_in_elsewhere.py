"""Putting out who is signed in: everywhere, or everywhere but here. Whoever changes how they sign in does the
latter, as there it may have been somebody else."""

from uuid import UUID

from allauth.usersessions.internal.flows.sessions import end_other_sessions
from allauth.usersessions.models import UserSession
from django.http import HttpRequest

from clinicall.people.models import User


def end(request: HttpRequest, user: User, **_: object) -> None:
    """Heard from allauth's word of each such change."""
    end_other_sessions(request, user)


def end_everywhere(user_id: UUID) -> None:
    """Whoever is signed in with this account is put out."""
    for session in UserSession.objects.filter(user=user_id):
        session.end()
