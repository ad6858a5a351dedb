"""What staff are told of money. A builtin of every template."""

from django import template

from clinicall.booking.models import Appointment
from clinicall.booking.unsettled import appointment_of, unsettled
from clinicall.core import clock
from clinicall.payments.models import Payment
from clinicall.people.models import User

register = template.Library()


@register.filter
def things_for_a_person(reader: User) -> int:
    """How many on their Money page wait for somebody to do something, as far as anybody was told."""
    return unsettled(reader, now=clock.now()).told_to_a_person


@register.filter
def appointment_paid_for(payment: Payment) -> Appointment | None:
    return appointment_of(payment)
