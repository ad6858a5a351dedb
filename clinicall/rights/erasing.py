"""Erasing a patient: what they told us goes; what money and the clinic's own record need stays, nameless.

One commit shuts the account. Then each appointment is cancelled and wiped in a commit of its own, and the
account last. The clock does it all once more a little later, for what a request that was on its way still
wrote, and for a run that died half-way; repeating it changes nothing.
"""

from datetime import timedelta
from uuid import UUID

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from clinicall.booking import ending, wiping
from clinicall.booking.ending import NotPossibleNow
from clinicall.booking.models import Appointment, room_closed
from clinicall.booking.states import UNFINISHED, CancelReason, Status
from clinicall.consultation.models import DeviceCheck
from clinicall.core.clock import now as clinic_now
from clinicall.messages.models import OutboxMail
from clinicall.payments.gateway import GatewayFor
from clinicall.people.models import Role, User
from clinicall.people.signed_in_elsewhere import end_everywhere
from clinicall.records import audit
from clinicall.records.models import Action, IdempotencyKey
from clinicall.records.sealed import readable
from clinicall.rights.models import Erasure
from clinicall.video.provider import VideoLine

# Nobody erases an account from under a visit; and its doctor shall not wait for someone who is gone.
NOT_SO_SHORTLY_BEFORE = timedelta(minutes=10)
# No request is on its way for longer.
NOTHING_MORE_AFTER = timedelta(minutes=2)


def erase(
    person: User, *, gateway_for: GatewayFor, line: VideoLine, by: User | None = None
) -> None:
    """Erase this patient for good; `by` is None when the operator does it.

    Visits to come are cancelled, and their money goes back as the clinic promised at booking. Raises
    NotPossibleNow while a visit of theirs is on or about to be; then nothing has changed.
    """
    _begin(person.pk, by)
    finish(person.pk, gateway_for=gateway_for, line=line)


def unfinished() -> list[UUID]:
    """Whose erasing was begun and not ended."""
    return list(Erasure.objects.filter(finished_at=None).values_list("pk", flat=True))


@transaction.atomic
def _begin(person_id: UUID, by: User | None) -> None:
    person = User.objects.select_for_update().get(pk=person_id, role=Role.PATIENT)
    now = clinic_now()
    visits = Appointment.objects.filter(patient=person_id, status=Status.CONFIRMED)
    near = visits.filter(starts_at__lte=now + NOT_SO_SHORTLY_BEFORE)
    if near.exclude(room_closed(now)).exists():
        raise NotPossibleNow(_("A visit of yours is on, or about to be. Come back after it."))
    _erasure, is_new = Erasure.objects.get_or_create(pk=person_id, defaults={"begun_at": now})
    if is_new:
        audit.note(Action.ERASED, "account", by=by, of=[person_id])
    person.is_active = False
    person.set_unusable_password()
    person.save()
    end_everywhere(person_id)


def finish(person_id: UUID, *, gateway_for: GatewayFor, line: VideoLine) -> None:
    """Go on from wherever the erasing of this person stopped."""
    person = User.objects.get(pk=person_id)
    appointments = Appointment.objects.filter(patient=person_id)
    still_to_come = appointments.filter(status__in=UNFINISHED, starts_at__gt=clinic_now())
    for appointment in still_to_come:
        ending.cancel(
            appointment.pk,
            by=person,
            gateway_for=gateway_for,
            line=line,
            why=CancelReason.ACCOUNT_ERASED,
        )
    for appointment in appointments:
        if phone := readable(appointment, "phone"):
            OutboxMail.objects.filter(to=phone).delete()
        wiping.wipe(appointment.pk)
    _wipe_account(person)


@transaction.atomic
def _wipe_account(person: User) -> None:
    addresses = EmailAddress.objects.filter(user=person)
    known = [person.email, *addresses.values_list("email", flat=True)]
    to_them = Q()
    for address in known:
        to_them |= Q(to__iexact=address)
    OutboxMail.objects.filter(to_them).delete()
    for of_theirs in (
        addresses,
        Authenticator.objects.filter(user=person),
        UserSession.objects.filter(user=person),
        DeviceCheck.objects.filter(user=person),
        IdempotencyKey.objects.filter(user=person),
    ):
        of_theirs.delete()
    person.email = f"{person.pk}@erased.invalid"
    person.first_name = person.last_name = person.timezone = person.language = ""
    person.last_login = None
    person.save()
    now = clinic_now()
    begun = Erasure.objects.filter(pk=person.pk, begun_at__lte=now - NOTHING_MORE_AFTER)
    begun.update(finished_at=now)
