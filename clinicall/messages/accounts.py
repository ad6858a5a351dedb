"""Letters about an account: an invitation, and what became of an application.

None of them says anything about a patient, and each answers whether the mail was taken.
"""

from django.conf import settings
from django.urls import reverse

from clinicall.messages.mail import mailed
from clinicall.people.inviting import one_time_link
from clinicall.people.models import Doctor, User

LETTER = "a letter about an account"

INVITED = """\
{clinic} has made an account for you. Choose your password here:

{link}

The link works once and for {days} days. If you did not expect this, do nothing.

{clinic}
"""
APPROVED = """\
{clinic} has looked at your application and welcomes you. Sign in to publish the hours in which patients can \
book you:

{address}

{clinic}
"""
DECLINED = """\
{clinic} has looked at your application and cannot take it up. The account made for it is closed. If you \
have questions, ask the clinic.

{clinic}
"""
CODE = """\
Somebody, probably you, applies as a doctor with this address. Enter this code on the page that asks for it:

{code}

It works for {minutes} minutes. If it was not you, do nothing.

{clinic}
"""
FACTORS_TAKEN_AWAY = """\
The second step of your account was taken away by those who run {clinic}, and you are signed out everywhere. \
At your next sign-in you set up another.

If you did not ask for this, tell the clinic at once.

{clinic}
"""
ALREADY_HERE = """\
Somebody, probably you, wanted to apply as a doctor with this address. It has an account already, and one \
account cannot be both a patient’s and a doctor’s. To apply, use another address.

If it was not you, do nothing.

{clinic}
"""


def send_factors_taken_away(user: User) -> bool:
    clinic = _clinic_of(user)
    body = FACTORS_TAKEN_AWAY.format(clinic=clinic)
    return mailed(LETTER, to=user.email, subject="Your second step was taken away", body=body)


def send_invitation(user: User) -> bool:
    days = settings.PASSWORD_RESET_TIMEOUT // (24 * 3600)
    clinic = _clinic_of(user)
    body = INVITED.format(clinic=clinic, link=one_time_link(user), days=days)
    return mailed(LETTER, to=user.email, subject=f"Your account at {clinic}", body=body)


def send_approval(doctor: Doctor) -> bool:
    clinic = doctor.clinic.name
    body = APPROVED.format(clinic=clinic, address=settings.SITE_URL + reverse("account_login"))
    return mailed(LETTER, to=doctor.user.email, subject=f"Welcome to {clinic}", body=body)


def send_declined(doctor: Doctor) -> bool:
    clinic = doctor.clinic.name
    body = DECLINED.format(clinic=clinic)
    return mailed(LETTER, to=doctor.user.email, subject=f"Your application to {clinic}", body=body)


def send_application_code(email: str, code: str, *, minutes: int) -> bool:
    body = CODE.format(code=code, minutes=minutes, clinic=settings.CLINIC_NAME)
    return mailed(LETTER, to=email, subject="Your code", body=body)


def send_no_application(email: str) -> bool:
    body = ALREADY_HERE.format(clinic=settings.CLINIC_NAME)
    return mailed(LETTER, to=email, subject="Your application as a doctor", body=body)


def _clinic_of(user: User) -> str:
    """An admin belongs to none."""
    return user.clinic.name if user.clinic else settings.CLINIC_NAME
