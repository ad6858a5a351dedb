"""A database belongs to the keys it was written with: with others, people would be signed out and
sealed fields unreadable, so a server with others does not start."""

import hashlib

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from clinicall.records.models import KeyFingerprint
from clinicall.records.sealed import key_id


def claim_database() -> None:
    """Remember our keys on the first start. Raises ImproperlyConfigured when they are others."""
    for name, known in (
        ("SECRET_KEY", [hashlib.sha256(b"clinicall " + settings.SECRET_KEY.encode()).hexdigest()]),
        ("FIELD_KEY", [key_id(key) for key in settings.FIELD_KEYS]),
    ):
        kept, _ = KeyFingerprint.objects.get_or_create(
            name=name, defaults={"fingerprint": known[0]}
        )
        if kept.fingerprint not in known:
            raise ImproperlyConfigured(
                f"{name} is not the one this database was written with. Start with that key"
                " (it lies in the data folder, or where you set it), or with another database."
            )
