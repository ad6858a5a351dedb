"""Devices from which somebody signed in before. Their tries are counted apart from a stranger's, so that
nobody can lock a person out by guessing wrong in their name.

A cookie with a name of its own for the device, signed together with the e-mail address: it tells
neither, lets nobody in, and counts for that address alone.
"""

import secrets
from typing import Any

from django.conf import settings
from django.core.signing import Signer
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare

from clinicall.people.models import User

AGE = 365 * 24 * 3600  # seconds
signer = Signer(salt="clinicall.people.known_devices")


def known_device(request: HttpRequest, email: str) -> str:
    """The device's name where `email` signed in from it before; else the one of all other devices, ""."""
    name, _, signature = request.COOKIES.get(_cookie(), "").partition(".")
    if constant_time_compare(signature, _signature(name, email)):
        return name
    return ""


def remember(user: User, response: HttpResponse, **_: Any) -> None:
    """Heard from allauth's `user_logged_in`; Django's brings no answer to write in."""
    name = secrets.token_urlsafe(12)
    response.set_cookie(
        _cookie(),
        f"{name}.{_signature(name, user.email)}",
        max_age=AGE,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _signature(name: str, email: str) -> str:
    return signer.signature(f"{name} {email.lower()}")


def _cookie() -> str:
    return "__Host-device" if settings.SESSION_COOKIE_SECURE else "device"
