"""Rotating the key of sealed fields: what an older key wrote is written again with the first.

Any number of times and at any moment: a row is written only if it still says what was read, and what is
written already is passed over, so it goes on where it was stopped.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.models import Q

from clinicall.records.models import KeyFingerprint
from clinicall.records.sealed import (
    CannotUnseal,
    Sealed,
    blind_index,
    key_id,
    place_of,
    seal,
    unseal,
)

BATCH = 200  # rows that are read at once; each is written by itself, and locks nothing else


@dataclass
class Rotated:
    """How many rows were written again, and how many nobody could read: their key is not among ours, or
    they were changed."""

    rows: int = 0
    unreadable: int = 0


def is_old(sealed: str) -> bool:
    """Sealed with another key than the one that writes now."""
    return bool(sealed) and not sealed.startswith(f"{key_id(settings.FIELD_KEYS[0])}.")


def models_with_sealed_fields() -> list[type[models.Model]]:
    return [model for model in apps.get_models() if sealed_fields(model)]


def sealed_fields(model: type[models.Model]) -> list[str]:
    parts = [part for one in model.__mro__ for part in vars(one).values()]
    return sorted(part.name for part in parts if isinstance(part, Sealed))


def rotate(model: type[models.Model]) -> Rotated:
    """All rows of this table, with the blind index `<name>_index` of a field that has one."""
    done = Rotated()
    for values in _old_rows(model):
        try:
            fresh = _written_again(model, values)
        except CannotUnseal:
            done.unreadable += 1
            continue
        done.rows += model._default_manager.filter(**values).update(**fresh)  # noqa: SLF001 (documented)
    return done


def rows_left(model: type[models.Model]) -> int:
    """That an older key, or one nobody knows, has written."""
    return model._default_manager.filter(_with_an_old_key(model)).count()  # noqa: SLF001 (documented)


def _with_an_old_key(model: type[models.Model]) -> Q:
    new = f"{key_id(settings.FIELD_KEYS[0])}."
    found = Q()
    for name in sealed_fields(model):
        found |= ~Q(**{f"{name}_sealed": ""}) & ~Q(**{f"{name}_sealed__startswith": new})
    return found


def _old_rows(model: type[models.Model]) -> Iterator[dict[str, Any]]:
    """The sealed columns of each row, in the order of their ids."""
    columns = [f"{name}_sealed" for name in sealed_fields(model)]
    old = model._default_manager.filter(_with_an_old_key(model)).order_by("pk")  # noqa: SLF001 (documented)
    batch = list(old.values("pk", *columns)[:BATCH])
    while batch:
        yield from batch
        batch = list(old.filter(pk__gt=batch[-1]["pk"]).values("pk", *columns)[:BATCH])


def _written_again(model: type[models.Model], values: dict[str, Any]) -> dict[str, str]:
    """Raises CannotUnseal."""
    columns = {field.name for field in model._meta.get_fields()}  # noqa: SLF001 (documented)
    fresh = {}
    for name in sealed_fields(model):
        sealed = values[f"{name}_sealed"]
        if not is_old(sealed):
            continue
        place = place_of(model, values["pk"], name)
        text = unseal(sealed, place=place)
        fresh[f"{name}_sealed"] = seal(text, place=place)
        if f"{name}_index" in columns:
            fresh[f"{name}_index"] = blind_index(text, field=name)
    return fresh


def until_nothing_is_left(rotate_once: Callable[[], Rotated]) -> Rotated:
    """What was changed between being read and written is read again; who is still writing with the older
    key is waited for by nobody."""
    whole = Rotated()
    while True:
        part = rotate_once()
        whole.rows, whole.unreadable = whole.rows + part.rows, part.unreadable
        if not part.rows:
            return whole


def remember_the_first_key() -> None:
    """From now on the database belongs to it, and needs no other."""
    fingerprint = key_id(settings.FIELD_KEYS[0])
    KeyFingerprint.objects.update_or_create(name="FIELD_KEY", defaults={"fingerprint": fingerprint})
