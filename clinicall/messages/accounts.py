"""Letters about an account: an invitation, and what became of an application.

None of them says anything about a patient, and each answers whether the mail was taken.
"""

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clinicall.messages.mail import mailed
from clinicall.people.inviting import one_time_link
from clinicall.people.models import Doctor, User

LETTER = "a letter about an account"


def send_factors_taken_away(user: User) -> bool:
    clinic = _clinic_of(user)
    body = _letter(
        _(
            "The second step of your account was taken away by those who run %(clinic)s, and you are signed "
            "out everywhere. At your next sign-in you set up another."
        )
        % {"clinic": clinic},
        _("If you did not ask for this, tell the clinic at once."),
        clinic,
    )
    return mailed(LETTER, to=user.email, subject=_("Your second step was taken away"), body=body)


def send_invitation(user: User) -> bool:
    days = settings.PASSWORD_RESET_TIMEOUT // (24 * 3600)
    clinic = _clinic_of(user)
    body = _letter(
        _("%(clinic)s has made an account for you. Choose your password here:")
        % {"clinic": clinic},
        one_time_link(user),
        ngettext(
            "The link works once and for %(days)s day. If you did not expect this, do nothing.",
            "The link works once and for %(days)s days. If you did not expect this, do nothing.",
            days,
        )
        % {"days": days},
        clinic,
    )
    subject = _("Your account at %(clinic)s") % {"clinic": clinic}
    return mailed(LETTER, to=user.email, subject=subject, body=body)


def send_approval(doctor: Doctor) -> bool:
    clinic = doctor.clinic.name
    body = _letter(
        _(
            "%(clinic)s has looked at your application and welcomes you. Sign in to publish the hours in "
            "which patients can book you:"
        )
        % {"clinic": clinic},
        settings.SITE_URL + reverse("account_login"),
        clinic,
    )
    subject = _("Welcome to %(clinic)s") % {"clinic": clinic}
    return mailed(LETTER, to=doctor.user.email, subject=subject, body=body)


def send_declined(doctor: Doctor) -> bool:
    clinic = doctor.clinic.name
    body = _letter(
        _(
            "%(clinic)s has looked at your application and cannot take it up. The account made for it is "
            "closed. If you have questions, ask the clinic."
        )
        % {"clinic": clinic},
        clinic,
    )
    subject = _("Your application to %(clinic)s") % {"clinic": clinic}
    return mailed(LETTER, to=doctor.user.email, subject=subject, body=body)


def send_application_code(email: str, code: str, *, minutes: int) -> bool:
    body = _letter(
        _(
            "Somebody, probably you, applies as a doctor with this address. Enter this code on the page that "
            "asks for it:"
        ),
        code,
        ngettext(
            "It works for %(minutes)s minute. If it was not you, do nothing.",
            "It works for %(minutes)s minutes. If it was not you, do nothing.",
            minutes,
        )
        % {"minutes": minutes},
        settings.CLINIC_NAME,
    )
    return mailed(LETTER, to=email, subject=_("Your code"), body=body)


def send_no_application(email: str) -> bool:
    body = _letter(
        _(
            "Somebody, probably you, wanted to apply as a doctor with this address. It has an account "
            "already, and one account cannot be both a patient’s and a doctor’s. To apply, use another "
            "address."
        ),
        _("If it was not you, do nothing."),
        settings.CLINIC_NAME,
    )
    return mailed(LETTER, to=email, subject=_("Your application as a doctor"), body=body)


def _letter(*paragraphs: str) -> str:
    return "\n\n".join(paragraphs) + "\n"


def _clinic_of(user: User) -> str:
    """An admin belongs to none."""
    return user.clinic.name if user.clinic else settings.CLINIC_NAME
