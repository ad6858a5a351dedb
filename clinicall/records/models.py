import uuid

from django.conf import settings
from django.db import models


class IdempotencyKey(models.Model):
    """A request that must not be done twice: its key, a keyed hash of its body, and what it made.

    Never the answer itself: a replay is answered with the appointment as it is then.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    body_hash = models.CharField(max_length=64)
    made = models.UUIDField(default=uuid.uuid4)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "key"], name="a_key_is_used_once"),
        ]


class KeyFingerprint(models.Model):
    """Which keys this database was written with, so that a server with others refuses to start."""

    name = models.CharField(primary_key=True, max_length=20)
    fingerprint = models.CharField(max_length=64)
