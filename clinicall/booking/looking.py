"""Looking at one appointment, with its payment and what of that was given back."""

from datetime import datetime
from uuid import UUID

from clinicall.booking.models import Appointment
from clinicall.core.prepared import columns_of, fetch, made_of_each
from clinicall.core.refusals import NotFound
from clinicall.payments.models import Payment, Refund
from clinicall.people.models import User

# SQL, as every booking asks it (docs/decisions/0032-what-every-booking-asks.md).
LOOK = f"""
select clinic_now(), {columns_of(Appointment, "a")}, {columns_of(Payment, "p")}, {columns_of(Refund, "r")}
from booking_appointment a
left join payments_payment p on p.id = a.payment_id
left join payments_refund r on r.payment_id = p.id
where a.id = %s
"""  # noqa: S608 (all text of ours)


def look_at(appointment_id: UUID, *, by: User) -> tuple[Appointment, datetime]:
    """As it is, and the clinic's instant (UTC) at which it is so. Raises NotFound where it does not exist
    for them."""
    row = fetch(LOOK, [appointment_id])
    if row is None:
        raise NotFound
    now, *values = row
    appointment, payment, refund = made_of_each((Appointment, Payment, Refund), values)
    appointment.payment = payment
    if payment:
        Payment._meta.get_field("refund").set_cached_value(payment, refund)  # noqa: SLF001 (Django documents _meta)
    if not appointment.is_visible_to(by):
        raise NotFound
    return appointment, now
