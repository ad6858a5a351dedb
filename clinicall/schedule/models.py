from datetime import timedelta

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q

from clinicall.people.models import Doctor, Specialization
from clinicall.schedule.slotting import LONGEST, SHORTEST


class TsTzRange(Func):
    function = "tstzrange"
    output_field = DateTimeRangeField()


class OnSomeDay(Func):
    """A time of day as a timestamp, for PostgreSQL has ranges of those only."""

    template = "(date '2001-01-01' + %(expressions)s)"
    output_field = models.DateTimeField()


class TsRange(Func):
    function = "tsrange"
    output_field = DateTimeRangeField()


class Availability(models.Model):
    """One doctor, one date, a window and a slot length: what was written, and the instants it means.

    `timezone` is the zone it was written in; moving the doctor to another never moves `starts_at`.
    """

    doctor = models.ForeignKey(Doctor, on_delete=models.PROTECT)
    date = models.DateField()
    timezone = models.CharField(max_length=64)
    start_time = models.TimeField()
    end_time = models.TimeField()
    duration_minutes = models.PositiveSmallIntegerField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    @property
    def leftover(self) -> timedelta:
        """What is too short at the end for one more slot."""
        return (self.ends_at - self.starts_at) % timedelta(minutes=self.duration_minutes)

    class Meta:
        indexes = [models.Index(fields=["doctor", "date"], name="hours_of_a_date")]
        constraints = [
            ExclusionConstraint(
                name="a_doctors_hours_do_not_overlap",
                expressions=[
                    ("doctor", RangeOperators.EQUAL),
                    (TsTzRange("starts_at", "ends_at"), RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="hours_end_after_they_start"
            ),
            models.CheckConstraint(
                condition=Q(duration_minutes__range=(SHORTEST, LONGEST)),
                name="a_slot_is_5_to_720_minutes",
            ),
        ]


class Slot(models.Model):
    """One bookable interval of one doctor, `[starts_at, ends_at)` in UTC: made, withdrawn, never edited."""

    doctor = models.ForeignKey(Doctor, on_delete=models.PROTECT)
    availability = models.ForeignKey(Availability, on_delete=models.PROTECT, related_name="slots")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["doctor", "starts_at"], name="a_doctor_has_one_slot_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="a_slot_ends_after_it_starts"
            ),
        ]


class FirstOpening(models.Model):
    """Before `not_before`, the doctor has no open slot (first_openings.py); null while there is none.

    What doctors are searched by stands beside the bound, so that one index serves both. It is the doctor's
    own: the migration adds a foreign key to these columns of theirs, which follows each change.
    """

    doctor = models.OneToOneField(Doctor, on_delete=models.PROTECT, primary_key=True)
    specialization = models.ForeignKey(
        Specialization, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False
    )
    active = models.BooleanField()
    not_before = models.DateTimeField(null=True)

    class Meta:
        # With the doctor, for at nine in the morning thousands begin: a search stops amid them.
        indexes = [
            models.Index(
                fields=["not_before", "doctor"],
                condition=Q(active=True, not_before__isnull=False),
                name="doctors_by_opening",
            ),
            models.Index(
                fields=["specialization", "not_before", "doctor"],
                condition=Q(active=True, not_before__isnull=False),
                name="specialists_by_opening",
            ),
        ]


class UsualHours(models.Model):
    """Hours of a doctor's usual week, in wall times: a template, of which nobody is offered anything."""

    doctor = models.ForeignKey(Doctor, on_delete=models.PROTECT)
    weekday = models.PositiveSmallIntegerField()  # 0 is Monday
    start_time = models.TimeField()
    end_time = models.TimeField()
    duration_minutes = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="hours_of_a_usual_day_do_not_overlap",
                expressions=[
                    ("doctor", RangeOperators.EQUAL),
                    ("weekday", RangeOperators.EQUAL),
                    (
                        TsRange(OnSomeDay("start_time"), OnSomeDay("end_time")),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
            models.CheckConstraint(condition=Q(weekday__range=(0, 6)), name="a_week_has_7_days"),
            models.CheckConstraint(
                condition=Q(end_time__gt=F("start_time")), name="usual_hours_end_after_they_start"
            ),
            models.CheckConstraint(
                condition=Q(duration_minutes__range=(SHORTEST, LONGEST)),
                name="a_usual_slot_is_5_to_720_minutes",
            ),
        ]
