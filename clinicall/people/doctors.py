"""How far a doctor has come with the clinic: from an application or an invitation to the day they leave."""

from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from clinicall.core.refusals import Refusal
from clinicall.people.models import Doctor, DoctorState, Role, User
from clinicall.records.audit import note
from clinicall.records.models import Action


class MovedOn(Refusal):
    """Somebody else has taken a step with this doctor meanwhile."""

    code, title = "not_possible_now", "This doctor’s state has changed meanwhile"


def overseen_by(user: User) -> QuerySet[Doctor]:
    """The doctors whom this account may admit, edit and let go: staff their clinic's, an admin all."""
    doctors = Doctor.objects.select_related("user", "clinic", "specialization")
    if user.role == Role.ADMIN:
        return doctors
    if user.role == Role.STAFF:
        return doctors.filter(clinic=user.clinic_id)
    return doctors.none()


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
