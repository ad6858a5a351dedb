"""Sealed fields: health data encrypted before it reaches the database.

AES-256-GCM. The text carries the id of its key, so keys can be rotated, and is bound to table, row and
field, so that no ciphertext can be moved to where somebody else would read it.
"""

import base64
import hashlib
import hmac
import os
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import models

NONCE_BYTES = 12


class CannotUnseal(Exception):
    """The key is missing, or the text was changed or moved. Nothing of it is told."""


@lru_cache(maxsize=16)
def _cipher(key: str) -> AESGCM:
    return AESGCM(hashlib.sha256(b"clinicall field " + key.encode()).digest())


@lru_cache(maxsize=16)
def key_id(key: str) -> str:
    """Tells keys apart without telling them: eight hex digits."""
    return hashlib.sha256(b"clinicall key id " + key.encode()).hexdigest()[:8]


def seal(text: str, *, place: str) -> str:
    """`text` encrypted with the first of FIELD_KEYS; `place` is `table:row:field`."""
    key = settings.FIELD_KEYS[0]
    nonce = os.urandom(NONCE_BYTES)
    sealed = nonce + _cipher(key).encrypt(nonce, text.encode(), place.encode())
    return f"{key_id(key)}.{base64.urlsafe_b64encode(sealed).decode()}"


def unseal(sealed: str, *, place: str) -> str:
    """The text again. Raises CannotUnseal for a lost key or a text that was changed or moved."""
    name, _, body = sealed.partition(".")
    for key in settings.FIELD_KEYS:
        if key_id(key) == name:
            raw = base64.urlsafe_b64decode(body)
            try:
                return (
                    _cipher(key)
                    .decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], place.encode())
                    .decode()
                )
            except InvalidTag:
                break
    raise CannotUnseal(place)


def blind_index(text: str, *, field: str) -> str:
    """What an exact search for `text` compares, written with the first of FIELD_KEYS: 32 hex digits of a
    keyed hash, because a plain one of a phone number is guessed in minutes."""
    return blind_indexes(text, field=field)[0]


def blind_indexes(text: str, *, field: str) -> list[str]:
    """The same for each of FIELD_KEYS, to search also what was written with an older one."""
    return [
        hmac.digest(
            b"clinicall blind index " + key.encode(), f"{field}:{text}".encode(), "sha256"
        ).hex()[:32]
        for key in settings.FIELD_KEYS
    ]


def place_of(model: type[models.Model], row: object, field: str) -> str:
    return f"{model._meta.db_table}:{row}:{field}"  # noqa: SLF001 (Django documents _meta)


def readable(row: models.Model, name: str) -> str | None:
    """The sealed field's text for whoever shows it; None where it cannot be read, which hides no other."""
    try:
        text: str = getattr(row, name)
    except CannotUnseal:
        return None
    return text


class Sealed:
    """The open view of a model's `<name>_sealed` column: reads and writes plain text, "" when empty."""

    def __set_name__(self, owner: type[models.Model], name: str) -> None:
        self.name = name

    def __get__(self, row: models.Model | None, owner: type[models.Model]) -> str:
        if row is None:
            raise AttributeError(f"{self.name} is sealed; it cannot be asked of a table")
        sealed = getattr(row, f"{self.name}_sealed")
        return unseal(sealed, place=place_of(owner, row.pk, self.name)) if sealed else ""

    def __set__(self, row: models.Model, text: str) -> None:
        sealed = seal(text, place=place_of(type(row), row.pk, self.name)) if text else ""
        setattr(row, f"{self.name}_sealed", sealed)
