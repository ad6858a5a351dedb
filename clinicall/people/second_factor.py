"""The second factor: who must have one, and its secrets, sealed in the database."""

from typing import Any

import qrcode
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from qrcode.image.svg import SvgPathFillImage

from clinicall.people.models import Role, User
from clinicall.records.rotating import Rotated, is_old
from clinicall.records.sealed import CannotUnseal, seal, unseal

# allauth seals before it knows the row.
PLACE = "mfa_authenticator:any:data"
# Their password is public, so production refuses them; a second factor would be public too.
DEMO_DOMAIN = "@demo.example"
# Recovery codes are what is left when one of these is lost.
FACTORS = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]


def must_have_one(person: User) -> bool:
    """Whoever sees other people's data, but for the accounts of the demo."""
    return (
        settings.REQUIRE_SECOND_FACTOR
        and person.role != Role.PATIENT
        and not person.email.endswith(DEMO_DOMAIN)
    )


def is_missing(person: User) -> bool:
    """Whether this person may do nothing yet but set up a second factor."""
    return must_have_one(person) and not _factors(person).exists()


def stands_beside_the_password(person: User) -> bool:
    """Whether a password is not enough to sign in, or will not be before anything else is possible."""
    return must_have_one(person) or _factors(person).exists()


def may_lose(*factors: Authenticator) -> bool:
    """Not the last ones of an account that must have one; all are of one person."""
    person, lost = factors[0].user, [factor.pk for factor in factors]
    return not must_have_one(person) or _factors(person).exclude(pk__in=lost).exists()


def _factors(person: User) -> models.QuerySet[Authenticator]:
    factors: models.QuerySet[Authenticator] = Authenticator.objects.filter(user=person)
    return factors.filter(type__in=FACTORS)


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    # What allauth says in other words, with the next step.
    error_messages = DefaultMFAAdapter.error_messages | {
        "cannot_delete_authenticator": gettext_lazy(
            "Your account must have a second step. Add another one first."
        ),
        "incorrect_code": gettext_lazy(
            "This code is not right, or it was used before. Wait for the next one."
        ),
        "unverified_email": gettext_lazy("Confirm your email first; then come back."),
    }

    def encrypt(self, text: str) -> str:
        return seal(text, place=PLACE)

    def decrypt(self, encrypted_text: str) -> str:
        return unseal(encrypted_text, place=PLACE)

    def build_totp_svg(self, url: str) -> str:
        """An element for the page itself, on white also where the page is dark."""
        picture: str = qrcode.make(url, image_factory=SvgPathFillImage).to_string(
            encoding="unicode"
        )
        return picture

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:  # noqa: A002
        number = Authenticator.objects.filter(user=user, type=type).count() + 1
        return _("Passkey %(number)s") % {"number": number}

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        return may_lose(authenticator)


# What allauth hands to `encrypt`, by where it keeps it; a passkey has no secret of ours.
SECRETS = ("secret", "seed")


def rotate_secrets() -> Rotated:
    """Like `records.rotating.rotate`, for the secrets of second factors."""
    done = Rotated()
    for one in with_an_old_key():
        try:
            fresh = one.data | {
                name: _written_again(one.data[name]) for name in _old_ones(one.data)
            }
        except CannotUnseal:
            done.unreadable += 1
            continue
        as_read = Authenticator.objects.filter(pk=one.pk, data=one.data)
        done.rows += as_read.update(data=fresh)
    return done


def with_an_old_key() -> list[Authenticator]:
    """There are few: one or two for each person of the clinic."""
    return [one for one in Authenticator.objects.order_by("pk") if _old_ones(one.data)]


def _old_ones(data: dict[str, Any]) -> list[str]:
    return [name for name in SECRETS if is_old(data.get(name, ""))]


def _written_again(sealed: str) -> str:
    return seal(unseal(sealed, place=PLACE), place=PLACE)
