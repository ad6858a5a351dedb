"""Django's sessions in the database, for any cookie that a client may make up."""

from django.contrib.sessions.backends import db


class SessionStore(db.SessionStore):
    def _validate_session_key(self, key: str) -> bool:
        valid: bool = super()._validate_session_key(key)  # type: ignore[misc]
        # A cookie may write any byte as an octal number; PostgreSQL takes no NUL, not even to look for.
        return valid and "\x00" not in key
