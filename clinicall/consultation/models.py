from django.db import models
from django.db.models import F, Q

from clinicall.booking.models import Appointment
from clinicall.people.models import User


class Side(models.TextChoices):
    DOCTOR = "doctor"
    PATIENT = "patient"


class Place(models.TextChoices):
    WAITING_ROOM = "waiting"
    ROOM = "room"


class Presence(models.Model):
    """A page of one of the two, from its coming to its going, as our own sockets saw it. Evidence."""

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


class ChannelNotice(models.Model):
    """The video provider's word that one of the two came to the call or left it. A hint, and evidence
    beside our own; never deleted."""

    notice_id = models.CharField(max_length=100)
    kind = models.PositiveSmallIntegerField()  # as the provider counts its kinds of events
    appointment = models.ForeignKey(Appointment, on_delete=models.PROTECT, related_name="notices")
    side = models.CharField(max_length=7, choices=Side)
    sequence = models.BigIntegerField()
    at = models.DateTimeField()
    came = models.BooleanField()
    stayed = models.DurationField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["notice_id", "kind"], name="a_notice_counts_once"),
        ]


class DeviceState(models.TextChoices):
    """How a camera or microphone did in a device check."""

    UNTESTED = "untested"
    OK = "ok"
    DISMISSED = "dismissed"  # the browser's question was closed without an answer
    DENIED = "denied"  # by the browser
    BLOCKED = "blocked"  # by the system
    IN_USE = "in_use"
    MISSING = "missing"
    SILENT = "silent"  # a microphone that gives no sound
    FAILED = "failed"
    UNSUPPORTED = "unsupported"  # an insecure page, or a browser without calls


class SpeakerState(models.TextChoices):
    UNTESTED = "untested"
    HEARD = "heard"
    NOT_HEARD = "not_heard"


class ConnectionState(models.TextChoices):
    UNTESTED = "untested"
    GOOD = "good"
    FAIR = "fair"
    POOR = "poor"
    NONE = "none"  # no call gets through


class DeviceCheck(models.Model):
    """What this person's last device check found."""

    user = models.OneToOneField(
        User, on_delete=models.CASCADE, primary_key=True, related_name="device_check"
    )
    checked_at = models.DateTimeField()
    camera = models.CharField(max_length=11, choices=DeviceState)
    microphone = models.CharField(max_length=11, choices=DeviceState)
    speaker = models.CharField(max_length=9, choices=SpeakerState)
    connection = models.CharField(max_length=8, choices=ConnectionState)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(camera__in=DeviceState.values)
                & Q(microphone__in=DeviceState.values)
                & Q(speaker__in=SpeakerState.values)
                & Q(connection__in=ConnectionState.values),
                name="a_device_check_says_what_is_known",
            ),
        ]
