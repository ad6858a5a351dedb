from django.db import models


class OutboxMail(models.Model):
    """A mail of the demo: shown on a page instead of sent (EMAIL_URL=outbox:)."""

    to = models.EmailField()
    subject = models.CharField(max_length=998)
    body = models.TextField()
    at = models.DateTimeField()
