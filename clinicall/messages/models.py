from django.db import models
from django.db.models import Q


class OutboxKind(models.TextChoices):
    MAIL = "mail"
    TEXT = "text"


class OutboxMail(models.Model):
    """A mail or a text to the phone of the demo: shown on a page instead of sent (`outbox:`)."""

    kind = models.CharField(
        max_length=4, choices=OutboxKind, default=OutboxKind.MAIL, db_default=OutboxKind.MAIL
    )
    to = models.CharField(max_length=254)  # an address, or a number in E.164
    subject = models.CharField(max_length=998)
    body = models.TextField()
    # The other parts of a mail, as its programs would get them.
    sheet = models.TextField(blank=True, default="", db_default="")
    calendar = models.TextField(blank=True, default="", db_default="")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=OutboxKind.values), name="the_outbox_has_mails_and_texts"
            ),
        ]
