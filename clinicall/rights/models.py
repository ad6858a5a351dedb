from django.db import models


class Erasure(models.Model):
    """Somebody had their account erased. Kept for good, so that a restored backup can be made to forget
    them again; finished when everything of theirs is gone."""

    person_id = models.UUIDField(primary_key=True)
    begun_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
