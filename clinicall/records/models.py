import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
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


class Action(models.TextChoices):
    """What somebody did with what we keep about a person."""

    VIEWED = "viewed"
    LISTED = "listed"
    REVEALED = "revealed"  # a number that is masked otherwise
    CHANGED = "changed"
    EXPORTED = "exported"
    ERASED = "erased"


class AuditEntry(models.Model):
    """Who did what with whose record, and when. Only ever added: the database refuses anything else.

    Ids only, so that nobody's record is copied here. A person's own views of their own record are not
    noted.
    """

    at = models.DateTimeField()
    # Null where nobody was signed in: the clock, or a command of the operator.
    actor_id = models.UUIDField(null=True)
    actor_role = models.CharField(max_length=10)
    action = models.CharField(max_length=8, choices=Action)
    what = models.CharField(
        max_length=40
    )  # the page, operation or command, by its name in our code
    # Whose record it is; for a list, everybody's on it.
    subjects = ArrayField(models.UUIDField())
    objects_seen = ArrayField(models.UUIDField(), default=list)  # such as appointments
    request_id = models.CharField(max_length=36, blank=True)

    class Meta:
        indexes = [
            GinIndex(fields=["subjects"], name="audit_of_a_person"),
            models.Index(fields=["at"], name="audit_by_time"),
            models.Index(fields=["actor_id", "at"], name="audit_of_an_actor"),
        ]


class AuditSeal(models.Model):
    """The audit up to here, as one number (records/sealing.py). Only ever added, and each names the one
    before it, so that none can be changed or left out unseen."""

    first_entry = models.BigIntegerField()
    last_entry = models.BigIntegerField(unique=True)
    count = models.PositiveIntegerField()
    digest = models.CharField(max_length=64, unique=True)
    # Of the seal before, and empty for the first; unique, so that the chain has no branches.
    previous = models.CharField(max_length=64, blank=True, unique=True)
    at = models.DateTimeField()
