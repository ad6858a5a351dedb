"""What a visitor without an account holds. Their session remembers which appointment it is, and no more;
the code that proves the address it was made with is mailed to them."""

from datetime import timedelta
from uuid import UUID

from allauth.account.internal.flows.login_by_code import LoginCodeVerificationProcess
from allauth.core import ratelimit
from django.http import HttpRequest

from clinicall.booking import guests
from clinicall.booking.holds import Once, Wish
from clinicall.booking.models import Appointment
from clinicall.core import clock
from clinicall.core.refusals import SlowDown
from clinicall.people.unproven import account_of
from clinicall.web.standing import Standing

HELD = "held"
# Other people may use the browser too, and the form is filled in again from what it remembers.
REMEMBERED_FOR = timedelta(hours=1)
A_MINUTE = 60  # seconds: the shorter of the two windows; allauth does not tell which is full


def hold(request: HttpRequest, wish: Wish, *, provider: str, once: Once) -> UUID:
    """For this visitor, in place of what they held before. Raises what `hold_as_guest` raises, and
    SlowDown where the address has been mailed too many codes already."""
    before = held_by(request)
    if before and before.appointment.patient_id == guests.guest_id(once):
        # Sent twice, the first code counts.
        return guests.hold_as_guest(wish, provider=provider, once=once)
    count_code(request, wish.email)
    if before:
        guests.let_go(before.appointment.pk)
    made = guests.hold_as_guest(wish, provider=provider, once=once)
    request.session[HELD] = str(made)
    account = account_of(wish.email)
    LoginCodeVerificationProcess.initiate(request=request, user=account, email=wish.email)
    return made


def count_code(request: HttpRequest, email: str) -> None:
    """As one to sign in with, which it is: anybody may write anybody's address. Raises SlowDown."""
    if not ratelimit.consume(request, action="request_login_code", key=email.lower()):
        raise SlowDown(A_MINUTE)


def held_by(request: HttpRequest) -> Standing | None:
    """What this visitor has held last and not claimed yet, whether or not they still hold it."""
    if HELD not in request.session:
        return None
    now = clock.now()
    appointments = Appointment.objects.filter(
        pk=request.session[HELD], patient__guest=True, created_at__gt=now - REMEMBERED_FOR
    )
    related = ("patient__user", "slot", "payment", "doctor__clinic", "doctor__specialization")
    found = appointments.select_related(*related).first()
    return Standing(found, found.patient.user, now) if found else None


def forget(request: HttpRequest) -> None:
    request.session.pop(HELD, None)
