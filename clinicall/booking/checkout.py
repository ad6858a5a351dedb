"""Paying: commit the intent, talk to the provider with no transaction open, commit the outcome.

This file has the first two beats, and settling.py the third.
"""

from contextlib import suppress
from uuid import UUID

from django.conf import settings
from django.core.signing import Signer
from django.db import transaction

from clinicall.booking.holds import Once, Wish, hold_slot, retried
from clinicall.booking.models import Appointment
from clinicall.booking.states import Status
from clinicall.booking.steps import confirm
from clinicall.core.clock import now as clinic_now
from clinicall.core.money import Money
from clinicall.core.prepared import execute, fetch
from clinicall.payments.gateway import Gateway, GatewayDown
from clinicall.people.models import Patient, Role, User
from clinicall.video.provider import VideoLine

# SQL, as every booking asks it (docs/decisions/0032-what-every-booking-asks.md).
TO_BE_PAID = """
select p.id, p.amount, p.currency, a.held_until
from booking_appointment a
join payments_payment p on p.id = a.payment_id
join people_patient patient on patient.user_id = a.patient_id
where a.id = %s and a.status = 'pending' and a.held_until > clinic_now() and p.state = 'created'
  and not patient.guest
"""

# A message about this page may have come before us, and then we know its name already.
OPENED = """
update payments_payment set state = 'pending', provider_ref = %(page)s, checkout_url = %(url)s
where id = %(payment)s and state = 'created' and (provider_ref is null or provider_ref = %(page)s)
"""

# Signs the address to which a provider sends a payer who turned back without paying.
unpaid = Signer(salt="clinicall.booking.unpaid")


def book(
    wish: Wish,
    patient: Patient,
    *,
    gateway: Gateway | None,
    line: VideoLine,
    once: Once | None = None,
    by: User | None = None,
) -> UUID:
    """Hold the slot and open its payment, or confirm it when the visit is free; answers the id.

    `once` and `by` are those of `hold_slot`, and it raises what that raises. A provider that is down
    refuses nothing: the slot is held, and the payment opens when it is next asked for.
    """
    provider = gateway.name if gateway else "none"
    appointment_id = hold_slot(wish, patient, provider=provider, once=once, by=by)
    go_on(appointment_id, gateway=gateway, line=line, by=by)
    return appointment_id


def go_on(
    appointment_id: UUID, *, gateway: Gateway | None, line: VideoLine, by: User | None = None
) -> None:
    """From the hold to its payment, or to the visit where that is free; not with a guest's. `by` is who
    asks for it where the patient does not."""
    with suppress(GatewayDown):
        if gateway and open_payment(appointment_id, gateway=gateway):
            return
    if Appointment.objects.filter(pk=appointment_id, payment=None).exists():
        retried(lambda: _confirm_free(appointment_id, line, by.role if by else Role.PATIENT))


@transaction.atomic
def _confirm_free(appointment_id: UUID, line: VideoLine, actor: str) -> None:
    appointments = Appointment.objects.select_for_update(of=["self"]).select_related("patient")
    appointment = appointments.get(pk=appointment_id)
    now = clinic_now()
    # A request that comes again after a crash may find a hold that has lapsed.
    held = appointment.status_at(now)[0] == Status.PENDING
    if held and not appointment.patient.guest:
        confirm(appointment, now=now, line=line, actor=actor)


def open_payment(appointment_id: UUID, *, gateway: Gateway) -> bool:
    """Ask the provider for a page to pay on, once, while the hold lasts and is no guest's; whether it is
    to be asked. Raises GatewayDown."""
    found = fetch(TO_BE_PAID, [appointment_id])
    if found is None:
        return False
    reference, amount, currency, held_until = found
    address = f"{settings.SITE_URL}/appointments/{appointment_id}/"
    proof = unpaid.signature(str(appointment_id))
    page = gateway.open(
        reference=reference,
        money=Money(amount, currency),
        return_url=address,
        cancel_url=f"{address}unpaid/?proof={proof}",
        until=held_until,
    )
    execute(OPENED, {"payment": reference, "page": page.provider_ref, "url": page.url})
    return True
