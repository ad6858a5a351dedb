"""The secret address of a doctor's calendar feed: made, renewed, taken back, and whose it is."""

import secrets
from hashlib import sha256

from clinicall.core.clock import now as clinic_now
from clinicall.people.models import CalendarFeed, Doctor, DoctorState

# The others have no visits to come, or are not to hear of them.
READ_BY = (DoctorState.ACTIVE, DoctorState.LEAVING)


def renew(doctor: Doctor, *, shows_initials: bool) -> str:
    """The token of their only feed, told this once; one of before opens nothing any more."""
    token = secrets.token_urlsafe(32)
    CalendarFeed.objects.update_or_create(
        doctor=doctor,
        defaults={
            "token_hash": _hashed(token),
            "shows_initials": shows_initials,
            "made_at": clinic_now(),
        },
    )
    return token


def say(feed: CalendarFeed, *, shows_initials: bool) -> None:
    """Something else, under the same address."""
    feed.shows_initials = shows_initials
    feed.save(update_fields=["shows_initials"])


def revoke(doctor: Doctor) -> None:
    CalendarFeed.objects.filter(doctor=doctor).delete()


def opened_by(token: str) -> CalendarFeed | None:
    feeds = CalendarFeed.objects.select_related("doctor__clinic", "doctor__user")
    seeing = feeds.filter(doctor__state__in=READ_BY, doctor__user__is_active=True)
    return seeing.filter(token_hash=_hashed(token)).first()


def _hashed(token: str) -> str:
    """Nobody can guess one of 256 random bits, so it needs neither salt nor a slow hash."""
    return sha256(token.encode()).hexdigest()
