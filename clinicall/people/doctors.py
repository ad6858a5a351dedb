"""How far a doctor has come with the clinic: from an application or an invitation to the day they leave."""

from dataclasses import dataclass, field
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from clinicall.core.refusals import Refusal
from clinicall.people.closing import close_account
from clinicall.people.inviting import invite
from clinicall.people.models import Clinic, Doctor, DoctorState, Role, Specialization, User
from clinicall.records.audit import note
from clinicall.records.models import Action


class MovedOn(Refusal):
    """Somebody else has taken a step with this doctor meanwhile."""

    code, title = "not_possible_now", _("This doctor’s state has changed meanwhile")


def overseen_by(user: User) -> QuerySet[Doctor]:
    """The doctors whom this account may admit, edit and let go: staff their clinic's, an admin all."""
    doctors = Doctor.objects.select_related("user", "clinic", "specialization")
    if user.role == Role.ADMIN:
        return doctors
    if user.role == Role.STAFF:
        return doctors.filter(clinic=user.clinic_id)
    return doctors.none()


@dataclass(frozen=True)
class Profile:
    """What is said of a doctor. A new fee is for who books from then on."""

    name: str
    specialization: Specialization
    fee_amount: int  # minor units of the clinic's currency
    languages: list[str] = field(default_factory=list)
    about: str = ""
    licence: str = ""


def specialization_named(name: str) -> Specialization:
    """The one of this name, however it is capitalised, or a new one."""
    known = Specialization.objects.filter(name__iexact=name).first()
    # Two may name it at once; the unique name lets one of them make it.
    return known or Specialization.objects.get_or_create(name=name)[0]


@transaction.atomic
def invite_doctor(
    email: str, profile: Profile, clinic: Clinic, timezone: str, *, by: User | None
) -> Doctor:
    """A doctor whom the clinic knows: can be booked as soon as they publish hours. Raises AlreadyHere."""
    doctor = _make(email, profile, clinic, timezone, DoctorState.ACTIVE)
    note(Action.CHANGED, "invite_doctor", by=by, of=[doctor.pk])
    return doctor


@transaction.atomic
def apply(email: str, profile: Profile, clinic: Clinic, timezone: str) -> Doctor:
    """A doctor whom the clinic has to look at first; the e-mail must be proven to be theirs.

    Raises AlreadyHere.
    """
    doctor = _make(email, profile, clinic, timezone, DoctorState.APPLIED)
    note(Action.CHANGED, "apply", by=doctor.user, of=[doctor.pk])
    return doctor


def _make(
    email: str, profile: Profile, clinic: Clinic, timezone: str, state: DoctorState
) -> Doctor:
    user = invite(email, Role.DOCTOR, clinic)
    return Doctor.objects.create(
        user=user, clinic=clinic, timezone=timezone, state=state, **vars(profile)
    )


@transaction.atomic
def edit(doctor_id: UUID, profile: Profile, *, by: User) -> None:
    changed = vars(profile)
    Doctor(pk=doctor_id, **changed).save(update_fields=[*changed, "name_folded"])
    note(Action.CHANGED, "edit_doctor", by=by, of=[doctor_id])


@transaction.atomic
def approve(doctor_id: UUID, *, by: User) -> None:
    """Raises MovedOn unless they have applied and nobody has decided."""
    take(doctor_id, DoctorState.ACTIVE, [DoctorState.APPLIED])
    note(Action.CHANGED, "approve_doctor", by=by, of=[doctor_id])


@transaction.atomic
def decline(doctor_id: UUID, *, by: User) -> None:
    """The account is closed with it. Raises MovedOn as above."""
    take(doctor_id, DoctorState.LEFT, [DoctorState.APPLIED])
    close_account(doctor_id)
    note(Action.CHANGED, "decline_doctor", by=by, of=[doctor_id])


@transaction.atomic
def suspend(doctor_id: UUID, *, by: User) -> None:
    """Nobody finds or books them any more; visits that stand take place. Raises MovedOn."""
    take(doctor_id, DoctorState.SUSPENDED, [DoctorState.ACTIVE])
    note(Action.CHANGED, "suspend_doctor", by=by, of=[doctor_id])


@transaction.atomic
def bring_back(doctor_id: UUID, *, by: User) -> None:
    """Raises MovedOn unless they are suspended."""
    take(doctor_id, DoctorState.ACTIVE, [DoctorState.SUSPENDED])
    note(Action.CHANGED, "bring_back_doctor", by=by, of=[doctor_id])


def take(doctor_id: UUID, to: DoctorState, only_from: list[DoctorState]) -> None:
    """One step, from where they stand now. Raises MovedOn if that is none of these."""
    here = Doctor.objects.filter(pk=doctor_id, state__in=only_from)
    if not here.update(state=to):
        raise MovedOn
