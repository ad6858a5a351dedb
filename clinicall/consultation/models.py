from django.db import models
from django.db.models import F, Q

from clinicall.booking.models import Appointment


class Side(models.TextChoices):
    DOCTOR = "doctor"
    PATIENT = "patient"


class Place(models.TextChoices):
    WAITING_ROOM = "waiting"
    ROOM = "room"
    CHANNEL = "channel"  # as the video provider tells it


class Presence(models.Model):
    """One of the two came and went: what is known of it, whoever told us. Evidence; only ever added to."""

    appointment = models.ForeignKey(Appointment, on_delete=models.PROTECT, related_name="presence")
    side = models.CharField(max_length=7, choices=Side)
    place = models.CharField(max_length=7, choices=Place)
    since = models.DateTimeField()
    # Last seen there, and after that gone or, without a farewell, cut off.
    until = models.DateTimeField()
    gone = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["appointment", "side"], name="presence_at_a_visit")]
        constraints = [
            models.CheckConstraint(
                condition=Q(until__gte=F("since")), name="nobody_leaves_before_they_came"
            ),
            models.CheckConstraint(condition=Q(side__in=Side.values), name="two_people_meet"),
            models.CheckConstraint(
                condition=Q(place__in=Place.values), name="presence_is_in_a_known_place"
            ),
        ]
