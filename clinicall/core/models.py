from django.db import models


class Tally(models.Model):
    """How often somebody did what is limited, in the window that ends at `until` (core/limits.py)."""

    # A keyed hash of the limit and of who it counts: no address or account can be read from it.
    key = models.CharField(primary_key=True, max_length=32)
    used = models.IntegerField()
    until = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["until"], name="tallies_by_their_end")]
