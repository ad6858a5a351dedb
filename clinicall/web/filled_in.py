"""What people fill in, checked by booking's rules and refused in a form's way."""

from collections.abc import Callable

from django.forms import ValidationError

from clinicall.booking.particulars import NotUsable


def usable(check: Callable[[str], str], text: str) -> str:
    """As it is kept. Raises ValidationError in the words of the check."""
    try:
        return check(text)
    except NotUsable as error:
        raise ValidationError(str(error), code=error.code) from error
