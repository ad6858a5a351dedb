import uuid
from datetime import time
from typing import ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from clinicall.core.folding import folded
from clinicall.core.money import Money


class Clinic(models.Model):
    """A practice: where doctors and staff belong. Patients belong to none."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=120)
    timezone = models.CharField(max_length=64)
    currency = models.CharField(max_length=3)
    phone = models.CharField(max_length=20, blank=True)
    # A patient who cancels at least this many hours before the start gets this share back.
    refund_hours = models.PositiveSmallIntegerField(default=0)
    refund_percent = models.PositiveSmallIntegerField(default=100)
    # Whether its patients are reminded a day and an hour before; and between which times of their day
    # they are left in peace.
    remind_day_before = models.BooleanField(default=True, db_default=True)
    remind_hour_before = models.BooleanField(default=True, db_default=True)
    quiet_from = models.TimeField(default=time(21), db_default=time(21))
    quiet_until = models.TimeField(default=time(8), db_default=time(8))

    def __str__(self) -> str:
        return self.name

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(refund_percent__lte=100), name="a_refund_is_at_most_the_whole"
            ),
        ]


class Role(models.TextChoices):
    PATIENT = "patient"
    DOCTOR = "doctor"
    STAFF = "staff"
    ADMIN = "admin"


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **facts: object) -> "User":
        user = self.model(email=email.lower(), **facts)
        user.set_password(password)
        user.save()
        return user


class User(AbstractBaseUser, PermissionsMixin):
    """An account, known by its e-mail; one role each."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(unique=True)
    first_name = models.CharField(max_length=100, blank=True)
    last_name = models.CharField(max_length=100, blank=True)
    role = models.CharField(max_length=10, choices=Role, default=Role.PATIENT)
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, null=True, blank=True)
    # As they last read our pages; what we write to them is in these.
    timezone = models.CharField(max_length=64, blank=True)
    language = models.CharField(max_length=10, blank=True, default="", db_default="")
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects: ClassVar[UserManager] = UserManager()

    @property
    def is_staff(self) -> bool:
        """Django's word for "may open the back office"."""
        return self.role == Role.ADMIN

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(role__in=Role.values), name="an_account_has_one_of_the_roles"
            ),
            models.CheckConstraint(
                condition=Q(role__in=[Role.DOCTOR, Role.STAFF], clinic__isnull=False)
                | Q(role__in=[Role.PATIENT, Role.ADMIN], clinic=None),
                name="doctors_and_staff_belong_to_a_clinic",
            ),
        ]


class Patient(models.Model):
    """Someone who may book. Doctors and staff have no such row, so the database refuses their bookings."""

    user = models.OneToOneField(User, on_delete=models.PROTECT, primary_key=True)
    # Nobody has shown yet who this is: it only holds a time for whoever reads the code we mailed.
    guest = models.BooleanField(default=False, db_default=False)
    # What they want to be told beside the steps of their visits.
    remind_day_before = models.BooleanField(default=True, db_default=True)
    remind_hour_before = models.BooleanField(default=True, db_default=True)
    texts = models.BooleanField(default=True, db_default=True)


class Specialization(models.Model):
    name = models.CharField(max_length=100, unique=True)

    def __str__(self) -> str:
        return self.name


class DoctorState(models.TextChoices):
    """How far a doctor has come with the clinic; only the active can be found and booked."""

    APPLIED = "applied"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    LEAVING = "leaving"  # their visits to come are being settled
    LEFT = "left"


class FoldedName(models.TextField):  # type: ignore[type-arg]  # generic for types alone
    """The row's `name` as searches compare it, written with every save of the two."""

    def pre_save(self, row: models.Model, add: bool) -> str:  # noqa: ARG002 (Django's)
        value = folded(getattr(row, "name"))  # noqa: B009 (not every model has one)
        setattr(row, self.attname, value)
        return value


class Doctor(models.Model):
    """Someone who sees patients. `timezone` is where the hours are written; the fee is in minor units."""

    user = models.OneToOneField(User, on_delete=models.PROTECT, primary_key=True)
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT)
    name = models.CharField(max_length=120)
    name_folded = FoldedName(editable=False)
    specialization = models.ForeignKey(Specialization, on_delete=models.PROTECT)
    timezone = models.CharField(max_length=64)
    fee_amount = models.PositiveIntegerField()
    languages = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    about = models.TextField(blank=True, max_length=2000)
    # The number under which they may practise; the clinic has to look at it before approving.
    licence = models.CharField(max_length=60, blank=True, default="", db_default="")
    state = models.CharField(
        max_length=9, choices=DoctorState, default=DoctorState.ACTIVE, db_default=DoctorState.ACTIVE
    )
    active = models.GeneratedField(
        expression=models.ExpressionWrapper(
            Q(state=DoctorState.ACTIVE), output_field=models.BooleanField()
        ),
        output_field=models.BooleanField(),
        db_persist=True,
    )

    def __str__(self) -> str:
        return self.name

    @property
    def fee(self) -> Money:
        return Money(self.fee_amount, self.clinic.currency)

    class Meta:
        indexes = [
            # Serves a search for any part of a name that has three letters or more.
            GinIndex(fields=["name_folded"], opclasses=["gin_trgm_ops"], name="doctors_by_name"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=DoctorState.values), name="a_doctor_has_one_of_the_states"
            ),
            # Unique in any case. What refers to all three follows their changes (schedule.FirstOpening).
            models.UniqueConstraint(
                fields=["user", "specialization", "active"], name="a_doctor_as_they_are_searched"
            ),
        ]


class CalendarFeed(models.Model):
    """Where a doctor's calendar program reads their visits. Its token is the whole of the right to, and only
    a hash of it is kept."""

    doctor = models.OneToOneField(Doctor, on_delete=models.PROTECT, primary_key=True)
    token_hash = models.CharField(max_length=64, unique=True)
    shows_initials = models.BooleanField(default=True)  # of the patients
    made_at = models.DateTimeField()
