"""What makes a password good enough: its length and that nobody would guess it first (NIST SP 800-63B-4,
3.1.1.2). No rules about digits and signs, and none about changing it."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clinicall.people import second_factor
from clinicall.people.models import User

ALONE = 15  # characters, where the password is all there is
WITH_A_FACTOR = 8
# Hashing takes time for each of them.
LONGEST = 4096  # bytes in UTF-8


def shortest_for(user: User | None) -> int:
    """In characters."""
    is_backed = user is not None and second_factor.stands_beside_the_password(user)
    return WITH_A_FACTOR if is_backed else ALONE


class LengthValidator:
    def validate(self, password: str, user: User | None = None) -> None:
        """Raises ValidationError."""
        shortest = shortest_for(user)
        if len(password) < shortest:
            raise ValidationError(
                ngettext(
                    "Use at least %(shortest)s character.",
                    "Use at least %(shortest)s characters.",
                    shortest,
                )
                % {"shortest": shortest},
                code="password_too_short",
            )
        if len(password.encode()) > LONGEST:
            raise ValidationError(_("Use a shorter password."), code="password_too_long")

    def get_help_text(self) -> str:
        return _(
            "At least %(alone)s characters, or %(with_a_factor)s where signing in has a second step. Three "
            "or four words that only you would put together are a good choice."
        ) % {"alone": ALONE, "with_a_factor": WITH_A_FACTOR}


class NotTheClinicValidator:
    """The clinic's name, with a few signs around it, is what many people would try first."""

    def validate(self, password: str, user: User | None = None) -> None:  # noqa: ARG002
        """Raises ValidationError."""
        name, bare = _bare(settings.CLINIC_NAME), _bare(password)
        if name and name in bare and len(bare.replace(name, "")) < WITH_A_FACTOR:
            raise ValidationError(
                _("This is too much like the clinic's name."), code="password_too_similar"
            )

    def get_help_text(self) -> str:
        return _("Not your email, nor the clinic's name.")


def _bare(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())
