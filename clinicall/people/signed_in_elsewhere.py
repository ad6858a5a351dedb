"""Whoever changes how they sign in signs out everywhere else: there it may have been somebody else."""

from allauth.usersessions.internal.flows.sessions import end_other_sessions
from django.http import HttpRequest

from clinicall.people.models import User


def end(request: HttpRequest, user: User, **_: object) -> None:
    """Heard from allauth's word of each such change."""
    end_other_sessions(request, user)
