"""Django's sessions in the database: for any cookie that a client may make up, and with an end.

A session ends so long after it was last used, and so long after its sign-in, whichever comes first;
the same for cookies and for programs' tokens. On real time: the clinic's clock is not asked.
What was opened in a session, like a socket, knows it by its name, from which nobody can tell its key.
"""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

from allauth.headless.internal import sessionkit
from allauth.headless.tokens.strategies.sessions import SessionTokenStrategy
from django.contrib.sessions.backends import db
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac

from clinicall.core.announce import announce, session_topic
from clinicall.core.prepared import fetch
from clinicall.people.models import Role, User

LIMITS = "limits"
# Every page and every request of a program asks it; in Django's words it takes 0.5 ms, and so 0.1.
READ = "select session_data, expire_date from django_session where session_key = %s and expire_date > %s"
# To note each use would be a write for each read; so a session may end this much early.
NOTED_EVERY = timedelta(minutes=5)
# After the last use, and after the sign-in.
OF_PATIENTS = timedelta(hours=24), timedelta(days=7)
OF_OTHERS = timedelta(hours=2), timedelta(hours=12)


def name_of(key: str) -> str:
    """64 hex digits."""
    return salted_hmac("clinicall.people.sessions", key, algorithm="sha256").hexdigest()


def name_in(request: HttpRequest) -> str:
    """That of the session in which a page is asked for."""
    return name_of(str(request.session.session_key))


def begin(request: HttpRequest, user: User, **_: object) -> None:
    """Gives the session of a sign-in its limits; heard from `user_logged_in`."""
    idle, whole = OF_PATIENTS if user.role == Role.PATIENT else OF_OTHERS
    request.session[LIMITS] = {
        "idle": idle.total_seconds(),
        "until": time.time() + whole.total_seconds(),
    }


class SessionStore(db.SessionStore):
    def load(self) -> dict[str, Any]:
        row = fetch(READ, [self.session_key, timezone.now()])
        if row is None:
            self._session_key = None
            return {}
        data, expire_date = row
        content: dict[str, Any] = self.decode(data)
        if LIMITS in content:
            ends_at = end_if_used_now(content[LIMITS])
            if ends_at - expire_date > NOTED_EVERY:
                used = self.model.objects.filter(pk=self.session_key)
                used.update(expire_date=ends_at)
        return content

    def get_expiry_date(self, **kwargs: Any) -> datetime:
        if limits := self.get(LIMITS):
            return end_if_used_now(limits)
        usual: datetime = super().get_expiry_date(**kwargs)
        return usual

    def delete(self, session_key: str | None = None) -> None:
        """However a session ends before its time, this is called; its sockets hear of it."""
        key = session_key or self.session_key
        super().delete(session_key)
        if key:
            announce(session_topic(name_of(key)), {"event": "ended"})

    def _validate_session_key(self, key: str) -> bool:
        valid: bool = super()._validate_session_key(key)  # type: ignore[misc]
        # A cookie may write any byte as an octal number; PostgreSQL takes no NUL, not even to look for.
        return valid and "\x00" not in key


class TokenStrategy(SessionTokenStrategy):  # type: ignore[misc]
    """allauth's own, which asks whether there is such a session and then for it: here in one look."""

    def lookup_session(self, session_token: str) -> SessionStore | None:
        session: SessionStore | None = sessionkit.lookup_session(session_token)
        return session


def end_if_used_now(limits: dict[str, float]) -> datetime:
    return datetime.fromtimestamp(min(time.time() + limits["idle"], limits["until"]), UTC)
